// SPDX-License-Identifier: Apache-2.0
// The operating system's own table of calls, and which table is in use.
#include "runtime/io/SystemCalls.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace ccm::io {

static int openFile(const char *path, int flags, mode_t mode) { return ::open(path, flags, mode); }

static int openFileAt(int directory, const char *path, int flags) {
  return ::openat(directory, path, flags);
}

// glibc has no wrapper for this call yet.
static int openFileAt2(int directory, const char *path, const open_how *how) {
  return static_cast<int>(::syscall(SYS_openat2, directory, path, how, sizeof(*how)));
}

const SystemCalls &operatingSystem() {
  static constexpr SystemCalls kCalls = {
      .open = openFile,
      .openat2 = openFileAt2,
      .openat = openFileAt,
      .close = ::close,
      .read = ::read,
      .write = ::write,
      .pwrite = ::pwrite,
      .sync_file_range = ::sync_file_range,
      .fsync = ::fsync,
      .fstat = ::fstat,
      .stat = ::stat,
      .lstat = ::lstat,
      .rename = ::rename,
      .unlinkat = ::unlinkat,
      .mkdir = ::mkdir,
      .flock = ::flock,
      .getdents64 = ::getdents64,
      .realpath = ::realpath,
      .memfd_create = ::memfd_create,
      .mmap = ::mmap,
  };
  return kCalls;
}

static std::atomic<const SystemCalls *> inUse{nullptr};

const SystemCalls &systemCalls() {
  const SystemCalls *calls = inUse.load(std::memory_order_acquire);
  return calls ? *calls : operatingSystem();
}

void useSystemCalls(const SystemCalls *calls) { inUse.store(calls, std::memory_order_release); }

} // namespace ccm::io
