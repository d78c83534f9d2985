// SPDX-License-Identifier: Apache-2.0
// Reading and writing whole files.
#include "runtime/io/Io.h"

#include "runtime/io/Descriptor.h"
#include "runtime/io/Sabotage.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace ccm::io {

// O_NONBLOCK keeps the open of a FIFO from waiting for its other end; regular files ignore it.
static constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

Error failure(int code, const char *verb, const std::string &path, const char *reason) {
  return {code, path, std::string("cannot ") + verb + " '" + path + "': " + reason};
}

Error failure(int code, const char *verb, const std::string &path) {
  const char *reason = strerrordesc_np(code);
  return failure(code, verb, path, reason ? reason : "unknown error");
}

std::string parentOf(const std::string &path) {
  size_t slash = path.find_last_of('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Why a file that is not a regular one is refused.
static const char *kindOf(mode_t mode) {
  if (S_ISDIR(mode))
    return "it is a directory";
  if (S_ISFIFO(mode))
    return "it is a FIFO, expected a regular file";
  return S_ISLNK(mode) ? "it is a symbolic link" : "it is not a regular file";
}

Error notRegular(mode_t mode, const char *verb, const std::string &path) {
  return failure(S_ISDIR(mode) ? EISDIR : EINVAL, verb, path, kindOf(mode));
}

/// Status of an open file, which must be a regular one.
static Result<struct stat> regularStatus(int descriptor, const char *verb,
                                         const std::string &path) {
  struct stat status;
  if (retry([&] { return systemCalls().fstat(descriptor, &status); }) != 0)
    return failure(errno, verb, path);
  if (!S_ISREG(status.st_mode))
    return notRegular(status.st_mode, verb, path);
  return status;
}

static Error tooLarge(const std::string &path, uint64_t limit) {
  std::string reason = "it is larger than the limit of " + std::to_string(limit) + " bytes";
  return failure(EFBIG, "read", path, reason.c_str());
}

/// Reads to the end of the file into `bytes`, which starts with `expected` bytes of room.
static Result<std::string> readAll(int descriptor, const std::string &path, uint64_t expected,
                                   uint64_t limit) {
  // One byte more than expected lets the read that meets the end of the file come without growth.
  std::string bytes(std::min(expected, limit) + 1, '\0');
  size_t used = 0;
  for (;;) {
    ssize_t got =
        retry([&] { return systemCalls().read(descriptor, &bytes[used], bytes.size() - used); });
    if (got < 0)
      return failure(errno, "read", path);
    if (got == 0)
      break;
    used += static_cast<size_t>(got);
    if (used > limit)
      return tooLarge(path, limit);
    if (used == bytes.size())
      bytes.resize(std::min<uint64_t>(uint64_t(used) * 2, limit + 1));
  }
  bytes.resize(used);
  return bytes;
}

static Result<std::string> readRegular(int descriptor, const std::string &path, uint64_t limit) {
  Result<struct stat> status = regularStatus(descriptor, "read", path);
  if (!status)
    return status.error();
  uint64_t size = static_cast<uint64_t>(status->st_size);
  return size > limit ? Result<std::string>(tooLarge(path, limit))
                      : readAll(descriptor, path, size, limit);
}

Result<std::string> readFile(const std::string &path, uint64_t limit) {
  if (path == "-")
    return readAll(STDIN_FILENO, path, 65536, limit);
  Descriptor file(retry([&] { return systemCalls().open(path.c_str(), kReadFlags, 0); }));
  if (!file)
    return failure(errno, "open", path);
  return readRegular(file.get(), path, limit);
}

Mapping::~Mapping() {
  if (length != 0)
    ::munmap(const_cast<void *>(base), length);
}

Result<std::shared_ptr<Mapping>> mapFile(const std::string &path) {
  Descriptor file(retry([&] { return systemCalls().open(path.c_str(), kReadFlags, 0); }));
  if (!file)
    return failure(errno, "open", path);
  Result<struct stat> status = regularStatus(file.get(), "read", path);
  if (!status)
    return status.error();
  size_t size = static_cast<size_t>(status->st_size);
  if (size == 0) // an empty mapping is an error of mmap, not of the file
    return std::make_shared<Mapping>(nullptr, 0);
  void *base = systemCalls().mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (base == MAP_FAILED)
    return failure(errno, "map", path);
  return std::make_shared<Mapping>(base, size);
}

/// Whether a path has a component "..".
static bool hasParentStep(const std::string &name) {
  for (size_t start = 0; start <= name.size();) {
    size_t end = std::min(name.find('/', start), name.size());
    if (name.compare(start, end - start, "..") == 0)
      return true;
    start = end + 1;
  }
  return false;
}

/// Opens `name` below `directory` without following any link.
static Result<Descriptor> openBeneath(const std::string &directory, const std::string &name) {
  const char *base = directory.empty() ? "." : directory.c_str();
  Descriptor root(
      retry([&] { return systemCalls().open(base, O_PATH | O_DIRECTORY | O_CLOEXEC, 0); }));
  if (!root)
    return failure(errno, "open", base);
  open_how how = {};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  Descriptor file(retry([&] { return systemCalls().openat2(root.get(), name.c_str(), &how); }));
  if (!file && errno == ELOOP)
    return failure(ELOOP, "open", name, "it is or goes through a symbolic link");
  if (!file)
    return failure(errno, "open", name);
  return Result<Descriptor>(std::move(file));
}

Result<std::string> readFileBeneath(const std::string &directory, const std::string &name,
                                    uint64_t limit) {
  if (name.find('\0') != std::string::npos)
    return failure(EINVAL, "open", name, "its name holds a zero byte");
  if (!name.empty() && name[0] == '/')
    return failure(EACCES, "open", name, "expected a relative path, found an absolute one");
  if (hasParentStep(name))
    return failure(EACCES, "open", name, "expected a path without '..'");
  Result<Descriptor> file = openBeneath(directory, name);
  if (!file)
    return file.error();
  Result<struct stat> status = regularStatus(file->get(), "read", name);
  if (!status)
    return status.error();
  if (status->st_nlink > 1)
    return failure(EMLINK, "read", name, "it has more than one hard link");
  return readRegular(file->get(), name, limit);
}

/// Puts all of `bytes`: `put` writes from one on, and says how many.
template <typename Put>
static Status putAll(const std::string &path, std::string_view bytes, Put put) {
  while (!bytes.empty()) {
    ssize_t done = retry([&] { return put(bytes); });
    if (done < 0 && errno == ENOSPC && sabotaged("ignore_enospc"))
      return Done{};
    if (done <= 0)
      return failure(done < 0 ? errno : EIO, "write", path);
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return Done{};
}

Status writeAll(const Descriptor &file, const std::string &path, std::string_view bytes) {
  return putAll(path, bytes, [&](std::string_view rest) {
    return systemCalls().write(file.get(), rest.data(), rest.size());
  });
}

Status writeAllAtStart(const Descriptor &file, const std::string &path, std::string_view bytes) {
  return putAll(path, bytes, [&](std::string_view rest) {
    off_t done = static_cast<off_t>(bytes.size() - rest.size());
    return systemCalls().pwrite(file.get(), rest.data(), rest.size(), done);
  });
}

Status appendFile(const std::string &path, std::string_view bytes) {
  constexpr int kFlags =
      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  Descriptor file(retry([&] { return systemCalls().open(path.c_str(), kFlags, 0644); }));
  if (!file)
    return failure(errno, "open", path);
  if (Result<struct stat> status = regularStatus(file.get(), "write", path); !status)
    return status.error();
  if (Status written = writeAll(file, path, bytes); !written)
    return written;
  return file.close() == 0 ? Status(Done{}) : Status(failure(errno, "close", path));
}

} // namespace ccm::io
