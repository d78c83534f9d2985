// SPDX-License-Identifier: Apache-2.0
// The only code of ccm that touches files: every open, read, write, rename and unlink goes through
// here.
#pragma once

#include "ccm/expected.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::io {

/// A failed call: the errno it left, the path it was about, and a sentence for the user
/// ("cannot open 'x.json': No such file or directory").
struct Error {
  int code = 0;
  std::string path;
  std::string message;
};

template <typename T>
using Result = Expected<T, Error>;
using Status = Result<Done>;

/// A file's bytes, mapped read-only; unmapped with the last owner.
class Mapping {
public:
  Mapping(const void *data, size_t size) : base(data), length(size) {}
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;
  ~Mapping();
  std::string_view bytes() const { return {static_cast<const char *>(base), length}; }

private:
  const void *base;
  size_t length;
};

/// Largest file `readFile` takes unless told otherwise, in bytes.
constexpr uint64_t kDefaultLimit = uint64_t(1) << 31;

/// Reads a whole regular file the user named on a command line; "-" is standard input. Refuses
/// directories, devices and FIFOs, and files over `limit` bytes.
Result<std::string> readFile(const std::string &path, uint64_t limit = kDefaultLimit);

/// Maps a whole regular file read-only.
Result<std::shared_ptr<Mapping>> mapFile(const std::string &path);

/// Reads a file that an input file names, below `directory`: refuses absolute paths, "..", symbolic
/// links, hard links, devices and FIFOs.
Result<std::string> readFileBeneath(const std::string &directory, const std::string &name,
                                    uint64_t limit = kDefaultLimit);

/// A file that appears whole or not at all: a temporary beside `path`, which gets the name when all
/// is durable. A symbolic link at `path` is replaced, never written through; anything that exists
/// and is not a regular file or link is refused. Until `commit`, and on an error, `path` is as it
/// was and nothing is left beside it; except where the last step fails, the directory's fsync: then
/// it is whole and new, but may be the old one again after a power cut.
class AtomicFile {
public:
  static Result<AtomicFile> create(const std::string &path, unsigned mode = 0644);
  AtomicFile(AtomicFile &&) noexcept;
  AtomicFile &operator=(AtomicFile &&) = delete;
  /// Abandons what is not committed.
  ~AtomicFile();
  /// Adds to the end. The disk is told to start on it, without waiting for it.
  Status append(std::string_view bytes);
  /// Writes over the start of what was appended.
  Status overwriteStart(std::string_view bytes);
  /// fsync, rename, fsync of the directory. The last call.
  Status commit();

private:
  class Parts;
  explicit AtomicFile(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts;
};

/// Writes an AtomicFile of `bytes`.
Status writeFileAtomically(const std::string &path, std::string_view bytes, unsigned mode = 0644);

/// Whether a name, without its directory, is one that temporaries have. A
/// process that is killed while it writes leaves one behind.
bool isTemporaryName(std::string_view name);

/// Appends to a file (created when missing) without syncing: logs.
Status appendFile(const std::string &path, std::string_view bytes);

/// Creates a directory and its parents; an existing one is fine.
Status makeDirectories(const std::string &path);

/// As makeDirectories, and makes their names survive a power cut. Those of directories that were
/// there before, too, for the process that made them may have ended before they were durable;
/// except in a directory that may not be read.
Status makeDirectoriesDurably(const std::string &path);

/// Makes names that were created, renamed or removed in a directory survive a power cut.
Status syncDirectory(const std::string &path);

/// Removes a file, or a directory with all it holds. A missing one is fine. Not synced.
Status removeTree(const std::string &path);

/// Names of a directory's entries, sorted, without "." and "..".
Result<std::vector<std::string>> listDirectory(const std::string &path);

/// Holds an exclusive lock on a file (created when missing) until destroyed.
class Lock {
public:
  explicit Lock(int descriptor) : fd(descriptor) {}
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;
  ~Lock();

private:
  int fd;
};

/// Takes the lock at once or fails with code EWOULDBLOCK.
Result<std::shared_ptr<Lock>> lockFile(const std::string &path);

/// The path made absolute and free of symbolic links, for `dlopen`.
Result<std::string> absolutePath(const std::string &path);

/// Device and inode, to tell whether an output would overwrite an input.
Result<std::pair<uint64_t, uint64_t>> fileIdentity(const std::string &path);

} // namespace ccm::io
