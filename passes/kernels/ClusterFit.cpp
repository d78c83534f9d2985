// SPDX-License-Identifier: Apache-2.0
// The conditions under which nests are computed together.
#include "passes/kernels/ClusterFit.h"
#include "nests/Ties.h"
#include "passes/functions/Expansion.h"
#include "passes/kernels/Layouts.h"

using namespace mlir;

namespace ccm {

namespace {

/// A value per row has that many times fewer elements than what is stored.
constexpr int64_t kRowElements = 8;

/// Reads by indices that data choose.
bool gathers(linalg::GenericOp nest) {
  return !nest.getBody()->getOps<tensor::ExtractOp>().empty();
}

/// Adds rows, or picks elements, by comparing positions.
bool reducesByIndex(linalg::GenericOp nest) {
  return !isElementwise(nest) && !nest.getBody()->getOps<linalg::IndexOp>().empty();
}

/// Whether a value is written to a caller's memory, which may begin anywhere. What a kernel stores
/// and reads again lies in memory of ours, at whole vectors.
bool liesWithCaller(Value value) {
  auto isCallers = [](OpOperand &use) {
    auto end = dyn_cast<func::ReturnOp>(use.getOwner());
    if (!end)
      return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(use.getOwner()) &&
             liesWithCaller(use.getOwner()->getResult(0));
    auto function = end->getParentOfType<func::FuncOp>();
    auto region = function.getResultAttrOfType<StringAttr>(use.getOperandNumber(), kRoleAttr);
    return region && (region == stringifyRegion(Region::Output) ||
                      region == stringifyRegion(Region::InputDelta));
  };
  return llvm::any_of(value.getUses(), isCallers);
}

/// Batches of a product, outermost first, that every operand follows (one of a single element may
/// be missing in some).
SmallVector<unsigned> batchesOf(const Nest &product) {
  auto follow = [&](unsigned dim) {
    AffineExpr loop = getAffineDimExpr(product.results[dim], product.op.getContext());
    return llvm::all_of(readsOf(product), [&](const Access &access) {
      return access.destination || llvm::is_contained(access.indices, loop);
    });
  };
  SmallVector<unsigned> batches;
  llvm::copy_if(llvm::reverse(product.batches), std::back_inserter(batches), follow);
  return batches;
}

class Fit {
public:
  Fit(const NestList &list, const Limits &limits)
      : list(list), limits(limits), sink(list.nests.back()),
        ties(list, storeOfSink(), [](unsigned, Value) { return false; }) {}

  bool holds() {
    auto all = llvm::seq<unsigned>(0, list.nests.size());
    return llvm::all_of(all, [&](unsigned number) { return mayJoin(number); }) && hasOneTile() &&
           llvm::all_of(all,
                        [&](unsigned number) { return isPointwise(number) || hasPart(number); });
  }

private:
  static linalg::GenericOp opOf(const Nest &nest) {
    return cast<linalg::GenericOp>(nest.op.getOperation());
  }
  linalg::GenericOp opOf(unsigned number) const { return opOf(list.nests[number]); }
  ArrayRef<int64_t> shape() const { return shapeOf(sink.op->getResult(0)); }
  bool isMember(Operation *op) const { return list.numbers.contains(op); }

  /// What the last nest stores, and the seen elementwise nests that share its loops.
  Store storeOfSink() const {
    Store store{shape(), llvm::to_vector_of<Value>(sink.op->getResults())};
    for (const Nest &nest : list.nests)
      if (&nest != &sink && !nest.isReduction() && isSeen(nest) && sharesStore(nest))
        llvm::append_range(store.values, nest.op->getResults());
    return store;
  }

  bool sharesStore(const Nest &nest) const {
    return !sink.isReduction() && shapeOf(nest.op->getResult(0)) == shape() &&
           sharesLoops(list, nest.op->getResult(0), sink.op->getResult(0));
  }

  /// Whether the nest, by itself, can be a part of a cluster.
  bool mayJoin(unsigned number) const {
    linalg::GenericOp nest = opOf(number);
    if (number + 1 == list.nests.size())
      return list.nests.size() == 1 || (!gathers(nest) && !reducesByIndex(nest));
    return !inPlaceOperand(nest->getResult(0)) && !gathers(nest) && mayBeSeen(number) &&
           (!reducesByIndex(nest) || (isPointwise(number) && nest->hasOneUse()));
  }

  /// At most one product, or else only reductions, are computed at the points of the store.
  bool hasOneTile() {
    unsigned products = 0, reductions = 0;
    for (auto [number, nest] : llvm::enumerate(list.nests)) {
      if (!isPointwise(number) || !nest.isReduction())
        continue;
      ++reductions;
      if (nest.isProduct()) {
        ++products;
        productOf = number;
      }
    }
    return products == 0 || reductions == 1;
  }

  /// Computed at the very points of the store: what is one for a whole row has ties of its own.
  bool isPointwise(unsigned number) const {
    return ties.contains(number) && ties.isPointwise(number) &&
           shapeOf(list.nests[number].op->getResult(0)) == shape();
  }

