// SPDX-License-Identifier: Apache-2.0
// The system calls behind the io layer, as a table so that tests can make any one of them fail.
#pragma once

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>

namespace ccm::io {

/// Each member behaves as the call it is named after: -1 (MAP_FAILED, null) and errno on failure.
struct SystemCalls {
  int (*open)(const char *path, int flags, mode_t mode);
  int (*openat2)(int directory, const char *path, const open_how *how);
  int (*openat)(int directory, const char *path, int flags);
  int (*close)(int descriptor);
  ssize_t (*read)(int descriptor, void *data, size_t size);
  ssize_t (*write)(int descriptor, const void *data, size_t size);
  ssize_t (*pwrite)(int descriptor, const void *data, size_t size, off_t offset);
  int (*sync_file_range)(int descriptor, off_t offset, off_t size, unsigned flags);
  int (*fsync)(int descriptor);
  int (*fstat)(int descriptor, struct stat *status);
  int (*stat)(const char *path, struct stat *status);
  int (*lstat)(const char *path, struct stat *status);
  int (*rename)(const char *from, const char *to);
  int (*unlinkat)(int directory, const char *path, int flags);
  int (*mkdir)(const char *path, mode_t mode);
  int (*flock)(int descriptor, int operation);
  ssize_t (*getdents64)(int descriptor, void *data, size_t size);
  char *(*realpath)(const char *path, char *resolved);
  int (*memfd_create)(const char *name, unsigned flags);
  void *(*mmap)(void *address, size_t size, int protection, int flags, int descriptor,
                off_t offset);
};

/// The table of the operating system itself.
const SystemCalls &operatingSystem();

/// The table in use.
const SystemCalls &systemCalls();

/// Puts another table in use, for tests; it must outlive its use. Null restores the system's own.
void useSystemCalls(const SystemCalls *calls);

} // namespace ccm::io
