// SPDX-License-Identifier: Apache-2.0
// Replays a journal and enumerates what of its unsynced changes a disk may have kept.
#include "tests/reliability/CrashStates.h"

#include <algorithm>

namespace ccm::test {

namespace {

constexpr size_t kSizeStep = 16, kBlock = 64;
constexpr size_t kMostPending = 12; // subsets double with each

using Entries = std::map<std::string, int>;

/// A file's bytes: as they are durable, and as the process sees them.
struct File {
  std::string durable, current;
  bool dirty() const { return durable != current; }
};

/// The disk between two changes of its journal.
struct Moment {
  std::map<int, File> files;
  std::map<int, Entries> directories; // durable ones
  std::vector<Change> pending;        // of entries, in order
  int64_t acknowledged = -1;

  void apply(const Change &change);
};

void Moment::apply(const Change &change) {
  switch (change.kind) {
  case Change::Kind::Data: {
    std::string &bytes = files[change.inode].current;
    bytes.resize(std::max<size_t>(bytes.size(), change.offset + change.bytes.size()));
    bytes.replace(change.offset, change.bytes.size(), change.bytes);
    break;
  }
  case Change::Kind::Entry:
    pending.push_back(change);
    break;
  case Change::Kind::SyncFile:
    files[change.inode].durable = files[change.inode].current;
    break;
  case Change::Kind::SyncDirectory:
    for (const Change &entry : pending)
      if (entry.inode == change.inode && entry.target < 0)
        directories[entry.inode].erase(entry.name);
      else if (entry.inode == change.inode)
        directories[entry.inode][entry.name] = entry.target;
    std::erase_if(pending, [&](const Change &entry) { return entry.inode == change.inode; });
    break;
  case Change::Kind::Mark:
    acknowledged = change.mark;
    break;
  }
}

/// Numbers inodes as MemoryDisk does when it is made from a snapshot.
Moment momentOf(const Snapshot &start) {
  Moment moment;
  std::map<std::string, int> numbers = {{"", 0}};
  auto place = [&](const std::string &path) {
    size_t slash = path.rfind('/');
    int number = static_cast<int>(numbers.size());
    moment.directories[numbers.at(path.substr(0, slash))][path.substr(slash + 1)] = number;
    numbers[path] = number;
    return number;
  };
  for (const std::string &path : start.directories)
    place(path);
  for (const auto &[path, bytes] : start.files)
    moment.files[place(path)] = {bytes, bytes};
  return moment;
}

uint64_t mixed(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

/// The new size with the blocks that `keeps` chooses new and the others old, or zero.
template <typename Keeps>
std::string withBlocks(const File &file, Keeps keeps) {
  std::string bytes = file.durable;
  bytes.resize(file.current.size(), '\0');
  for (size_t at = 0; at < bytes.size(); at += kBlock)
    if (keeps(at / kBlock))
      bytes.replace(at, kBlock, file.current, at, kBlock);
  return bytes;
}

/// What may be left of a file that was written and not synced.
std::vector<std::string> contentsOf(const File &file, int drawnSets) {
  std::vector<std::string> contents = {file.durable, file.current};
  if (!file.dirty())
    return {file.durable};
  for (size_t size = file.durable.size() + 1; size < file.current.size(); ++size)
    if (size % kSizeStep == 0)
      contents.push_back(file.current.substr(0, size));
  size_t blocks = (file.current.size() + kBlock - 1) / kBlock;
  for (size_t block = 0; block < blocks; ++block) {
    contents.push_back(withBlocks(file, [&](size_t at) { return at != block; }));
    contents.push_back(withBlocks(file, [&](size_t at) { return at == block; }));
  }
  contents.push_back(withBlocks(file, [](size_t) { return false; }));
  for (int i = 0; i < drawnSets; ++i)
    contents.push_back(
        withBlocks(file, [&](size_t at) { return mixed(mixed(i + 1) + at) % 2 == 0; }));
  return contents;
}

/// One way in which a disk may have kept the entries.
struct Names {
  Names(const Moment &moment, size_t subset) : entries(moment.directories) {
    for (size_t i = 0; i < moment.pending.size(); ++i) {
      const Change &change = moment.pending[i];
      if (!(subset >> i & 1))
        continue;
      if (change.target < 0)
        entries[change.inode].erase(change.name);
      else
        entries[change.inode][change.name] = change.target;
    }
  }
  /// What can be reached from a directory, by path.
  void collect(const MemoryDisk &disk, int inode, const std::string &path,
               std::map<std::string, int> &into) const {
    auto found = entries.find(inode);
    if (found == entries.end())
      return;
    for (const auto &[name, target] : found->second) {
      into[path + "/" + name] = target;
      if (disk.isDirectory(target))
        collect(disk, target, path + "/" + name, into);
    }
  }
  std::map<int, Entries> entries;
};

uint64_t digestOf(const Snapshot &state, int64_t acknowledged) {
  uint64_t digest = mixed(static_cast<uint64_t>(acknowledged) + 0x9e3779b97f4a7c15);
  auto add = [&](const std::string &text) {
    digest = mixed(digest ^ std::hash<std::string>()(text)) + text.size();
  };
  for (const std::string &path : state.directories)
    add(path);
  for (const auto &[path, bytes] : state.files) {
    add(path);
    add(bytes);
  }
  return digest;
}

/// The state in which some files can be reached.
Snapshot stateOf(const MemoryDisk &disk, const std::map<std::string, int> &reached,
                 const std::map<int, std::string> &contents) {
  Snapshot state;
  for (const auto &[path, inode] : reached) {
    auto content = contents.find(inode);
    if (disk.isDirectory(inode))
      state.directories.insert(path);
    else
      state.files[path] = content == contents.end() ? "" : content->second;
  }
  return state;
}

} // namespace

/// Visits, for one way of keeping the entries, every content of each unsynced file, the other files
/// being as the process saw them, and as they were synced. Stops when `visit` returns false.
template <typename Visit>
static bool visitContents(const MemoryDisk &disk, const Moment &moment, const Names &names,
                          int drawnSets, Visit visit) {
  std::map<std::string, int> reached;
  names.collect(disk, 0, "", reached);
  for (bool current : {true, false}) {
    std::map<int, std::string> contents;
    for (const auto &[inode, file] : moment.files)
      contents[inode] = current ? file.current : file.durable;
    if (!visit(stateOf(disk, reached, contents)))
      return false;
    for (const auto &[path, inode] : reached) {
      auto file = moment.files.find(inode);
      if (file == moment.files.end() || !file->second.dirty())
        continue;
      std::string before = contents[inode];
      for (std::string &content : contentsOf(file->second, drawnSets)) {
        contents[inode] = std::move(content);
        if (!visit(stateOf(disk, reached, contents)))
          return false;
      }
      contents[inode] = before;
    }
  }
  return true;
}

void CrashStates::visit(const MemoryDisk &disk, size_t from, int64_t before,
                        const Visitor &visitor) {
  Moment moment = momentOf(disk.start());
  moment.acknowledged = before;
  auto visitNew = [&](const Snapshot &state) {
    bool isNew = seen.insert(digestOf(state, moment.acknowledged)).second;
    return !isNew || visitor(state, moment.acknowledged);
  };
  for (size_t at = 0; at <= disk.journal().size(); ++at) {
    if (at > 0)
      moment.apply(disk.journal()[at - 1]);
    if (at < from)
      continue;
    size_t pending = std::min(moment.pending.size(), kMostPending);
    for (size_t subset = 0; subset < size_t(1) << pending; ++subset)
      if (!visitContents(disk, moment, Names(moment, subset), drawnSets, visitNew))
        return;
  }
}

} // namespace ccm::test
