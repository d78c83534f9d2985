// SPDX-License-Identifier: Apache-2.0
// Classification of loop nests.
#include "nests/NestClass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/InterleavedRange.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace ccm {

StringRef toString(NestClass kind) {
  switch (kind) {
  case NestClass::Elementwise:
    return "elementwise";
  case NestClass::Contraction:
    return "contraction";
  case NestClass::Window:
    return "window";
  case NestClass::Weights:
    return "weights";
  case NestClass::RowReduction:
    return "row-reduction";
  case NestClass::ColumnReduction:
    return "column-reduction";
  case NestClass::Reduction:
    return "reduction";
  case NestClass::Scatter:
    return "scatter";
  }
  return "";
}

bool isElementwise(Operation *op) {
  auto nest = dyn_cast_or_null<linalg::GenericOp>(op);
  return nest && nest.getNumReductionLoops() == 0;
}

bool Nest::isProduct() const {
  return kind == NestClass::Contraction || kind == NestClass::Window || kind == NestClass::Weights;
}

int64_t Nest::elements() const {
  int64_t product = 1;
  for (unsigned loop : results)
    product *= extents[loop];
  return product;
}

static Combiner combinerOf(Operation *op) {
  if (isa<arith::AddFOp, arith::AddIOp>(op))
    return Combiner::Add;
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(op))
    return Combiner::Max;
  if (isa<arith::MinimumFOp, arith::MinNumFOp>(op))
    return Combiner::Min;
  return Combiner::Other;
}

Combination combinationOf(linalg::LinalgOp op, unsigned number) {
  Block *block = op.getBlock();
  Operation *join = block->getTerminator()->getOperand(number).getDefiningOp();
  Value has = block->getArgument(op.getNumDpsInputs() + number);
  if (!join || join->getNumOperands() != 2 || !has.hasOneUse())
    return {};
  for (unsigned side : {0, 1})
    if (join->getOperand(side) == has)
      return {combinerOf(join), join->getOperand(1 - side)};
  return {};
}

namespace {

/// Works out the class of one nest.
class Classifier {
public:
  Classifier(Nest &nest) : nest(nest) {}

  void run() {
    if (!nest.isReduction())
      return;
    if ((nest.oneHot = findOneHot()))
      nest.kind = NestClass::Scatter;
    else if (!findProduct())
      findReduction();
  }

private:
  using Operands = SmallVector<OpOperand *>;

  /// Leaves of the tree of multiplications that yields `value`.
  void collectFactors(Value value, SmallVector<Value> &factors) {
    if (auto product = value.getDefiningOp<arith::MulFOp>()) {
      collectFactors(product.getLhs(), factors);
      collectFactors(product.getRhs(), factors);
    } else {
      factors.push_back(value);
    }
  }

