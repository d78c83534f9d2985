// SPDX-License-Identifier: Apache-2.0
// Which nests have buffers, where these are filled, and the tiles of everything.
#include "codegen/plan/PlanStages.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace ccm {

/// Bytes that one buffer that is kept for several groups may take.
static constexpr int64_t kSharedBytes = 16 * 1024;
/// Without tiles and vectors only small buffers are kept.
static constexpr int64_t kPlainStageBytes = 8 * 1024;

/// Whether computing an element takes much longer than reading it back.
static bool isCostly(const Nest &nest) {
  return llvm::any_of(*nest.op.getBlock(), [](Operation &op) {
    return isa<math::ExpOp, math::LogOp, math::TanhOp, math::SqrtOp, math::RsqrtOp, arith::DivFOp>(
        op);
  });
}

/// Lanes of the vectors that hold the partial sums of a row reduction.
static unsigned partialLanes(const Nest &nest, const Target &target) {
  return std::min<int64_t>(nest.partial.width, target.lanes);
}

/// Vectors and tiles of a nest that fills a buffer of its own.
static void tileAlone(Stage &stage, const Nest &nest, const Target &target) {
  TileDemand demand{stage.extents, false};
  if (nest.isProduct())
    stage.tile = chooseTile(nest, target, demand);
  else if (nest.isReduction() && nest.kind != NestClass::RowReduction)
    stage.tile = chooseColumnTile(nest, target, demand);
  else if (!nest.isReduction() && nest.lane)
    stage.lanes = chooseLanes(stage.extents[*nest.lane], target, false);
  if (nest.kind == NestClass::RowReduction)
    stage.lanes = partialLanes(nest, target);
}

namespace {

/// Plans the stages of one group.
class StagePlanner {
public:
  StagePlanner(KernelPlan &plan, Group &group, const Target &target, PlanLevel level,
               ArrayRef<unsigned> shared)
      : plan(plan), group(group), target(target), level(level), ties(tiesOf(plan, group, shared)) {}

  void run() {
    if (group.scatter) {
      planScatter();
      return;
    }
    for (unsigned number : ties.members())
      if (needsBuffer(number))
        kept.push_back(number);
    if (level == PlanLevel::Fast)
      findProduct();
    orderLoops();
    for (unsigned number : kept)
      place(number);
    chooseStoreTile();
    for (Stage &stage : group.stages)
      chooseStageTile(stage);
  }

private:
  unsigned rank() const { return group.shape.size(); }

  std::optional<unsigned> storeLane() const {
    for (unsigned dim = rank(); dim-- > 0;)
      if (group.shape[dim] > 1)
        return dim;
    return std::nullopt;
  }

  bool isPointwise(unsigned number) const { return ties.isPointwise(number); }

  bool needsBuffer(unsigned number) const {
    const Nest &nest = plan.nests[number];
    if (nest.kind != NestClass::Elementwise)
      return true;
    if (isPointwise(number))
      return false;
    if (ties.feedsProduct(number))
      return level == PlanLevel::Fast;
    return isCostly(nest) && (ties.readers(number) > 1 || repeats(number));
  }

  /// Whether the store's loops would compute an element of the nest more than once.
  bool repeats(unsigned number) const {
    int64_t covered = 1;
    for (int tie : ties.of(number))
      covered *= tie < 0 ? 1 : group.shape[tie];
    return covered < ShapedType::getNumElements(group.shape);
  }

  /// Whether a nest reads another, directly or through what is computed where it is read.
  bool reads(unsigned reader, unsigned number) const {
    return llvm::any_of(readsOf(plan.nests[reader]), [&](const Access &access) {
      const Nest *producer = plan.nestOf(access.source);
      unsigned found = producer ? plan.numberOf(*producer) : reader;
      return found == number ||
             (found != reader && !llvm::is_contained(kept, found) && reads(found, number));
    });
  }

  /// Whether a reduction is computed for every tile of the store. What fills a buffer outside of
  /// the tile must not read it: reducing over a single element, it may have the store's points,
  /// too.
  bool isOfTile(unsigned number) const {
    auto fillsBuffer = [&](unsigned other) {
      return !isPointwise(other) || !plan.nests[other].isReduction();
    };
    return level == PlanLevel::Fast && isPointwise(number) && plan.nests[number].isReduction() &&
           llvm::none_of(kept, [&](unsigned other) {
             return other != number && fillsBuffer(other) && reads(other, number);
           });
  }

  /// The last product whose dims are the store's decides how the store is cut.
  void findProduct() {
    for (unsigned number : kept)
      if (plan.nests[number].isProduct() && isOfTile(number))
        group.product = number;
  }

