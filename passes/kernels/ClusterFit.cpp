// SPDX-License-Identifier: Apache-2.0
// The conditions under which nests are computed together.
#include "passes/kernels/ClusterFit.h"
#include "passes/functions/Expansion.h"
#include "passes/kernels/Layouts.h"

using namespace mlir;

namespace ccm {

bool isElementwise(linalg::GenericOp nest) { return nest.getNumReductionLoops() == 0; }

namespace {

/// Bytes of the part of a value that is kept for one iteration of the shared loops.
constexpr int64_t kPartBytes = 64 * 1024;
/// A value per row has that many times fewer elements than what is stored.
constexpr int64_t kRowElements = 8;

/// The loop of each dimension of a value that is read or written; -1 where it is not a loop alone.
SmallVector<int> loopsOf(AffineMap map) {
  SmallVector<int> loops;
  for (AffineExpr index : map.getResults()) {
    auto loop = dyn_cast<AffineDimExpr>(index);
    loops.push_back(loop ? int(loop.getPosition()) : -1);
  }
  return loops;
}

AffineMap resultMap(linalg::GenericOp nest) {
  return nest.getMatchingIndexingMap(nest.getDpsInitOperand(0));
}

bool addsProducts(linalg::GenericOp nest) {
  Operation *sum = nest.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  return isa_and_present<arith::AddFOp>(sum) && llvm::any_of(sum->getOperands(), [](Value term) {
           return term.getDefiningOp<arith::MulFOp>();
         });
}

/// A sum of products that is computed in tiles: neighbours in the result are neighbours in one
/// operand and share the element of another.
bool isProduct(linalg::GenericOp nest) {
  SmallVector<int> dims = loopsOf(resultMap(nest));
  if (isElementwise(nest) || nest.getNumResults() != 1 || dims.empty() || !addsProducts(nest))
    return false;
  bool isShared = false;
  for (OpOperand *operand : nest.getDpsInputOperands()) {
    AffineMap map = nest.getMatchingIndexingMap(operand);
    if (!map.isFunctionOfDim(dims.back()))
      isShared = true;
    else if (loopsOf(map).back() != dims.back())
      return false;
  }
  return isShared;
}

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

class Fit {
public:
  explicit Fit(const Cluster &cluster) : cluster(cluster), sink(cluster.back()) {
    for (auto [number, nest] : llvm::enumerate(cluster))
      numbers[nest] = number;
    tie();
  }

  bool holds() {
    auto all = llvm::seq<unsigned>(0, cluster.size());
    return llvm::all_of(all, [&](unsigned number) { return mayJoin(number); }) && hasOneTile() &&
           llvm::all_of(all,
                        [&](unsigned number) { return isPointwise(number) || hasPart(number); });
  }

private:
  ArrayRef<int64_t> shape() const { return shapeOf(sink->getResult(0)); }

  bool isMember(Operation *op) const { return numbers.contains(op); }

  /// Whether the nest, by itself, can be a part of a cluster.
  bool mayJoin(unsigned number) const {
    linalg::GenericOp nest = cluster[number];
    if (nest == sink)
      return cluster.size() == 1 || (!gathers(nest) && !reducesByIndex(nest));
    return !inPlaceOperand(nest->getResult(0)) && !gathers(nest) && mayBeSeen(number) &&
           (!reducesByIndex(nest) || (isPointwise(number) && nest->hasOneUse()));
  }

  /// At most one product, or else only reductions, are computed at the points of the store.
  bool hasOneTile() {
    unsigned products = 0, reductions = 0;
    for (auto [number, nest] : llvm::enumerate(cluster)) {
      if (!isPointwise(number) || isElementwise(nest))
        continue;
      ++reductions;
      if (isProduct(nest)) {
        ++products;
        productOf = number;
      }
    }
    return products == 0 || reductions == 1;
  }

  /// Dimensions of the store that each dimension of each nest follows, from the last nest
  /// backwards.
  void tie() {
    ties.resize(cluster.size());
    for (unsigned number = cluster.size(); number-- > 0;) {
      linalg::GenericOp nest = cluster[number];
      if (ties[number].empty() && sameDomain(nest))
        ties[number] = llvm::to_vector(llvm::seq<int>(0, shape().size()));
      SmallVector<int> loopTies(nest.getNumLoops(), -1);
      if (!ties[number].empty())
        for (auto [dim, loop] : llvm::enumerate(loopsOf(resultMap(nest))))
          if (loop >= 0)
            loopTies[loop] = ties[number][dim];
      for (OpOperand *operand : nest.getDpsInputOperands())
        if (Operation *producer = operand->get().getDefiningOp(); isMember(producer))
          join(numbers.lookup(producer), nest.getMatchingIndexingMap(operand), loopTies);
    }
  }

  void join(unsigned number, AffineMap map, ArrayRef<int> loopTies) {
    SmallVector<int> found;
    for (int loop : loopsOf(map))
      found.push_back(loop < 0 ? -1 : loopTies[loop]);
    if (ties[number].empty()) {
      ties[number] = std::move(found);
      return;
    }
    for (auto [tie, other] : llvm::zip(ties[number], found))
      if (tie != other)
        tie = -1;
  }

  bool sameDomain(linalg::GenericOp nest) const {
    return nest == sink || (isElementwise(nest) && shapeOf(nest->getResult(0)) == shape());
  }

  bool isPointwise(unsigned number) const {
    linalg::GenericOp nest = cluster[number];
    if (shapeOf(nest->getResult(0)).size() != shape().size())
      return false;
    for (auto [dim, tie] : llvm::enumerate(ties[number]))
      if (tie != int(dim))
        return false;
    return true;
  }

