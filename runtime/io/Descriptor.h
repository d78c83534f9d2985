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
  /// Closes now, so that a late write error is seen. -1 and errno on failure. A signal that
  /// interrupts the call is none: the descriptor is gone all the same.
  int close() {
    int closed = systemCalls().close(release());
    return closed == -1 && errno == EINTR ? 0 : closed;
  }

private:
  int fd;
};

/// Repeats a call that a signal interrupted; gives up when that never ends. Not for fsync: after
/// one that failed, for whatever reason, no later one says what became of the bytes.
template <typename Call>
auto retry(Call call) {
  constexpr int kMostInterruptions = 100;
  auto result = call();
  for (int i = 0; i < kMostInterruptions && result == -1 && errno == EINTR; ++i)
    result = call();
  return result;
}

/// "cannot <verb> '<path>': <what the code means>".
Error failure(int code, const char *verb, const std::string &path);

/// "cannot <verb> '<path>': <reason>", for what no errno says.
Error failure(int code, const char *verb, const std::string &path, const char *reason);

/// Why what is not a regular file is refused.
Error notRegular(mode_t mode, const char *verb, const std::string &path);

/// Writes all of `bytes` where the file is, or from its start on; `path` is for messages.
Status writeAll(const Descriptor &file, const std::string &path, std::string_view bytes);
Status writeAllAtStart(const Descriptor &file, const std::string &path, std::string_view bytes);

/// The part of a path before its last name; "." when there is none.
std::string parentOf(const std::string &path);

/// Opens a directory to list or sync it; none and errno on failure.
Descriptor openDirectory(const std::string &path);

/// Syncs an open directory; `path` is for messages.
Status syncDirectory(const Descriptor &directory, const std::string &path);

} // namespace ccm::io
