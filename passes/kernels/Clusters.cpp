// SPDX-License-Identifier: Apache-2.0
// Grows clusters from what they store towards what that is computed from.
#include "passes/kernels/Clusters.h"
#include "passes/functions/Expansion.h"
#include "passes/kernels/ClusterFit.h"

using namespace mlir;

namespace ccm {

Clusters::Clusters(Block &block, const ClusterFit &fit) : fit(fit) {
  connect(block);
  if (auto end = dyn_cast<func::ReturnOp>(block.getTerminator()))
    markPurposes(end);
  owner.assign(nests.size(), -1);
  for (unsigned number = nests.size(); number-- > 0;)
    if (owner[number] < 0)
      grow(number);
}

/// Numbers operations and nests, and notes who reads whom.
void Clusters::connect(Block &block) {
  for (Operation &op : block) {
    positions[&op] = nestAt.size();
    auto nest = dyn_cast<linalg::GenericOp>(op);
    nestAt.push_back(nest ? int(nests.size()) : -1);
    reach.push_back(reach.size());
    if (!nest)
      continue;
    numbers[nest] = nests.size();
    nests.push_back(nest);
  }
  readers.resize(nestAt.size());
  seen.assign(nestAt.size(), 0);
  purposes.assign(nestAt.size(), 0);
  for (Operation &op : block)
    for (Value read : readsOf(&op))
      if (Operation *producer = read.getDefiningOp())
        if (auto &list = readers[positionOf(producer)];
            list.empty() || list.back() != positionOf(&op))
          list.push_back(positionOf(&op));
}

/// The half of the backward that returns a result of that role, as a bit; 0 elsewhere.
static unsigned purposeOf(func::FuncOp function, unsigned result) {
  if (entryOf(function) != EntryKind::Backward)
    return 0;
  auto region = function.getResultAttrOfType<StringAttr>(result, kRoleAttr);
  return region && region == stringifyRegion(Region::InputDelta) ? 1 : 2;
}

/// Everything that a half's results are computed from serves that half.
void Clusters::markPurposes(func::ReturnOp end) {
  auto function = end->getParentOfType<func::FuncOp>();
  for (auto [number, value] : llvm::enumerate(end.getOperands()))
    if (Operation *producer = value.getDefiningOp())
      purposes[positionOf(producer)] |= purposeOf(function, number);
  for (unsigned position = readers.size(); position-- > 0;)
    for (unsigned reader : readers[position])
      purposes[position] |= purposes[reader];
}

SmallVector<Cluster> Clusters::take() {
  SmallVector<Cluster> taken;
  for (auto [number, nest] : llvm::enumerate(nests)) {
    if (owner[number] == int(number) && !clusters.contains(number))
      taken.push_back({nest});
    if (auto cluster = clusters.find(number); cluster != clusters.end())
      taken.push_back(llvm::map_to_vector(cluster->second, [&](unsigned n) { return nests[n]; }));
  }
  return taken;
}

void Clusters::grow(unsigned sink) {
  Members members{sink};
  owner[sink] = int(sink);
  addSiblings(sink, members);
  while (addProducers(members))
    continue;
}

/// Elementwise readers of a reduction that the sink reads too, over the same points.
bool Clusters::addSiblings(unsigned sink, Members &members) {
  if (!isElementwise(nests[sink]))
    return false;
  bool added = false;
  for (Value input : nests[sink].getDpsInputs()) {
    auto product = input.getDefiningOp<linalg::GenericOp>();
    if (!product || isElementwise(product) || owner[numbers.lookup(product)] >= 0)
      continue;
    Members all = members;
    for (Operation *reader : readersOf(input))
      if (auto sibling = dyn_cast<linalg::GenericOp>(reader))
        if (unsigned number = numbers.lookup(sibling);
            isElementwise(sibling) && owner[number] < 0 && !llvm::is_contained(all, number))
          all.push_back(number);
    llvm::sort(all);
    added |= all.size() > members.size() && tryMerge(all, numbers.lookup(product));
    if (llvm::is_contained(all, numbers.lookup(product)))
      members = all;
  }
  return added;
}

bool Clusters::addProducers(Members &members) {
  // A merge changes the members and ends the loop.
  for (unsigned member : llvm::reverse(members))
    for (Value input : nests[member].getDpsInputs())
      if (auto producer = input.getDefiningOp<linalg::GenericOp>())
        if (owner[numbers.lookup(producer)] < 0 && tryMerge(members, numbers.lookup(producer)))
          return true;
  return false;
}

/// Adds a nest, and everything in `members` with it, when a good kernel comes out.
bool Clusters::tryMerge(Members &members, unsigned candidate) {
  Members all = members;
  all.insert(llvm::lower_bound(all, candidate), candidate);
  auto cluster = llvm::map_to_vector(all, [&](unsigned number) { return nests[number]; });
  if (!servesOnePurpose(all) || !fit.holds(Cluster(cluster)) || readsInCircle(all))
    return false;
  adopt(all);
  members = std::move(all);
  return true;
}

void Clusters::adopt(const Members &members) {
  for (unsigned number : members)
    owner[number] = int(members.back());
  clusters[members.back()] = members;
  unsigned last = positionOf(nests[members.back()]);
  for (unsigned at = positionOf(nests[members.front()]); at < last; ++at)
    reach[at] = std::max(reach[at], last);
}

/// Whether the values that would be stored serve the same halves of the backward.
bool Clusters::servesOnePurpose(ArrayRef<unsigned> members) {
  unsigned purpose = purposes[positionOf(nests[members.back()])];
  return llvm::all_of(members, [&](unsigned number) {
    unsigned position = positionOf(nests[number]);
    bool isStored = llvm::any_of(readers[position], [&](unsigned reader) {
      return nestAt[reader] < 0 || !llvm::is_contained(members, unsigned(nestAt[reader]));
    });
    return !isStored || purposes[position] == purpose;
  });
}

/// The last position from which reading on, or being computed together, may lead back to
/// `position` or before: clusters that begin at or before it, those that begin before their ends,
/// and so on.
unsigned Clusters::lastReachable(unsigned position) const {
  while (reach[position] > position)
    position = reach[position];
  return position;
}

/// The positions of what is computed together with the operation at `position`.
SmallVector<unsigned> Clusters::groupOf(unsigned position) const {
  int sink = nestAt[position] < 0 ? -1 : owner[nestAt[position]];
  if (sink < 0 || !clusters.contains(unsigned(sink)))
    return {position};
  return llvm::map_to_vector(clusters.at(unsigned(sink)),
                             [&](unsigned number) { return positionOf(nests[number]); });
}

/// Whether something outside reads a member and is read by another:
///
///     member a ---> outsider ---> its cluster's other nests ---> … ---> member b
bool Clusters::readsInCircle(ArrayRef<unsigned> members) {
  const unsigned last = lastReachable(positionOf(nests[members.back()]));
  SmallVector<unsigned> work;
  ++search;
  auto isMember = [&](unsigned position) {
    return nestAt[position] >= 0 && llvm::is_contained(members, unsigned(nestAt[position]));
  };
  auto visitReaders = [&](unsigned position) {
    for (unsigned reader : readers[position])
      if (reader <= last && std::exchange(seen[reader], search) != search)
        work.push_back(reader);
  };
  for (unsigned number : members)
    for (unsigned reader : readers[positionOf(nests[number])])
      if (!isMember(reader) && reader <= last && std::exchange(seen[reader], search) != search)
        work.push_back(reader);
  while (!work.empty()) {
    unsigned position = work.pop_back_val();
    ++visited;
    if (isMember(position))
      return true;
    for (unsigned together : groupOf(position))
      visitReaders(together);
  }
  return false;
}

} // namespace ccm