  bool isSeen(const Nest &nest) const {
    return llvm::any_of(nest.op->getResults(), [&](Value value) {
      return llvm::any_of(readersOf(value), [&](Operation *reader) { return !isMember(reader); });
    });
  }

  /// A value that others read too is stored by the same loops, or small and computed alone.
  bool mayBeSeen(unsigned number) const {
    const Nest &nest = list.nests[number];
    if (!isSeen(nest))
      return true;
    if (!nest.isReduction() && isPointwise(number))
      return sharesStore(nest);
    return !nest.isProduct() && !llvm::any_of(nest.op->getResults(), liesWithCaller) &&
           nest.elements() <= ShapedType::getNumElements(shape()) / kRowElements &&
           standsAlone(opOf(number)) && fitsOwnStore(number);
  }

  /// Whether nothing that the nest is computed from is needed elsewhere in the cluster, up to what
  /// is stored too.
  bool standsAlone(linalg::GenericOp nest) const {
    return llvm::all_of(nest.getDpsInputs(), [&](Value input) {
      const Nest *producer = list.nestOf(input);
      return !producer || isSeen(*producer) ||
             (llvm::hasSingleElement(readersOf(input)) && standsAlone(opOf(*producer)));
    });
  }

  /// Whether the reductions behind a small value that is stored by itself are computed at its
  /// points or fit a buffer as a whole.
  bool fitsOwnStore(unsigned number) const {
    const Nest &nest = list.nests[number];
    Store store{shapeOf(nest.op->getResult(0)), llvm::to_vector_of<Value>(nest.op->getResults())};
    Ties own(list, store,
             [&](unsigned other, Value) { return other != number && isSeen(list.nests[other]); });
    return llvm::all_of(own.members(), [&](unsigned other) {
      return !list.nests[other].isReduction() || own.isPointwise(other) ||
             partBytes(own, other, {}) <= limits.partBytes;
    });
  }

  int64_t partBytes(const Ties &of, unsigned number, ArrayRef<unsigned> outside) const {
    return bufferBytes(of.partInside(number, outside), opOf(number)->getNumResults());
  }

  bool isTied(unsigned number, unsigned dim) const {
    return ties.contains(number) && llvm::is_contained(ties.of(number), int(dim));
  }

  /// Loops of the store that may enclose parts: the product's batches, or all outside of vectors.
  SmallVector<unsigned> outerLoops() const {
    if (productOf)
      return batchesOf(list.nests[*productOf]);
    size_t lane = shape().size();
    while (lane > 0 && shape()[lane - 1] == 1)
      --lane;
    return llvm::to_vector(llvm::seq<unsigned>(0, lane ? lane - 1 : 0));
  }

  /// Whether a nest that is not computed point by point has parts that are small enough.
  bool hasPart(unsigned number) const {
    if (isSeen(list.nests[number]))
      return true;
    SmallVector<unsigned> outer = outerLoops();
    if (outer.empty() || !isTied(number, outer.front()))
      return false;
    if (productOf && !llvm::all_of(outer, [&](unsigned dim) { return isTied(number, dim); }))
      return false;
    if (list.nests[number].isProduct() && !followsBatches(number, outer))
      return false;
    llvm::erase_if(outer, [&](unsigned dim) { return !isCommon(dim); });
    return partBytes(ties, number, outer) <= limits.partBytes;
  }

  bool followsBatches(unsigned number, ArrayRef<unsigned> outer) const {
    SmallVector<unsigned> batches = batchesOf(list.nests[number]);
    return !batches.empty() && llvm::all_of(batches, [&](unsigned dim) {
      int tie = ties.of(number)[dim];
      return tie >= 0 && llvm::is_contained(outer, unsigned(tie));
    });
  }

  /// Whether all parts follow a loop, so that it can be outside of them.
  bool isCommon(unsigned dim) const {
    return llvm::all_of(llvm::seq<unsigned>(0, list.nests.size()), [&](unsigned number) {
      return isPointwise(number) || isSeen(list.nests[number]) || isTied(number, dim);
    });
  }

  const NestList &list;
  const Limits &limits;
  const Nest &sink;
  const Ties ties;
  std::optional<unsigned> productOf; ///< the product at the points of the store
};

} // namespace

FailureOr<ClusterFit> ClusterFit::of(Block &block) {
  ClusterFit fit(limitsOf(block.getParentOp()));
  for (auto op : block.getOps<linalg::GenericOp>()) {
    FailureOr<Nest> nest = classify(cast<linalg::LinalgOp>(op.getOperation()), Views::Outside);
    if (failed(nest))
      return failure();
    fit.nests.try_emplace(op, std::move(*nest));
  }
  return fit;
}

bool ClusterFit::holds(const Cluster &cluster) const {
  NestList list;
  for (auto [number, op] : llvm::enumerate(cluster)) {
    list.numbers[op] = number;
    list.nests.push_back(nests.at(op));
  }
  return Fit(list, limits).holds();
}

} // namespace ccm
