// SPDX-License-Identifier: Apache-2.0
// Keeps signals that end a process from ending it halfway.
#pragma once

#include <csignal>
#include <initializer_list>

namespace ccm::io {

/// Holds SIGINT, SIGTERM and SIGHUP back from this thread for as long as it lives.
class SignalsHeld {
public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (int signal : {SIGINT, SIGTERM, SIGHUP})
      sigaddset(&held, signal);
    pthread_sigmask(SIG_BLOCK, &held, &before);
  }
  SignalsHeld(const SignalsHeld &) = delete;
  SignalsHeld &operator=(const SignalsHeld &) = delete;
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }

private:
  sigset_t before;
};

} // namespace ccm::io
