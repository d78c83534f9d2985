// SPDX-License-Identifier: Apache-2.0
// Grows clusters from what they store towards what that is computed from.
#include "passes/kernels/Clusters.h"
#include "passes/functions/Expansion.h"
#include "passes/kernels/ClusterFit.h"

using namespace mlir;

namespace ccm {

Clusters::Clusters(Block &block, const ClusterFit &fit) : fit(fit) {
  for (auto nest : block.getOps<linalg::GenericOp>()) {
    numbers[nest] = nests.size();
    nests.push_back(nest);
  }
  owner.assign(nests.size(), -1);
  for (unsigned number = nests.size(); number-- > 0;)
    if (owner[number] < 0)
      grow(number);
}

SmallVector<Cluster> Clusters::take() {
  llvm::MapVector<int, Cluster> found;
  for (auto [number, nest] : llvm::enumerate(nests))
    found[owner[number]].push_back(nest);
  SmallVector<Cluster> clusters;
  for (auto &[sink, cluster] : found)
    clusters.push_back(std::move(cluster));
  return clusters;
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
  Cluster cluster;
  for (unsigned number : all)
    cluster.push_back(nests[number]);
  if (!fit.holds(cluster) || readsInCircle(all))
    return false;
  for (unsigned number : all)
    owner[number] = int(all.back());
  members = std::move(all);
  return true;
}

/// The operations that are computed together with `op`.
SmallVector<Operation *> Clusters::groupOf(Operation *op, const Members &members) {
  auto at = numbers.find(op);
  if (at == numbers.end())
    return {op};
  bool isOurs = llvm::is_contained(members, at->second);
  int sink = owner[at->second];
  SmallVector<Operation *> group;
  if (isOurs || sink < 0)
    return {op};
  for (unsigned number = 0; number < nests.size(); ++number)
    if (owner[number] == sink)
      group.push_back(nests[number]);
  return group;
}

/// Whether something outside reads a member and is read by another.
bool Clusters::readsInCircle(const Members &members) {
  SmallVector<Operation *> work;
  llvm::DenseSet<Operation *> seen;
  auto isMember = [&](Operation *op) {
    auto at = numbers.find(op);
    return at != numbers.end() && llvm::is_contained(members, at->second);
  };
  auto visitReaders = [&](Operation *op) {
    for (Value result : op->getResults())
      for (Operation *reader : readersOf(result))
        if (seen.insert(reader).second)
          work.push_back(reader);
  };
  for (unsigned number : members)
    for (Value result : nests[number]->getResults())
      for (Operation *reader : readersOf(result))
        if (!isMember(reader) && seen.insert(reader).second)
          work.push_back(reader);
  while (!work.empty()) {
    Operation *op = work.pop_back_val();
    if (isMember(op))
      return true;
    for (Operation *together : groupOf(op, members))
      visitReaders(together);
  }
  return false;
}

} // namespace ccm
