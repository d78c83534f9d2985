// SPDX-License-Identifier: Apache-2.0
// Files that appear whole or not at all.
#include "runtime/io/Descriptor.h"
#include "runtime/io/Sabotage.h"
#include "runtime/io/SignalsHeld.h"

#include <fcntl.h>
#include <sys/random.h>

#include <cstdio>

namespace ccm::io {

static constexpr std::string_view kTemporaryPrefix = ".ccm-";
static constexpr size_t kTemporaryDigits = 16;

bool isTemporaryName(std::string_view name) {
  constexpr const char *kDigits = "0123456789abcdef";
  return name.size() == kTemporaryPrefix.size() + kTemporaryDigits &&
         name.starts_with(kTemporaryPrefix) &&
         name.find_first_not_of(kDigits, kTemporaryPrefix.size()) == std::string_view::npos;
}

/// A name in `directory` that no other writer has; `path` is for messages.
static Result<std::string> temporaryName(const std::string &directory, const std::string &path) {
  uint64_t random = 0;
  if (retry([&] { return ::getrandom(&random, sizeof(random), 0); }) != sizeof(random))
    return failure(EIO, "write", path, "no random bytes for the name of a temporary file");
  char digits[kTemporaryDigits + 1];
  std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(random));
  return directory + "/" + std::string(kTemporaryPrefix) + digits;
}

/// Refuses a path that holds something a rename would destroy.
static Status checkReplaceable(const std::string &path) {
  struct stat status;
  if (retry([&] { return systemCalls().lstat(path.c_str(), &status); }) != 0)
    return errno == ENOENT ? Status(Done{}) : Status(failure(errno, "write", path));
  if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
    return Done{};
  return notRegular(status.st_mode, "write", path);
}

/// What a file that is not committed yet consists of.
class AtomicFile::Parts {
public:
  Parts(std::string path, std::string temporary, Descriptor directory, Descriptor file)
      : path(std::move(path)), temporary(std::move(temporary)), directory(std::move(directory)),
        file(std::move(file)) {}
  ~Parts() {
    if (!renamed)
      retry([&] { return systemCalls().unlinkat(AT_FDCWD, temporary.c_str(), 0); });
  }
  Status sync();
  Status putInPlace();

  const std::string path, temporary;
  const Descriptor directory;
  Descriptor file;
  off_t size = 0;

private:
  bool renamed = false;
};

/// Makes the bytes durable.
Status AtomicFile::Parts::sync() {
  if (!sabotaged("skip_fsync") && systemCalls().fsync(file.get()) != 0)
    return failure(errno, "sync", path);
  return file.close() == 0 ? Status(Done{}) : Status(failure(errno, "close", path));
}

Status AtomicFile::Parts::putInPlace() {
  if (retry([&] { return systemCalls().rename(temporary.c_str(), path.c_str()); }) != 0)
    return failure(errno, "write", path);
  renamed = true;
  return syncDirectory(directory, parentOf(path));
}

AtomicFile::AtomicFile(std::unique_ptr<Parts> parts) : parts(std::move(parts)) {}
AtomicFile::AtomicFile(AtomicFile &&) noexcept = default;
AtomicFile::~AtomicFile() = default;

Result<AtomicFile> AtomicFile::create(const std::string &path, unsigned mode) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  if (Status replaceable = checkReplaceable(path); !replaceable)
    return replaceable.error();
  // Opened before anything is written: once the name is in place, only its sync can still fail.
  Descriptor directory = openDirectory(parentOf(path));
  if (!directory)
    return failure(errno, "write", path);
  Result<std::string> temporary = temporaryName(parentOf(path), path);
  if (!temporary)
    return temporary.error();
  Descriptor file(retry([&] { return systemCalls().open(temporary->c_str(), kFlags, mode); }));
  if (!file)
    return failure(errno, "write", path);
  return AtomicFile(
      std::make_unique<Parts>(path, std::move(*temporary), std::move(directory), std::move(file)));
}

Status AtomicFile::append(std::string_view bytes) {
  if (Status written = writeAll(parts->file, parts->path, bytes); !written)
    return written;
  off_t count = static_cast<off_t>(bytes.size());
  // A hint, whose failure is none: what the disk cannot take, fsync tells.
  systemCalls().sync_file_range(parts->file.get(), parts->size, count, SYNC_FILE_RANGE_WRITE);
  parts->size += count;
  return Done{};
}

Status AtomicFile::overwriteStart(std::string_view bytes) {
  return writeAllAtStart(parts->file, parts->path, bytes);
}

Status AtomicFile::commit() {
  Status synced = parts->sync();
  return synced ? parts->putInPlace() : synced;
}

Status writeFileAtomically(const std::string &path, std::string_view bytes, unsigned mode) {
  SignalsHeld held; // an interrupted run leaves no temporary behind
  Result<AtomicFile> file = AtomicFile::create(path, mode);
  if (!file)
    return file.error();
  Status appended = file->append(bytes);
  return appended ? file->commit() : appended;
}

} // namespace ccm::io