  bool isTied(unsigned number, unsigned storeDim) const { return ties.follows(number, storeDim); }

  /// Loops that all buffers follow go outside, so that each is filled once per iteration. A product
  /// has its batches outside, then columns, then rows.
  void orderLoops() {
    SmallVector<unsigned> outer, inner;
    std::optional<unsigned> lane = storeLane();
    auto allTied = [&](unsigned dim) {
      return llvm::all_of(kept, [&](unsigned number) { return isTied(number, dim); });
    };
    if (group.product) {
      const Nest &nest = plan.nests[*group.product];
      outer.assign(nest.batches.rbegin(), nest.batches.rend());
      inner.append(nest.columns.rbegin(), nest.columns.rend());
      inner.push_back(*nest.lane);
      inner.append(nest.rows.rbegin(), nest.rows.rend());
    } else {
      for (unsigned dim = 0; dim < rank(); ++dim)
        if (dim != lane)
          (allTied(dim) ? outer : inner).push_back(dim);
      llvm::stable_sort(inner, [&](unsigned a, unsigned b) { return tiedBy(a) > tiedBy(b); });
      if (lane)
        inner.push_back(*lane);
    }
    group.order = outer;
    group.order.append(inner);
    innermost = group.product ? outer.size() : rank() - (lane ? 1 : 0);
  }

  unsigned tiedBy(unsigned dim) const {
    return llvm::count_if(kept, [&](unsigned number) { return isTied(number, dim); });
  }

  /// Extents of what a nest must compute for one iteration of the first `depth` loops.
  SmallVector<int64_t> extentsInside(unsigned number, unsigned depth) const {
    return ties.partInside(number, ArrayRef(group.order).take_front(depth));
  }

  void place(unsigned number) {
    Stage stage;
    stage.nest = number;
    const Nest &nest = plan.nests[number];
    if (nest.kind == NestClass::Scatter)
      return placeAtRoot(number);
    while (stage.depth < innermost && isTied(number, group.order[stage.depth]))
      ++stage.depth;
    // Loops of one iteration enclose nothing worth a place of its own.
    stage.extents = extentsInside(number, stage.depth);
    int64_t limit = level == PlanLevel::Fast ? target.limits.partBytes : kPlainStageBytes;
    bool fits = bufferBytes(stage.extents, nest.op->getNumResults()) <= limit;
    if (isOfTile(number))
      stage.placement = Placement::Tile;
    else if (fits)
      stage.placement = stage.depth == 0 ? Placement::Root : Placement::Loop;
    group.stages.push_back(stage);
  }

  void placeAtRoot(unsigned number) {
    Stage stage;
    stage.nest = number;
    stage.extents = extentsInside(number, 0);
    if (bufferBytes(stage.extents) <= kPlainStageBytes)
      stage.placement = Placement::Root;
    group.stages.push_back(stage);
    chooseStageTile(group.stages.back());
  }

  void chooseStoreTile() {
    TileDemand demand{group.shape, group.once};
    if (group.product) {
      group.tile = chooseTile(plan.nests[*group.product], target, demand);
      return;
    }
    auto lane = storeLane();
    if (!lane || level == PlanLevel::Plain || laneIsTaken(*lane))
      return;
    group.tile.lanes = chooseLanes(group.shape[*lane], target, group.once);
    group.tile.steps.push_back(
        {*lane, group.tile.lanes * chooseUnroll(group.shape[*lane], group.tile.lanes)});
  }

  /// Whether something must be computed element by element along the store's lane.
  bool laneIsTaken(unsigned lane) const {
    return llvm::any_of(group.stages, [&](const Stage &stage) {
      return (stage.placement == Placement::Inline && plan.nests[stage.nest].isReduction()) ||
             (stage.placement == Placement::Tile &&
              plan.nests[stage.nest].kind == NestClass::RowReduction);
    });
  }

  void chooseStageTile(Stage &stage) {
    const Nest &nest = plan.nests[stage.nest];
    if (level == PlanLevel::Plain || stage.placement == Placement::Inline)
      return;
    if (stage.placement != Placement::Tile) {
      tileAlone(stage, nest, target);
    } else if (nest.isProduct()) {
      stage.tile = sharedTile(nest, target, group.tile);
      stage.packed = findPacked(nest, stage.tile);
    } else if (nest.kind == NestClass::RowReduction) {
      stage.lanes = partialLanes(nest, target);
    } else {
      stage.tile = chooseColumnTile(nest, target, {group.shape, group.once});
      stage.tile.lanes = group.tile.lanes;
      stage.tile.steps = group.tile.steps;
    }
  }

