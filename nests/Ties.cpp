// SPDX-License-Identifier: Apache-2.0
// How the dims of nests follow the loops of what they store.
#include "nests/Ties.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ccm {

SmallVector<Access> readsOf(const Nest &nest) {
  SmallVector<Access> reads;
  linalg::LinalgOp op = nest.op;
  for (OpOperand &operand : op->getOpOperands())
    if (!op.getMatchingBlockArgument(&operand).use_empty()) {
      reads.push_back(readOf(nest, operand));
      reads.back().destination = op.isDpsInit(&operand);
    }
  for (auto extract : op.getBlock()->getOps<tensor::ExtractOp>()) {
    SmallVector<AffineExpr> indices;
    for (Value index : extract.getIndices()) {
      auto loop = index.getDefiningOp<linalg::IndexOp>();
      indices.push_back(loop ? getAffineDimExpr(loop.getDim(), op.getContext()) : AffineExpr());
    }
    if (nest.views == Views::Through)
      reads.push_back(accessOf(extract.getTensor(), indices));
    else
      reads.push_back({extract.getTensor(), indices});
  }
  return reads;
}

const Nest *NestList::nestOf(Value value) const {
  Operation *op = value.getDefiningOp();
  auto at = op ? numbers.find(op) : numbers.end();
  return at == numbers.end() ? nullptr : &nests[at->second];
}

Ties::Ties(const NestList &list, const Store &store, IsElsewhere isElsewhere)
    : list(list), shape(store.shape) {
  SmallVector<int> identity = llvm::to_vector(llvm::seq<int>(0, shape.size()));
  for (Value value : store.values) {
    SmallVector<AffineExpr> indices;
    for (unsigned dim = 0; dim < shape.size(); ++dim)
      indices.push_back(getAffineDimExpr(dim, value.getContext()));
    note({value, indices}, identity, nullptr, isElsewhere);
  }
  for (unsigned number = list.nests.size(); number-- > 0;) {
    auto found = ties.find(number);
    if (found == ties.end())
      continue;
    cone.push_back(number);
    const Nest &nest = list.nests[number];
    SmallVector<int> loopTies(nest.extents.size(), -1);
    for (auto [dim, loop] : llvm::enumerate(nest.results))
      loopTies[loop] = found->second[dim];
    for (const Access &access : readsOf(nest))
      note(access, loopTies, &nest, isElsewhere);
  }
  std::reverse(cone.begin(), cone.end());
}

bool Ties::isPointwise(unsigned number) const {
  const Nest &nest = list.nests[number];
  if (nest.results.size() != shape.size())
    return false;
  for (auto [dim, tie] : llvm::enumerate(of(number)))
    if (nest.extentOfDim(dim) > 1 && tie != int(dim))
      return false;
  return true;
}

bool Ties::follows(unsigned number, unsigned storeDim) const {
  return shape[storeDim] == 1 || llvm::is_contained(of(number), int(storeDim));
}

SmallVector<int64_t> Ties::partInside(unsigned number, ArrayRef<unsigned> outside) const {
  SmallVector<int64_t> extents;
  for (auto [dim, tie] : llvm::enumerate(of(number)))
    extents.push_back(tie >= 0 && llvm::is_contained(outside, unsigned(tie))
                          ? 1
                          : list.nests[number].extentOfDim(dim));
  return extents;
}

/// Whether the dims of a nest are those of the store, one for one.
bool Ties::followsStore(const Nest &nest, ArrayRef<int> loopTies) const {
  if (nest.results.size() != shape.size())
    return false;
  for (auto [dim, loop] : llvm::enumerate(nest.results))
    if (nest.extents[loop] > 1 && loopTies[loop] != int(dim))
      return false;
  return true;
}

/// Takes note of a read by `reader` (null: the store), whose loops are tied by `loopTies`.
void Ties::note(const Access &access, ArrayRef<int> loopTies, const Nest *reader,
                IsElsewhere isElsewhere) {
  auto extents = cast<ShapedType>(access.source.getType()).getShape();
  SmallVector<int> found;
  bool pointwise = extents == ArrayRef(shape);
  for (auto [dim, index] : llvm::enumerate(access.indices)) {
    auto loop = dyn_cast_or_null<AffineDimExpr>(index);
    found.push_back(loop ? loopTies[loop.getPosition()] : -1);
    pointwise &= extents[dim] == 1 || found.back() == int(dim);
  }
  const Nest *nest = list.nestOf(access.source);
  if (!nest) {
    if (access.destination)
      pointwise = followsStore(*reader, loopTies);
    if (!pointwise)
      elsewhere.insert(access.source);
    return;
  }
  unsigned number = list.numberOf(*nest);
  if (isElsewhere(number, access.source))
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

namespace {
/// What a value is computed from, through elementwise nests: those, and the reductions at their
/// end.
struct Origins {
  llvm::DenseSet<unsigned> elementwise, reductions;

  void collect(const NestList &list, Value value) {
    const Nest *nest = list.nestOf(value);
    if (!nest)
      return;
    unsigned number = list.numberOf(*nest);
    if (nest->kind != NestClass::Elementwise)
      reductions.insert(number);
    else if (elementwise.insert(number).second)
      for (const Access &access : readsOf(*nest))
        collect(list, access.source);
  }

  bool contains(const NestList &list, Value value) const {
    const Nest *nest = list.nestOf(value);
    return nest && elementwise.contains(list.numberOf(*nest));
  }
};
} // namespace

bool sharesLoops(const NestList &list, Value a, Value b) {
  Origins ofA, ofB;
  ofA.collect(list, a);
  ofB.collect(list, b);
  return ofA.reductions == ofB.reductions || ofA.contains(list, b) || ofB.contains(list, a);
}

int64_t bufferBytes(ArrayRef<int64_t> extents, int64_t results) {
  int64_t bytes = 4 * results;
  for (int64_t extent : extents)
    if (llvm::MulOverflow(bytes, extent, bytes))
      return INT64_MAX;
  return bytes;
}

} // namespace ccm
