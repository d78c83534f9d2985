// SPDX-License-Identifier: Apache-2.0
// Everything that a disk may hold after a power cut at any moment of a journal.
#pragma once

#include "tests/reliability/MemoryDisk.h"

#include <functional>
#include <unordered_set>

namespace ccm::test {

/// Visits the states that a power cut may leave, each one once.
///
/// What was synced is there. Of the rest, the disk may have kept anything: of entries that were
/// made, replaced or removed since their directory was synced, any subset in their order, where a
/// rename is two changes; of a file written since it was synced, a size between the old and the new
/// one, and in it any set of blocks of 64 bytes, with the old bytes or zeros in the others. All
/// subsets of entries are visited; of the contents of a file all sizes in steps of 16 bytes, every
/// block missing alone and kept alone, and sets of blocks drawn at random.
class CrashStates {
public:
  /// `acknowledged` is the last mark before the power cut, or `before` when there was none. False
  /// ends the visit.
  using Visitor = std::function<bool(const Snapshot &state, int64_t acknowledged)>;

  explicit CrashStates(int drawnSets = 16) : drawnSets(drawnSets) {}
  /// Visits what power cuts after the first `from` changes of a disk's journal, or later, leave.
  void visit(const MemoryDisk &disk, size_t from, int64_t before, const Visitor &visitor);
  /// States visited so far that differ in content or acknowledgement.
  size_t count() const { return seen.size(); }

private:
  int drawnSets;
  std::unordered_set<uint64_t> seen;
};

} // namespace ccm::test
