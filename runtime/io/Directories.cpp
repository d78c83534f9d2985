// SPDX-License-Identifier: Apache-2.0
// Directories, locks and the identity of files.
#include "runtime/io/Descriptor.h"
#include "runtime/io/Sabotage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace ccm::io {

static constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Descriptor openDirectory(const std::string &path) {
  return Descriptor(retry([&] { return systemCalls().open(path.c_str(), kDirectoryFlags, 0); }));
}

Status syncDirectory(const Descriptor &directory, const std::string &path) {
  if (sabotaged("skip_dirsync"))
    return Done{};
  // Some file systems cannot sync a directory and say EINVAL; there is nothing more to do on them.
  if (systemCalls().fsync(directory.get()) != 0 && errno != EINVAL)
    return failure(errno, "sync", path);
  return Done{};
}

Status syncDirectory(const std::string &path) {
  Descriptor directory = openDirectory(path);
  return directory ? syncDirectory(directory, path) : failure(errno, "open", path);
}

/// Creates one directory and tells whether it did; an existing one is fine.
static Result<bool> makeDirectory(const std::string &path) {
  if (retry([&] { return systemCalls().mkdir(path.c_str(), 0777); }) == 0)
    return true;
  struct stat status;
  if (errno != EEXIST || retry([&] { return systemCalls().stat(path.c_str(), &status); }) != 0)
    return failure(errno, "create directory", path);
  if (!S_ISDIR(status.st_mode))
    return failure(ENOTDIR, "create directory", path);
  return false;
}

/// Syncs the directory that holds `path`. One that may not be read is passed over where `path` was
/// there before.
static Status syncParent(const std::string &path, bool made) {
  std::string parent = parentOf(path);
  Descriptor directory = openDirectory(parent);
  if (!directory)
    return errno == EACCES && !made ? Status(Done{}) : Status(failure(errno, "open", parent));
  return syncDirectory(directory, parent);
}

static Status makeDirectories(const std::string &path, bool durable) {
  for (size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    std::string part = path.substr(0, end);
    Result<bool> made = makeDirectory(part);
    if (!made)
      return made.error();
    if (!durable)
      continue;
    if (Status synced = syncParent(part, *made); !synced)
      return synced;
  }
  return path.empty() ? Status(failure(ENOENT, "create directory", path)) : Status(Done{});
}

Status makeDirectories(const std::string &path) { return makeDirectories(path, false); }

Status makeDirectoriesDurably(const std::string &path) { return makeDirectories(path, true); }

/// Adds the names in `size` bytes of directory records.
static void addNames(const char *records, size_t size, std::vector<std::string> &names) {
  for (size_t at = 0; at < size;) {
    dirent64 record; // a copy: the buffer promises no alignment
    std::memcpy(&record, records + at, offsetof(dirent64, d_name));
    std::string name = records + at + offsetof(dirent64, d_name);
    if (name != "." && name != "..")
      names.push_back(std::move(name));
    at += record.d_reclen;
  }
}

/// Names in an open directory, sorted.
static Result<std::vector<std::string>> entriesOf(const Descriptor &directory,
                                                  const std::string &path) {
  std::vector<std::string> names;
  std::string records(32768, '\0');
  for (;;) {
    ssize_t size = retry(
        [&] { return systemCalls().getdents64(directory.get(), records.data(), records.size()); });
    if (size < 0)
      return failure(errno, "list", path);
    if (size == 0)
      break;
    addNames(records.data(), static_cast<size_t>(size), names);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> listDirectory(const std::string &path) {
  Descriptor opened = openDirectory(path);
  if (!opened)
    return failure(errno, "list", path);
  return entriesOf(opened, path);
}

/// Removes `name` in the open directory `parent`; `path` is for messages. Links are removed, never
/// followed.
static Status removeBelow(int parent, const std::string &name, const std::string &path) {
  const SystemCalls &calls = systemCalls();
  if (retry([&] { return calls.unlinkat(parent, name.c_str(), 0); }) == 0 || errno == ENOENT)
    return Done{};
  if (errno != EISDIR)
    return failure(errno, "remove", path);
  Descriptor opened(
      retry([&] { return calls.openat(parent, name.c_str(), kDirectoryFlags | O_NOFOLLOW); }));
  if (!opened)
    return failure(errno, "remove", path);
  Result<std::vector<std::string>> names = entriesOf(opened, path);
  if (!names)
    return names.error();
  for (const std::string &entry : *names)
    if (Status removed = removeBelow(opened.get(), entry, path + "/" + entry); !removed)
      return removed;
  if (retry([&] { return calls.unlinkat(parent, name.c_str(), AT_REMOVEDIR); }) != 0)
    return failure(errno, "remove", path);
  return Done{};
}

Status removeTree(const std::string &path) { return removeBelow(AT_FDCWD, path, path); }

Lock::~Lock() { systemCalls().close(fd); }

Result<std::shared_ptr<Lock>> lockFile(const std::string &path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  Descriptor file(retry([&] { return systemCalls().open(path.c_str(), kFlags, 0644); }));
  if (!file)
    return failure(errno, "open", path);
  if (retry([&] { return systemCalls().flock(file.get(), LOCK_EX | LOCK_NB); }) != 0)
    return errno == EWOULDBLOCK ? failure(EWOULDBLOCK, "lock", path, "another process holds it")
                                : failure(errno, "lock", path);
  return std::make_shared<Lock>(file.release());
}

Result<std::string> absolutePath(const std::string &path) {
  char *resolved = systemCalls().realpath(path.c_str(), nullptr);
  if (!resolved)
    return failure(errno, "find", path);
  std::string absolute = resolved;
  std::free(resolved);
  return absolute;
}

Result<std::pair<uint64_t, uint64_t>> fileIdentity(const std::string &path) {
  struct stat status;
  if (retry([&] { return systemCalls().stat(path.c_str(), &status); }) != 0)
    return failure(errno, "open", path);
  return std::pair<uint64_t, uint64_t>(status.st_dev, status.st_ino);
}

} // namespace ccm::io
