// SPDX-License-Identifier: Apache-2.0
// Directories, locks and the identity of files.
#include "runtime/io/Descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace ccm::io {

/// Creates one directory; an existing one is fine.
static Status makeDirectory(const std::string &path) {
  if (systemCalls().mkdir(path.c_str(), 0777) == 0)
    return Done{};
  int code = errno;
  struct stat status;
  if (code == EEXIST && systemCalls().stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    return Done{};
  return failure(code == EEXIST ? ENOTDIR : code, "create directory", path);
}

Status makeDirectories(const std::string &path) {
  for (size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    if (Status made = makeDirectory(path.substr(0, end)); !made)
      return made;
  }
  return path.empty() ? Status(failure(ENOENT, "create directory", path)) : Status(Done{});
}

Result<std::string> makeTemporaryDirectory(const std::string &parent) {
  const char *variable = std::getenv("TMPDIR");
  std::string base = !parent.empty() ? parent : variable && *variable ? variable : "/tmp";
  std::string path = base + "/ccm-XXXXXX";
  if (!::mkdtemp(path.data()))
    return failure(errno, "create a temporary directory in", base);
  return path;
}

namespace {
/// Closes a directory stream with the scope.
struct Directory {
  DIR *stream;
  ~Directory() {
    if (stream)
      ::closedir(stream);
  }
};
} // namespace

/// Names in an open directory; takes the descriptor.
static Result<std::vector<std::string>> entriesOf(Descriptor opened, const std::string &path) {
  Directory directory{::fdopendir(opened.get())};
  if (!directory.stream)
    return failure(errno, "list", path);
  opened.release();
  std::vector<std::string> names;
  errno = 0;
  while (dirent *entry = ::readdir(directory.stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..")
      names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0)
    return failure(errno, "list", path);
  std::sort(names.begin(), names.end());
  return names;
}

static constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Result<std::vector<std::string>> listDirectory(const std::string &path) {
  Descriptor opened(retry([&] { return systemCalls().open(path.c_str(), kDirectoryFlags, 0); }));
  if (!opened)
    return failure(errno, "list", path);
  return entriesOf(std::move(opened), path);
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
  int directory = opened.get();
  Descriptor listed(retry([&] { return calls.openat(directory, ".", kDirectoryFlags); }));
  if (!listed)
    return failure(errno, "remove", path);
  Result<std::vector<std::string>> names = entriesOf(std::move(listed), path);
  if (!names)
    return names.error();
  for (const std::string &entry : *names)
    if (Status removed = removeBelow(directory, entry, path + "/" + entry); !removed)
      return removed;
  if (retry([&] { return calls.unlinkat(parent, name.c_str(), AT_REMOVEDIR); }) != 0)
    return failure(errno, "remove", path);
  return Done{};
}

Status removeTree(const std::string &path) { return removeBelow(AT_FDCWD, path, path); }

Status renameFile(const std::string &from, const std::string &to) {
  if (retry([&] { return systemCalls().rename(from.c_str(), to.c_str()); }) != 0)
    return failure(errno, "rename", from);
  return syncDirectory(parentOf(to));
}

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
  char *resolved = ::realpath(path.c_str(), nullptr);
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
