// SPDX-License-Identifier: Apache-2.0
// A disk in memory behind the io layer's table of calls, which keeps a journal of every change.
#pragma once

#include "runtime/io/SystemCalls.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ccm::test {

/// Directories and files by absolute path, as a disk holds them with nothing under way.
struct Snapshot {
  std::set<std::string> directories; ///< without the root
  std::map<std::string, std::string> files;
  bool operator==(const Snapshot &) const = default;
};

/// Something a process asked of the disk. Files and directories are numbered by their inode; the
/// root is inode 0.
struct Change {
  enum class Kind {
    Data,          ///< `bytes` at `offset` of a file
    Entry,         ///< `name` in the directory `inode` becomes `target`, or goes where that is -1
    SyncFile,      ///< a file's data are durable from here on
    SyncDirectory, ///< a directory's entries are durable from here on
    Mark,          ///< the process told someone that `mark` is safe
  };
  Kind kind = Kind::Data;
  int inode = 0;
  uint64_t offset = 0;
  std::string bytes = {};
  std::string name = {};
  int target = -1;
  int64_t mark = 0;
};

/// The disk. One at a time is in use; paths are absolute or relative to its root. There are no
/// links, and modes are not checked.
class MemoryDisk {
public:
  MemoryDisk() : inodes(1, Inode{.directory = true}) {}
  /// A disk that holds `content`, durable, with an empty journal.
  explicit MemoryDisk(const Snapshot &content);
  MemoryDisk(const MemoryDisk &) = delete;
  MemoryDisk &operator=(const MemoryDisk &) = delete;
  ~MemoryDisk();

  /// Makes the io layer work on this disk, until another one does or this one ends.
  void use();
  /// The table that works on the disk last used.
  static const io::SystemCalls &calls();
  /// Ends all descriptors and locks, as the end of a process does.
  void endProcess();
  /// Notes that the process told someone `value` is safe.
  void mark(int64_t value);
  /// What the disk holds now, durable or not.
  Snapshot content() const;
  /// What it held before the first change, and all changes since.
  const Snapshot &start() const { return initial; }
  const std::vector<Change> &journal() const { return changes; }
  bool isDirectory(int inode) const { return inodes[inode].directory; }

  /// Faults of the disk itself: it claims to have synced files or directories and has not.
  bool forgetsFileSync = false, forgetsDirectorySync = false;

private:
  friend struct DiskCalls;
  struct Inode {
    bool directory = false;
    std::string bytes = {};
    std::map<std::string, int> entries = {};
    int lockedBy = -1; ///< a descriptor
  };
  struct Open {
    int inode = 0;
    int flags = 0;
    uint64_t offset = 0;
  };
  struct Place { ///< where a path leads
    int directory = -1;
    std::string name;
    int inode = -1; ///< -1: there is nothing
  };
  Place find(int from, const std::string &path) const;
  Open *opened(int descriptor);
  int open(int from, const char *path, int flags);
  int add(bool directory);
  void setEntry(int directory, const std::string &name, int target);
  void collect(int inode, const std::string &path, Snapshot &into) const;
  void fill(int inode, struct stat *status) const;

  Snapshot initial;
  std::vector<Change> changes;
  std::vector<Inode> inodes;
  std::map<int, Open> descriptors;
  int nextDescriptor = 1000; // far from the system's own
};

} // namespace ccm::test