  /// The operand with the lanes, if it is one of the kernel's, its rows lie further apart than a
  /// panel is wide, and there are enough row tiles to pay for a copy that fits the stack.
  std::optional<unsigned> findPacked(const Nest &nest, const RegisterTile &tile) const {
    if (nest.kind != NestClass::Contraction || nest.sums.size() != 1 || nest.rows.empty())
      return std::nullopt;
    unsigned lane = nest.results[*nest.lane], sum = nest.sums.front();
    int64_t width = tile.countOf(*nest.lane), rowTiles = 1;
    for (unsigned dim : nest.rows)
      rowTiles *= nest.extentOfDim(dim) / tile.countOf(dim);
    for (unsigned dim : nest.columns)
      width *= tile.countOf(dim);
    if (rowTiles < 4 || nest.extents[sum] < 32 ||
        bufferBytes({nest.extents[sum], width}) > target.limits.partBytes)
      return std::nullopt;
    for (OpOperand *operand : nest.op.getDpsInputOperands()) {
      Access access = accessOf(*operand);
      auto argument = dyn_cast<BlockArgument>(access.source);
      if (!argument ||
          !llvm::is_contained(access.indices, getAffineDimExpr(lane, argument.getContext())))
        continue;
      auto at = llvm::find(access.indices, getAffineDimExpr(sum, argument.getContext()));
      if (at == access.indices.end())
        return std::nullopt;
      int64_t stride = plan.operandStrides[argument.getArgNumber()][at - access.indices.begin()];
      return stride > width ? std::optional(operand->getOperandNumber()) : std::nullopt;
    }
    return std::nullopt;
  }

  /// Rows are added one after the other, with lanes along each. Vectors are loaded as if the buffer
  /// began at a whole one, which only what is added to in place promises.
  void planScatter() {
    const Nest &nest = plan.nests[*group.scatter];
    group.order = llvm::to_vector(llvm::seq<unsigned>(0, rank()));
    for (unsigned number : ties.members())
      if (number != *group.scatter && plan.nests[number].isReduction())
        placeAtRoot(number);
    if (level == PlanLevel::Plain || !group.once || !nest.lane || *nest.lane == nest.oneHot->dim)
      return;
    group.tile.lanes = chooseLanes(group.shape[*nest.lane], target, true);
    group.tile.steps.push_back(
        {*nest.lane, group.tile.lanes * chooseUnroll(group.shape[*nest.lane], group.tile.lanes)});
  }

  KernelPlan &plan;
  Group &group;
  const Target &target;
  const PlanLevel level;
  const Ties ties;
  SmallVector<unsigned> kept;
  unsigned innermost = 0; ///< loops of the order that may enclose a buffer
};

} // namespace

/// Reductions that several groups read and that are small are computed once for all of them.
static SmallVector<unsigned> findShared(const KernelPlan &plan) {
  SmallVector<unsigned> groupsOf(plan.nests.size(), 0), shared;
  for (const Group &group : plan.groups) {
    const Ties ties = tiesOf(plan, group);
    for (unsigned number : ties.members())
      groupsOf[number] += 1;
  }
  for (auto [number, nest] : llvm::enumerate(plan.nests)) {
    SmallVector<int64_t> extents;
    for (unsigned dim = 0; dim < nest.results.size(); ++dim)
      extents.push_back(nest.extentOfDim(dim));
    if (groupsOf[number] > 1 && nest.isReduction() && nest.kind != NestClass::Scatter &&
        bufferBytes(extents) <= kSharedBytes)
      shared.push_back(number);
  }
  return shared;
}

static Stage planShared(const KernelPlan &plan, unsigned number, const Target &target,
                        PlanLevel level) {
  const Nest &nest = plan.nests[number];
  Stage stage;
  stage.nest = number;
  stage.placement = Placement::Root;
  for (unsigned dim = 0; dim < nest.results.size(); ++dim)
    stage.extents.push_back(nest.extentOfDim(dim));
  if (level == PlanLevel::Fast)
    tileAlone(stage, nest, target);
  return stage;
}

void planStages(KernelPlan &plan, const Target &target, PlanLevel level) {
  SmallVector<unsigned> shared = findShared(plan);
  for (unsigned number : shared)
    plan.shared.push_back(planShared(plan, number, target, level));
  for (Group &group : plan.groups)
    StagePlanner(plan, group, target, level, shared).run();
}

} // namespace ccm
