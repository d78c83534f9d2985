// SPDX-License-Identifier: Apache-2.0
// How the dims of a group's nests follow the loops of its store.
#include "codegen/plan/PlanStages.h"

using namespace mlir;

namespace ccm {

Ties::Ties(const KernelPlan &plan, const Group &group, ArrayRef<unsigned> shared)
    : plan(plan), group(group), shared(shared) {
  SmallVector<int> identity = llvm::to_vector(llvm::seq<int>(0, group.shape.size()));
  for (unsigned result : group.results) {
    Value value = plan.sinks[result].value;
    SmallVector<AffineExpr> indices;
    for (unsigned dim = 0; dim < group.shape.size(); ++dim)
      indices.push_back(getAffineDimExpr(dim, value.getContext()));
    note({value, indices}, identity, nullptr);
  }
  for (unsigned number = plan.nests.size(); number-- > 0;) {
    auto found = ties.find(number);
    if (found == ties.end())
      continue;
    cone.push_back(number);
    const Nest &nest = plan.nests[number];
    SmallVector<int> loopTies(nest.extents.size(), -1);
    for (auto [dim, loop] : llvm::enumerate(nest.results))
      loopTies[loop] = found->second[dim];
    for (const Access &access : readsOf(nest))
      note(access, loopTies, &nest);
  }
  std::reverse(cone.begin(), cone.end());
}

/// Whether the dims of a nest are those of the store, one for one.
bool Ties::followsStore(const Nest &nest, ArrayRef<int> loopTies) const {
  if (nest.results.size() != group.shape.size())
    return false;
  for (auto [dim, loop] : llvm::enumerate(nest.results))
    if (nest.extents[loop] > 1 && loopTies[loop] != int(dim))
      return false;
  return true;
}

/// Takes note of a read by `reader` (null: the store), whose loops are tied by `loopTies`.
void Ties::note(const Access &access, ArrayRef<int> loopTies, const Nest *reader) {
  auto shape = cast<ShapedType>(access.source.getType()).getShape();
  SmallVector<int> found;
  bool pointwise = shape == ArrayRef(group.shape);
  for (auto [dim, index] : llvm::enumerate(access.indices)) {
    auto loop = dyn_cast_or_null<AffineDimExpr>(index);
    found.push_back(loop ? loopTies[loop.getPosition()] : -1);
    pointwise &= shape[dim] == 1 || found.back() == int(dim);
  }
  const Nest *nest = plan.nestOf(access.source);
  if (!nest) {
    if (access.destination)
      pointwise = followsStore(*reader, loopTies);
    if (!pointwise)
      elsewhere.insert(access.source);
    return;
  }
  unsigned number = plan.numberOf(*nest);
  auto owner = plan.groupOf(access.source);
  if (llvm::is_contained(shared, number) || (owner && &plan.groups[*owner] != &group))
    return;
  readerCount[number] += 1;
  if (reader && reader->isProduct())
    productReads.insert(number);
  join(number, found);
}

void Ties::join(unsigned number, ArrayRef<int> found) {
  auto [at, isNew] = ties.try_emplace(number, SmallVector<int>(found));
  if (isNew)
    return;
  for (auto [tie, other] : llvm::zip(at->second, found))
    if (tie != other)
      tie = -1;
}

} // namespace ccm