  /// Operands of the nest that `value` of its body depends on.
  void collectOperands(Value value, Operands &operands) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getOwner() == nest.op.getBlock())
        operands.push_back(&nest.op->getOpOperand(argument.getArgNumber()));
    } else if (Operation *op = value.getDefiningOp(); op->getBlock() == nest.op.getBlock()) {
      for (Value operand : op->getOperands())
        collectOperands(operand, operands);
    }
  }

  bool depends(const Operands &operands, unsigned loop) const {
    return llvm::any_of(operands, [&](OpOperand *operand) {
      return llvm::any_of(readOf(nest, *operand).indices,
                          [&](AffineExpr e) { return !e || e.isFunctionOfDim(loop); });
    });
  }

  /// The loop that steps by one element through an operand, if a single loop does.
  std::optional<unsigned> densestLoop(OpOperand &operand) {
    Access read = readOf(nest, operand);
    auto shape = cast<ShapedType>(read.source.getType()).getShape();
    for (auto [index, extent] : llvm::reverse(llvm::zip(read.indices, shape))) {
      if (extent == 1)
        continue;
      auto loop = dyn_cast_or_null<AffineDimExpr>(index);
      return loop ? std::optional<unsigned>(loop.getPosition()) : std::nullopt;
    }
    return std::nullopt;
  }

  bool findProduct() {
    Combination sum = combinationOf(nest.op, 0);
    if (nest.op->getNumResults() != 1 || !nest.lane || sum.combiner != Combiner::Add ||
        !sum.term.getDefiningOp<arith::MulFOp>() || !splitSides(sum.term))
      return false;
    unsigned lane = nest.results[*nest.lane];
    for (OpOperand *operand : right)
      if (depends({operand}, lane) && densestLoop(*operand) != lane)
        return false;
    assignDims();
    findTaps();
    return true;
  }

  /// Sorts the factors into those without (left) and with (right) the lane.
  bool splitSides(Value term) {
    SmallVector<Value> factors;
    collectFactors(term, factors);
    for (Value factor : factors) {
      Operands operands;
      collectOperands(factor, operands);
      (depends(operands, nest.results[*nest.lane]) ? right : left).append(operands);
    }
    return !left.empty() && !right.empty();
  }

  void assignDims() {
    for (unsigned dim = nest.results.size(); dim-- > 0;) {
      bool ofLeft = depends(left, nest.results[dim]), ofRight = depends(right, nest.results[dim]);
      if (dim == *nest.lane)
        continue;
      bool single = nest.extentOfDim(dim) == 1 || ofLeft == ofRight;
      (single ? nest.batches : ofLeft ? nest.rows : nest.columns).push_back(dim);
    }
  }

  /// Whether some index of the operands adds the two loops.
  bool added(const Operands &operands, unsigned a, unsigned b) const {
    return llvm::any_of(operands, [&](OpOperand *operand) {
      return llvm::any_of(readOf(nest, *operand).indices, [&](AffineExpr e) {
        return e && e.isFunctionOfDim(a) && e.isFunctionOfDim(b);
      });
    });
  }

  void findTaps() {
    nest.kind = NestClass::Contraction;
    for (unsigned sum : nest.sums) {
      for (unsigned dim : nest.rows)
        noteTap(left, dim, sum);
      for (unsigned dim : nest.columns)
        noteTap(right, dim, sum);
    }
    if (!nest.dimTaps.empty())
      nest.kind = NestClass::Weights;
    else if (!nest.sumTaps.empty())
      orderWindow();
  }

  /// One tap inside shares what the rows load; the channels follow, as they lie densest.
  void orderWindow() {
    nest.kind = NestClass::Window;
    auto outer = llvm::make_filter_range(
        nest.sumTaps, [&](unsigned loop) { return loop != nest.sumTaps.front(); });
    SmallVector<unsigned> order{nest.sumTaps.front()};
    for (unsigned loop : nest.sums)
      if (!llvm::is_contained(nest.sumTaps, loop))
        order.push_back(loop);
    order.append(outer.begin(), outer.end());
    nest.sums = std::move(order);
  }

  /// Of a row and a sum that are added, the shorter one is the tap.
  void noteTap(const Operands &operands, unsigned dim, unsigned sum) {
    if (!added(operands, nest.results[dim], sum))
      return;
    if (nest.extents[sum] <= nest.extentOfDim(dim)) {
      if (!llvm::is_contained(nest.sumTaps, sum))
        nest.sumTaps.push_back(sum);
    } else if (!llvm::is_contained(nest.dimTaps, dim)) {
      nest.dimTaps.push_back(dim);
    }
  }

  /// The class follows the operand that most loops step through.
  void findReduction() {
    OpOperand *main = nullptr;
    unsigned most = 0;
    for (OpOperand *operand : nest.op.getDpsInputOperands()) {
      unsigned loops = 0;
      for (unsigned loop = 0; loop < nest.extents.size(); ++loop)
        loops += depends({operand}, loop);
      if (loops > most)
        main = operand, most = loops;
    }
    nest.kind = NestClass::Reduction;
    auto densest = main ? densestLoop(*main) : std::nullopt;
    if (!densest)
      return;
    if (auto at = llvm::find(nest.sums, *densest); at != nest.sums.end()) {
      nest.kind = NestClass::RowReduction;
      std::rotate(nest.sums.begin(), at, at + 1);
    } else if (nest.lane && nest.results[*nest.lane] == *densest) {
      nest.kind = NestClass::ColumnReduction;
    }
  }

  /// Matches yield(has + select(index == i_dim, term, 0)).
  std::optional<OneHot> findOneHot() {
    arith::SelectOp select = findChoice();
    if (nest.op->getNumResults() != 1 || !select)
      return std::nullopt;
    bool replaces = !isZero(select.getFalseValue());
    auto equal = select.getCondition().getDefiningOp<arith::CmpIOp>();
    if (!equal || equal.getPredicate() != arith::CmpIPredicate::eq)
      return std::nullopt;
    for (unsigned side : {0, 1})
      if (auto index = equal->getOperand(side).getDefiningOp<linalg::IndexOp>())
        if (auto at = llvm::find(nest.results, unsigned(index.getDim())); at != nest.results.end())
          return checked({unsigned(at - nest.results.begin()), equal->getOperand(1 - side),
                          select.getTrueValue(), replaces});
    return std::nullopt;
  }

  /// What chooses between a term and, in a sum, zero, else what the result has.
  arith::SelectOp findChoice() {
    Combination sum = combinationOf(nest.op, 0);
    if (sum.combiner == Combiner::Add) {
      auto select = sum.term.getDefiningOp<arith::SelectOp>();
      return select && isZero(select.getFalseValue()) ? select : arith::SelectOp();
    }
    Block *block = nest.op.getBlock();
    auto select = block->getTerminator()->getOperand(0).getDefiningOp<arith::SelectOp>();
    Value has = block->getArgument(nest.op.getNumDpsInputs());
    return select && select.getFalseValue() == has && has.hasOneUse() ? select : arith::SelectOp();
  }

  static bool isZero(Value value) {
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    auto number = constant ? dyn_cast<FloatAttr>(constant.getValue()) : FloatAttr();
    return number && number.getValue().isZero();
  }

  /// Neither the index nor the term may depend on the dim that the index replaces.
  std::optional<OneHot> checked(OneHot oneHot) {
    Operands operands;
    collectOperands(oneHot.index, operands);
    collectOperands(oneHot.term, operands);
    if (depends(operands, nest.results[oneHot.dim]) || usesIndex(oneHot))
      return std::nullopt;
    return oneHot;
  }

  bool usesIndex(const OneHot &oneHot) {
    unsigned uses = 0;
    for (auto op : nest.op.getBlock()->getOps<linalg::IndexOp>())
      if (op.getDim() == nest.results[oneHot.dim])
        uses += std::distance(op->use_begin(), op->use_end());
    return uses != 1;
  }

  Nest &nest;
  Operands left, right;
};

} // namespace