  bool isSeen(linalg::GenericOp nest) const {
    return llvm::any_of(nest->getResults(), [&](Value value) {
      return llvm::any_of(readersOf(value), [&](Operation *reader) { return !isMember(reader); });
    });
  }

  /// A value that others read too is stored by the same loops, or small and computed alone.
  bool mayBeSeen(unsigned number) const {
    linalg::GenericOp nest = cluster[number];
    if (!isSeen(nest))
      return true;
    if (isElementwise(nest) && isPointwise(number))
      return isElementwise(sink) && sharesLoops(number);
    int64_t elements = cast<ShapedType>(nest->getResult(0).getType()).getNumElements();
    return !isProduct(nest) && !llvm::any_of(nest->getResults(), liesWithCaller) &&
           elements <= ShapedType::getNumElements(shape()) / kRowElements && standsAlone(nest);
  }

  /// The members that a value is computed from, through elementwise ones.
  void collect(unsigned number, llvm::DenseSet<unsigned> &maps,
               llvm::DenseSet<unsigned> &reductions) const {
    linalg::GenericOp nest = cluster[number];
    if (!isElementwise(nest)) {
      reductions.insert(number);
      return;
    }
    if (maps.insert(number).second)
      for (Value input : nest.getDpsInputs())
        if (Operation *producer = input.getDefiningOp(); isMember(producer))
          collect(numbers.lookup(producer), maps, reductions);
  }

  /// Whether the code generator stores the nest and the sink by the same loops.
  bool sharesLoops(unsigned number) const {
    llvm::DenseSet<unsigned> maps, reductions, ofSink, reductionsOfSink;
    collect(number, maps, reductions);
    collect(cluster.size() - 1, ofSink, reductionsOfSink);
    return ofSink.contains(number) || reductions == reductionsOfSink;
  }

  /// Whether nothing that the nest is computed from is needed elsewhere in the cluster, up to what
  /// is stored too.
  bool standsAlone(linalg::GenericOp nest) const {
    return llvm::all_of(nest.getDpsInputs(), [&](Value input) {
      auto producer = input.getDefiningOp<linalg::GenericOp>();
      return !producer || !isMember(producer) || isSeen(producer) ||
             (llvm::hasSingleElement(readersOf(input)) && standsAlone(producer));
    });
  }

  bool isTied(unsigned number, unsigned dim) const {
    return llvm::is_contained(ties[number], int(dim));
  }

  /// Dimensions of a product that both operands have.
  static SmallVector<unsigned> batchesOf(linalg::GenericOp product) {
    SmallVector<unsigned> batches;
    for (auto [dim, loop] : llvm::enumerate(loopsOf(resultMap(product))))
      if (llvm::all_of(product.getDpsInputOperands(), [&, loop = loop](OpOperand *operand) {
            return llvm::is_contained(loopsOf(product.getMatchingIndexingMap(operand)), loop);
          }))
        batches.push_back(dim);
    return batches;
  }

  /// Loops of the store that may enclose parts: the product's batches, or all outside of vectors.
  SmallVector<unsigned> outerLoops() const {
    if (productOf)
      return batchesOf(cluster[*productOf]);
    size_t lane = shape().size();
    while (lane > 0 && shape()[lane - 1] == 1)
      --lane;
    return llvm::to_vector(llvm::seq<unsigned>(0, lane ? lane - 1 : 0));
  }

  /// Whether a nest that is not computed point by point has parts that are small enough.
  bool hasPart(unsigned number) const {
    linalg::GenericOp nest = cluster[number];
    if (isSeen(nest))
      return true;
    SmallVector<unsigned> outer = outerLoops();
    if (outer.empty() || !isTied(number, outer.front()))
      return false;
    if (productOf && !llvm::all_of(outer, [&](unsigned dim) { return isTied(number, dim); }))
      return false;
    if (isProduct(nest) && !followsBatches(number, outer))
      return false;
    return bytesInside(number, outer) <= kPartBytes;
  }

  bool followsBatches(unsigned number, ArrayRef<unsigned> outer) const {
    SmallVector<unsigned> batches = batchesOf(cluster[number]);
    return !batches.empty() && llvm::all_of(batches, [&](unsigned dim) {
      int tie = ties[number][dim];
      return tie >= 0 && llvm::is_contained(outer, unsigned(tie));
    });
  }

  int64_t bytesInside(unsigned number, ArrayRef<unsigned> outer) const {
    int64_t bytes = 4 * int64_t(cluster[number]->getNumResults());
    for (auto [dim, extent] : llvm::enumerate(shapeOf(cluster[number]->getResult(0)))) {
      int tie = ties[number][dim];
      bool isOutside = tie >= 0 && llvm::is_contained(outer, unsigned(tie)) && isCommon(tie);
      if (!isOutside && llvm::MulOverflow(bytes, extent, bytes))
        return INT64_MAX;
    }
    return bytes;
  }

  /// Whether all parts follow a loop, so that it can be outside of them.
  bool isCommon(unsigned dim) const {
    return llvm::all_of(llvm::seq<unsigned>(0, cluster.size()), [&](unsigned number) {
      return isPointwise(number) || isSeen(cluster[number]) || isTied(number, dim);
    });
  }

  const Cluster &cluster;
  linalg::GenericOp sink;
  llvm::DenseMap<Operation *, unsigned> numbers;
  SmallVector<SmallVector<int>> ties; ///< per nest and dimension; empty: nothing reads it
  std::optional<unsigned> productOf;  ///< the product at the points of the store
};

} // namespace

bool fitsOneKernel(const Cluster &cluster) { return Fit(cluster).holds(); }

} // namespace ccm
