// SPDX-License-Identifier: Apache-2.0
// What the files of the io layer share: an owned file descriptor and the wording of failures.
#pragma once

#include "runtime/io/Io.h"
#include "runtime/io/SystemCalls.h"

#include <cerrno>

namespace ccm::io {

/// Owns a file descriptor; negative means none.
class Descriptor {
public:
  explicit Descriptor(int descriptor) : fd(descriptor) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  Descriptor(Descriptor &&other) noexcept : fd(other.release()) {}
  ~Descriptor() {
    if (fd >= 0)
      systemCalls().close(fd);
  }
  explicit operator bool() const { return fd >= 0; }
  int get() const { return fd; }
  /// Gives the descriptor to the caller.
  int release() {
    int given = fd;
    fd = -1;
    return given;
  }
  /// Closes now, so that a late write error is seen. -1 and errno on failure.
  int close() { return systemCalls().close(release()); }

private:
  int fd;
};

/// Repeats a call for as long as a signal interrupts it.
template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR)
    result = call();
  return result;
}

/// "cannot <verb> '<path>': <what the code means>".
Error failure(int code, const char *verb, const std::string &path);

/// "cannot <verb> '<path>': <reason>", for what no errno says.
Error failure(int code, const char *verb, const std::string &path, const char *reason);

/// The part of a path before its last name; "." when there is none.
std::string parentOf(const std::string &path);

/// Syncs a directory so that names created, renamed or removed in it survive a power cut.
Status syncDirectory(const std::string &path);

} // namespace ccm::io