/// The result's loops, from its map.
static LogicalResult readResultMap(Nest &nest) {
  AffineMap map = nest.op.getMatchingIndexingMap(nest.op.getDpsInitOperand(0));
  for (OpOperand &init : nest.op.getDpsInitsMutable())
    if (nest.op.getMatchingIndexingMap(&init) != map)
      return nest.op->emitOpError()
             << "expects results with one indexing map, got " << AffineMapAttr::get(map) << " and "
             << AffineMapAttr::get(nest.op.getMatchingIndexingMap(&init));
  if (!map.isProjectedPermutation())
    return nest.op->emitOpError() << "expects a result indexed by distinct loops, got "
                                  << AffineMapAttr::get(map);
  for (AffineExpr index : map.getResults())
    nest.results.push_back(cast<AffineDimExpr>(index).getPosition());
  return success();
}

/// The widest partial results that leave no rest; for rows a rest below the smallest of these.
static int64_t widthOf(const Nest &nest, int64_t extent) {
  if (nest.kind == NestClass::RowReduction) {
    for (int64_t width : {64, 32})
      if (extent % width == 0)
        return width;
    return llvm::bit_floor(uint64_t(std::min<int64_t>(extent, 16)));
  }
  // Beside each other lie as many as keep eight vectors of sixteen busy.
  int64_t lanes = nest.lane ? nest.extentOfDim(*nest.lane) : 1;
  int64_t vectors = std::clamp<int64_t>(llvm::bit_floor(uint64_t(lanes / 16)), 1, 4);
  for (int64_t width = 8 / vectors; width > 1; width /= 2)
    if (extent % width == 0 && extent > width)
      return width;
  return 1;
}

