// SPDX-License-Identifier: Apache-2.0
// The terminal, the pipe, and the signals of ccm-run.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ccm::run {

namespace {

std::atomic<bool> stopRequested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void exitNow(int) { _exit(kInterrupted); }

void requestStop(int) {
  if (stopRequested.exchange(true))
    _exit(kInterrupted);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  // A read or write under way goes on: only the flag is to be seen.
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

} // namespace

bool prepareStreams() {
  const bool hasOutput = fcntl(STDOUT_FILENO, F_GETFD) != -1;
  // Descriptors below 3 that are free would become some data file's.
  int filler = 0;
  do
    filler = memfd_create("closed-stream", 0);
  while (filler >= 0 && filler <= STDERR_FILENO);
  if (filler > STDERR_FILENO)
    close(filler);
  handle(SIGPIPE, SIG_IGN);
  return hasOutput;
}

void exitOnSignals() {
  handle(SIGINT, exitNow);
  handle(SIGTERM, exitNow);
}

const std::atomic<bool> &stopOnSignals() {
  handle(SIGINT, requestStop);
  handle(SIGTERM, requestStop);
  return stopRequested;
}

void print(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print(const nlohmann::ordered_json &object) {
  print(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

bool finishOutput() { return std::fflush(stdout) == 0 && !std::ferror(stdout); }

bool redrawsErrors() {
  static const bool result = [] {
    const char *kind = std::getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && kind && *kind && std::strcmp(kind, "dumb") != 0;
  }();
  return result;
}

void writeError(const std::string &text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void note(const std::string &line) {
  writeError((redrawsErrors() ? "\r\x1B[K" : "") + line + "\n");
}

std::string digits(double value, int count) {
  if (!std::isfinite(value))
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  char text[64];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::general, count);
  return std::string(text, end);
}

std::string steadyDigits(double value, int count) {
  const double size = std::abs(value);
  if (!(size >= 1e-3 && size < 1e9))
    return digits(value, count);
  const int decimals = std::max(0, count - 1 - int(std::floor(std::log10(size))));
  char text[64];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed, decimals);
  return std::string(text, end);
}

std::string clockTime(double seconds) {
  const int64_t whole = int64_t(std::clamp(seconds, 0.0, 1e9));
  char text[48];
  if (whole >= 3600)
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", (long long)(whole / 3600),
                  (long long)(whole / 60 % 60), (long long)(whole % 60));
  else
    std::snprintf(text, sizeof(text), "%lld:%02lld", (long long)(whole / 60),
                  (long long)(whole % 60));
  return text;
}

} // namespace ccm::run
