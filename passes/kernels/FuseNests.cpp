// SPDX-License-Identifier: Apache-2.0
// Merges elementwise nests; reshapes sink below them, so that nests over one domain meet.
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "nests/NestClass.h"
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_FUSENESTS
#include "passes/Passes.h.inc"

namespace {

/// Elementwise, and nothing of its destinations is read.
bool isFresh(Operation *op) {
  return isElementwise(op) && llvm::none_of(cast<linalg::GenericOp>(op).getRegionOutputArgs(),
                                            [](BlockArgument a) { return !a.use_empty(); });
}

/// Only the last group joins several dimensions: what panels of channels need.
bool touchesChannelsAlone(ArrayRef<ReassociationIndices> groups) {
  return groups.back().size() > 1 &&
         llvm::all_of(groups.drop_back(), [](auto &group) { return group.size() == 1; });
}

// Reshapes move only downwards, past elementwise nests: panels (trailing dimensions) by expanding
// the nest, rows (leading dimensions) by collapsing it. Reshapes that a move leaves on the nest's
// other operands are then never of the kind that the opposite move takes: it comes to an end.

/// Whether an operand's last dimension is the nest's last loop: of a value per row it is not.
bool endsInLastLoop(OpOperand *operand) {
  AffineMap map = cast<linalg::GenericOp>(operand->getOwner()).getMatchingIndexingMap(operand);
  return map.getNumResults() > 0 &&
         map.getResults().back() == getAffineDimExpr(map.getNumDims() - 1, map.getContext());
}

bool movesPanels(OpOperand *operand) {
  auto collapse = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  return collapse && isFresh(operand->getOwner()) && endsInLastLoop(operand) &&
         touchesChannelsAlone(collapse.getReassociationIndices());
}

bool movesRows(OpOperand *operand) {
  auto expand = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
  return expand && isFresh(operand->getOwner()) &&
         expand.getReassociationIndices().back().size() == 1;
}

/// Where operations of a block stand while it is rewritten. MLIR's own numbers have to be made anew
/// for the whole block after every few insertions.
class Positions : public RewriterBase::Listener {
public:
  explicit Positions(Block &block) : block(block) {
    for (auto [position, op] : llvm::enumerate(block))
      positions[&op] = position;
  }

  bool isBefore(Operation *a, Operation *b) const {
    size_t first = positions.lookup(a), second = positions.lookup(b);
    return first == second ? a->isBeforeInBlock(b) : first < second;
  }

  /// What is inserted shares the position of the operation that it is inserted before.
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    if (op->getBlock() == &block)
      positions[op] = positions.lookup(op->getNextNode());
  }

  void notifyOperationErased(Operation *op) override { positions.erase(op); }

private:
  Block &block;
  llvm::DenseMap<Operation *, size_t> positions;
};

/// A producer merges into the first of its readers when both run over the same points; its other
/// readers then take the value from the merged nest.
bool isWorthMerging(OpOperand *operand, const Positions &positions) {
  Operation *producer = operand->get().getDefiningOp(), *reader = operand->getOwner();
  if (!isFresh(producer) || !isFresh(reader))
    return false;
  auto nest = cast<linalg::GenericOp>(reader);
  if (!nest.getMatchingIndexingMap(operand).isPermutation())
    return false;
  return llvm::all_of(producer->getUsers(), [&](Operation *user) {
    return user == reader ||
           (user->getBlock() == reader->getBlock() && positions.isBefore(reader, user));
  });
}

/// Where a reshape moved past a nest that reads a loop's index, the index became a map of several
/// loops, some of them of extent 1. Kernels know sums and products alone.
void expandIndices(func::FuncOp function) {
  function.walk([](affine::AffineApplyOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    OpFoldResult folded = affine::makeComposedFoldedAffineApply(
        builder, loc, op.getAffineMap(), getAsOpFoldResult(op.getMapOperands()));
    Value value = getValueOrCreateConstantIndexOp(builder, loc, folded);
    if (auto map = value.getDefiningOp<affine::AffineApplyOp>()) {
      value =
          affine::expandAffineMap(builder, loc, map.getAffineMap(), map.getMapOperands())->front();
      map.erase();
    }
    op.replaceAllUsesWith(value);
    op.erase();
  });
}

/// Merging takes an operation away, and a reshape moves past each of its readers once: far more
/// rewrites than a function needs for each of its operations. A pass must not hang.
constexpr int64_t kMostRewritesPerOperation = 32;

int64_t mostRewrites(func::FuncOp function) {
  return kMostRewritesPerOperation * int64_t(function.getBody().front().getOperations().size());
}

struct FuseNests : impl::FuseNestsBase<FuseNests> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    RewritePatternSet patterns(&getContext());
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, movesPanels);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, movesRows);
    Positions positions(function.getBody().front());
    linalg::populateElementwiseOpsFusionPatterns(
        patterns, [&](OpOperand *operand) { return isWorthMerging(operand, positions); });
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    GreedyRewriteConfig config;
    config.setMaxNumRewrites(mostRewrites(function));
    config.setListener(&positions);
    if (failed(applyPatternsGreedily(function, std::move(patterns), config))) {
      function.emitError() << "merging nests did not come to an end";
      return signalPassFailure();
    }
    expandIndices(function);
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(function);
    eliminateCommonSubExpressions(rewriter, dominance, function);
    eraseUnused(function);
  }
};
} // namespace
} // namespace ccm
