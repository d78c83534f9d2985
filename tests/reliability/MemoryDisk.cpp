// SPDX-License-Identifier: Apache-2.0
// Files and directories as maps, and the calls of the io layer on them.
#include "tests/reliability/MemoryDisk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ccm::test {

static MemoryDisk *inUse = nullptr;

static int fail(int code) {
  errno = code;
  return -1;
}

MemoryDisk::MemoryDisk(const Snapshot &content) : MemoryDisk() {
  initial = content;
  for (const std::string &path : content.directories) { // parents come first
    Place place = find(0, path);
    inodes[place.directory].entries[place.name] = add(/*directory=*/true);
  }
  for (const auto &[path, bytes] : content.files) {
    Place place = find(0, path);
    int file = add(/*directory=*/false);
    inodes[file].bytes = bytes;
    inodes[place.directory].entries[place.name] = file;
  }
}

MemoryDisk::~MemoryDisk() {
  if (inUse != this)
    return;
  inUse = nullptr;
  io::useSystemCalls(nullptr);
}

void MemoryDisk::endProcess() {
  descriptors.clear();
  for (Inode &inode : inodes)
    inode.lockedBy = -1;
}

void MemoryDisk::mark(int64_t value) {
  changes.push_back({.kind = Change::Kind::Mark, .mark = value});
}

Snapshot MemoryDisk::content() const {
  Snapshot snapshot;
  collect(0, "", snapshot);
  return snapshot;
}

void MemoryDisk::collect(int inode, const std::string &path, Snapshot &into) const {
  for (const auto &[name, target] : inodes[inode].entries) {
    std::string full = path + "/" + name;
    if (!inodes[target].directory) {
      into.files[full] = inodes[target].bytes;
      continue;
    }
    into.directories.insert(full);
    collect(target, full, into);
  }
}

int MemoryDisk::add(bool directory) {
  inodes.push_back({.directory = directory});
  return static_cast<int>(inodes.size()) - 1;
}

void MemoryDisk::setEntry(int directory, const std::string &name, int target) {
  changes.push_back(
      {.kind = Change::Kind::Entry, .inode = directory, .name = name, .target = target});
  if (target < 0)
    inodes[directory].entries.erase(name);
  else
    inodes[directory].entries[name] = target;
}

MemoryDisk::Place MemoryDisk::find(int from, const std::string &path) const {
  Place place{.directory = -1, .name = ".", .inode = path.starts_with('/') ? 0 : from};
  for (size_t at = 0; at < path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty() || name == ".")
      continue;
    if (place.inode < 0 || !inodes[place.inode].directory)
      return {};
    auto found = inodes[place.inode].entries.find(name);
    bool there = found != inodes[place.inode].entries.end();
    place = {place.inode, name, there ? found->second : -1};
  }
  return place;
}

MemoryDisk::Open *MemoryDisk::opened(int descriptor) {
  auto found = descriptors.find(descriptor);
  if (found != descriptors.end())
    return &found->second;
  errno = EBADF;
  return nullptr;
}

int MemoryDisk::open(int from, const char *path, int flags) {
  Place place = find(from, path);
  if (place.inode < 0 && (place.directory < 0 || !(flags & O_CREAT)))
    return fail(ENOENT);
  if (place.inode >= 0 && (flags & O_CREAT) && (flags & O_EXCL))
    return fail(EEXIST);
  if (place.inode < 0) {
    place.inode = add(/*directory=*/false);
    setEntry(place.directory, place.name, place.inode);
  }
  bool directory = inodes[place.inode].directory;
  if (!directory && (flags & O_DIRECTORY))
    return fail(ENOTDIR);
  if (directory && (flags & O_ACCMODE) != O_RDONLY)
    return fail(EISDIR);
  descriptors[nextDescriptor] = {place.inode, flags, 0};
  return nextDescriptor++;
}

void MemoryDisk::fill(int inode, struct stat *status) const {
  std::memset(status, 0, sizeof(*status));
  status->st_dev = 1;
  status->st_ino = static_cast<ino_t>(inode) + 1;
  status->st_nlink = 1;
  status->st_mode = inodes[inode].directory ? S_IFDIR | 0755 : S_IFREG | 0644;
  status->st_size = static_cast<off_t>(inodes[inode].bytes.size());
}