/// From the nest's own extents alone: not those of a batch.
static PartialSums choosePartialSums(const Nest &nest) {
  if (!nest.isReduction() || nest.isProduct() || nest.kind == NestClass::Scatter ||
      nest.op->getNumResults() > 1 || combinationOf(nest.op, 0).combiner == Combiner::Other)
    return {};
  // Longer chains would lose digits.
  constexpr int64_t kLongestChain = 32;
  int64_t extent = nest.extents[nest.sums.front()], width = widthOf(nest, extent);
  if (width == 1)
    return {};
  int64_t all = extent / width, blocks = 1;
  while (all / blocks > kLongestChain || all % blocks != 0)
    ++blocks;
  return {width, all / blocks, blocks, extent % width};
}

/// A run is the sum of up to 32 times `width` terms, a term by itself costs four additions for one.
static bool wantsCompensation(const Nest &nest) {
  constexpr int64_t kMostRuns = 8, kMostTerms = 64;
  if (!nest.isReduction() || nest.isProduct() || nest.kind == NestClass::Scatter ||
      nest.op->getNumResults() > 1 || combinationOf(nest.op, 0).combiner != Combiner::Add ||
      !getElementTypeOrSelf(nest.op.getDpsInits()[0]).isF32())
    return false;
  int64_t outer = 1;
  for (unsigned loop : ArrayRef(nest.sums).drop_front())
    outer *= nest.extents[loop];
  return nest.partial.width > 1 ? nest.partial.blocks * outer > kMostRuns
                                : nest.extents[nest.sums.front()] * outer > kMostTerms;
}

FailureOr<Nest> classify(linalg::LinalgOp op, Views views) {
  Nest nest;
  nest.op = op;
  nest.views = views;
  nest.extents = op.getStaticLoopRanges();
  if (failed(readResultMap(nest)))
    return failure();
  for (unsigned loop = nest.extents.size(); loop-- > 0;)
    if (op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction)
      nest.sums.push_back(loop);
    else if (!llvm::is_contained(nest.results, loop))
      return op->emitOpError() << "expects every parallel loop in its result, got loop " << loop
                               << " in none";
  for (unsigned dim = 0; dim < nest.results.size(); ++dim)
    if (nest.extentOfDim(dim) > 1)
      nest.lane = dim;
  Classifier(nest).run();
  nest.partial = choosePartialSums(nest);
  nest.isCompensated = wantsCompensation(nest);
  return nest;
}

std::string describe(const Nest &nest) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto list = [&](StringRef name, ArrayRef<unsigned> numbers) {
    if (!numbers.empty())
      os << " " << name << " [" << llvm::interleaved(numbers) << "]";
  };
  os << toString(nest.kind);
  list("rows", nest.rows);
  list("columns", nest.columns);
  list("batches", nest.batches);
  list("sums", nest.sums);
  list("sum-taps", nest.sumTaps);
  list("dim-taps", nest.dimTaps);
  if (nest.partial.width > 1)
    os << " " << nest.partial.width << " partial";
  return text;
}

} // namespace ccm
