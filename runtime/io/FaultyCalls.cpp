// SPDX-License-Identifier: Apache-2.0
// Counts the calls of the io layer and makes those fail that a test asked for.
#include "runtime/io/FaultyCalls.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace ccm::io {

namespace {

Fault planned;
const SystemCalls *below = nullptr;
std::atomic<int64_t> made{0};

/// Names of the calls that failed; each is named once.
std::array<std::atomic<const char *>, 32> failed;

void remember(const char *name) {
  for (std::atomic<const char *> &slot : failed) {
    const char *empty = nullptr;
    if (slot.compare_exchange_strong(empty, name) || std::string_view(empty) == name)
      return;
  }
}

/// Counts a call; true where it is to fail.
bool fails(const char *name) {
  int64_t call = made++;
  bool hit = planned.call >= 0 && (planned.onwards ? call >= planned.call : call == planned.call);
  if (!hit)
    return false;
  if (planned.toldOnError && !hasFailed())
    dprintf(STDERR_FILENO, "fault: call %lld, %s\n", static_cast<long long>(call), name);
  remember(name);
  return true;
}

/// A text as an argument of a template.
template <size_t Size>
struct Text {
  char characters[Size];
  consteval Text(const char (&text)[Size]) { std::copy_n(text, Size, characters); }
};

/// A member of the table that fails when asked to and is passed on otherwise.
template <auto Member, Text Name>
struct Call;

template <typename Answer, typename... Arguments, Answer (*SystemCalls::*Member)(Arguments...),
          Text Name>
struct Call<Member, Name> {
  static Answer make(Arguments... arguments) {
    if (planned.code == 0 || !fails(Name.characters))
      return (below->*Member)(arguments...);
    errno = planned.code;
    if constexpr (std::is_same_v<Answer, void *>)
      return MAP_FAILED;
    else if constexpr (std::is_pointer_v<Answer>)
      return nullptr;
    else
      return -1;
  }
};

int closeAndFail(int descriptor) {
  bool failing = planned.code != 0 && fails("close");
  int closed = below->close(descriptor);
  if (!failing)
    return closed;
  errno = planned.code;
  return -1;
}

/// Writes with `put`, which takes a size; fails when asked to, or writes half of it.
template <typename Put>
ssize_t putOrFail(const char *name, size_t size, Put put) {
  bool failing = fails(name);
  if (failing && planned.code != 0) {
    errno = planned.code;
    return -1;
  }
  return put(failing ? std::max<size_t>(size / 2, 1) : size);
}

ssize_t writeOrFail(int descriptor, const void *data, size_t size) {
  return putOrFail("write", size, [&](size_t put) { return below->write(descriptor, data, put); });
}

ssize_t pwriteOrFail(int descriptor, const void *data, size_t size, off_t offset) {
  return putOrFail("pwrite", size,
                   [&](size_t put) { return below->pwrite(descriptor, data, put, offset); });
}

using Calls = SystemCalls;

constexpr Calls kFaulty = {
    .open = Call<&Calls::open, "open">::make,
    .openat2 = Call<&Calls::openat2, "openat2">::make,
    .openat = Call<&Calls::openat, "openat">::make,
    .close = closeAndFail,
    .read = Call<&Calls::read, "read">::make,
    .write = writeOrFail,
    .pwrite = pwriteOrFail,
    .sync_file_range = Call<&Calls::sync_file_range, "sync_file_range">::make,
    .fsync = Call<&Calls::fsync, "fsync">::make,
    .fstat = Call<&Calls::fstat, "fstat">::make,
    .stat = Call<&Calls::stat, "stat">::make,
    .lstat = Call<&Calls::lstat, "lstat">::make,
    .rename = Call<&Calls::rename, "rename">::make,
    .unlinkat = Call<&Calls::unlinkat, "unlinkat">::make,
    .mkdir = Call<&Calls::mkdir, "mkdir">::make,
    .flock = Call<&Calls::flock, "flock">::make,
    .getdents64 = Call<&Calls::getdents64, "getdents64">::make,
    .realpath = Call<&Calls::realpath, "realpath">::make,
    .memfd_create = Call<&Calls::memfd_create, "memfd_create">::make,
    .mmap = Call<&Calls::mmap, "mmap">::make,
};

} // namespace

void useFaultyCalls(const Fault &fault, const SystemCalls &passedOnTo) {
  planned = fault;
  below = &passedOnTo;
  made = 0;
  for (std::atomic<const char *> &slot : failed)
    slot = nullptr;
  useSystemCalls(&kFaulty);
}

int64_t callsMade() { return made; }

bool hasFailed(std::string_view name) {
  return std::any_of(failed.begin(), failed.end(), [&](const std::atomic<const char *> &slot) {
    const char *held = slot;
    return held && held == name;
  });
}

bool hasFailed() { return failed[0] != nullptr; }

bool parseFault(const std::string &text, Fault &fault) {
  static constexpr std::pair<std::string_view, int> kCodes[] = {
      {"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE},
      {"EINTR", EINTR}, {"EACCES", EACCES}, {"short", 0}};
  char *end = nullptr;
  fault.call = std::strtoll(text.c_str(), &end, 10);
  fault.onwards = *end == '+';
  std::string_view rest = end + (fault.onwards ? 1 : 0);
  for (auto [name, code] : kCodes)
    if (end != text.c_str() && rest.starts_with(':') && rest.substr(1) == name) {
      fault.code = code;
      return fault.call >= 0;
    }
  return false;
}

} // namespace ccm::io