/// The calls, on the disk in use.
struct DiskCalls {
  static int inodeAt(const char *path) {
    int inode = inUse->find(0, path).inode;
    return inode < 0 ? fail(ENOENT) : inode;
  }
  static int open(const char *path, int flags, mode_t) { return inUse->open(0, path, flags); }
  static int openBelow(int directory, const char *path, int flags) {
    if (directory == AT_FDCWD)
      return inUse->open(0, path, flags);
    MemoryDisk::Open *base = inUse->opened(directory);
    return base ? inUse->open(base->inode, path, flags) : -1;
  }
  static int openat2(int directory, const char *path, const open_how *how) {
    return openBelow(directory, path, static_cast<int>(how->flags));
  }
  static int close(int descriptor) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    int &lockedBy = inUse->inodes[open->inode].lockedBy;
    lockedBy = lockedBy == descriptor ? -1 : lockedBy;
    inUse->descriptors.erase(descriptor);
    return 0;
  }
  static ssize_t read(int descriptor, void *data, size_t size) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    const std::string &bytes = inUse->inodes[open->inode].bytes;
    size_t count = std::min(size, bytes.size() - std::min<size_t>(bytes.size(), open->offset));
    std::memcpy(data, bytes.data() + (count != 0 ? open->offset : 0), count);
    open->offset += count;
    return static_cast<ssize_t>(count);
  }
  static ssize_t write(int descriptor, const void *data, size_t size) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    if (open->flags & O_APPEND)
      open->offset = inUse->inodes[open->inode].bytes.size();
    open->offset += size;
    return pwrite(descriptor, data, size, static_cast<off_t>(open->offset - size));
  }
  static ssize_t pwrite(int descriptor, const void *data, size_t size, off_t at) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    std::string &bytes = inUse->inodes[open->inode].bytes;
    uint64_t offset = static_cast<uint64_t>(at);
    std::string piece(static_cast<const char *>(data), size);
    bytes.resize(std::max<size_t>(bytes.size(), offset + size));
    bytes.replace(offset, size, piece);
    inUse->changes.push_back({.kind = Change::Kind::Data,
                              .inode = open->inode,
                              .offset = offset,
                              .bytes = std::move(piece)});
    return static_cast<ssize_t>(size);
  }
  static int sync_file_range(int, off_t, off_t, unsigned) { return 0; } // promises nothing
  static int fsync(int descriptor) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    bool directory = inUse->inodes[open->inode].directory;
    if (!(directory ? inUse->forgetsDirectorySync : inUse->forgetsFileSync))
      inUse->changes.push_back(
          {.kind = directory ? Change::Kind::SyncDirectory : Change::Kind::SyncFile,
           .inode = open->inode});
    return 0;
  }
  static int fstat(int descriptor, struct stat *status) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    inUse->fill(open->inode, status);
    return 0;
  }
  static int stat(const char *path, struct stat *status) {
    int inode = inodeAt(path);
    if (inode >= 0)
      inUse->fill(inode, status);
    return inode < 0 ? -1 : 0;
  }
  static int rename(const char *from, const char *to) {
    MemoryDisk::Place source = inUse->find(0, from), target = inUse->find(0, to);
    if (source.inode < 0 || target.directory < 0)
      return fail(ENOENT);
    if (target.inode >= 0 && inUse->inodes[target.inode].directory)
      return fail(EISDIR);
    inUse->setEntry(target.directory, target.name, source.inode);
    inUse->setEntry(source.directory, source.name, -1);
    return 0;
  }
  static int unlinkat(int directory, const char *path, int flags) {
    int from = directory == AT_FDCWD ? 0 : inUse->descriptors.at(directory).inode;
    MemoryDisk::Place place = inUse->find(from, path);
    if (place.inode < 0)
      return fail(ENOENT);
    const MemoryDisk::Inode &inode = inUse->inodes[place.inode];
    if (inode.directory != bool(flags & AT_REMOVEDIR))
      return fail(inode.directory ? EISDIR : ENOTDIR);
    if (!inode.entries.empty())
      return fail(ENOTEMPTY);
    inUse->setEntry(place.directory, place.name, -1);
    return 0;
  }
  static int mkdir(const char *path, mode_t) {
    MemoryDisk::Place place = inUse->find(0, path);
    if (place.inode >= 0)
      return fail(EEXIST);
    if (place.directory < 0)
      return fail(ENOENT);
    inUse->setEntry(place.directory, place.name, inUse->add(/*directory=*/true));
    return 0;
  }
  static int flock(int descriptor, int) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    int &lockedBy = inUse->inodes[open->inode].lockedBy;
    if (lockedBy >= 0 && lockedBy != descriptor)
      return fail(EWOULDBLOCK);
    lockedBy = descriptor;
    return 0;
  }
  /// One name at a time; the descriptor's offset counts them.
  static ssize_t getdents64(int descriptor, void *data, size_t) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return -1;
    const auto &entries = inUse->inodes[open->inode].entries;
    if (open->offset >= entries.size())
      return 0;
    const std::string &name = std::next(entries.begin(), open->offset++)->first;
    dirent64 record = {};
    record.d_reclen = static_cast<unsigned short>(
        (offsetof(dirent64, d_name) + name.size() + 1 + alignof(dirent64) - 1) / alignof(dirent64) *
        alignof(dirent64));
    std::memcpy(record.d_name, name.c_str(), name.size() + 1);
    std::memcpy(data, &record, record.d_reclen);
    return record.d_reclen;
  }
  static char *realpath(const char *path, char *) {
    return inodeAt(path) < 0 ? nullptr : ::strdup(path);
  }
  static void *mmap(void *, size_t size, int, int, int descriptor, off_t) {
    MemoryDisk::Open *open = inUse->opened(descriptor);
    if (!open)
      return MAP_FAILED;
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const std::string &bytes = inUse->inodes[open->inode].bytes;
    if (memory != MAP_FAILED)
      std::memcpy(memory, bytes.data(), std::min(size, bytes.size()));
    return memory;
  }
};

const io::SystemCalls &MemoryDisk::calls() {
  static constexpr io::SystemCalls kCalls = {
      .open = DiskCalls::open,
      .openat2 = DiskCalls::openat2,
      .openat = DiskCalls::openBelow,
      .close = DiskCalls::close,
      .read = DiskCalls::read,
      .write = DiskCalls::write,
      .pwrite = DiskCalls::pwrite,
      .sync_file_range = DiskCalls::sync_file_range,
      .fsync = DiskCalls::fsync,
      .fstat = DiskCalls::fstat,
      .stat = DiskCalls::stat,
      .lstat = DiskCalls::stat,
      .rename = DiskCalls::rename,
      .unlinkat = DiskCalls::unlinkat,
      .mkdir = DiskCalls::mkdir,
      .flock = DiskCalls::flock,
      .getdents64 = DiskCalls::getdents64,
      .realpath = DiskCalls::realpath,
      .memfd_create = nullptr, // not of a disk
      .mmap = DiskCalls::mmap,
  };
  return kCalls;
}

void MemoryDisk::use() {
  inUse = this;
  io::useSystemCalls(&calls());
}

} // namespace ccm::test
