// SPDX-License-Identifier: Apache-2.0
// Merges elementwise nests; reshapes sink below them, so that nests over one domain meet.
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

/// A producer merges into the first of its readers when both run over the same points; its other
/// readers then take the value from the merged nest.
bool isWorthMerging(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp(), *reader = operand->getOwner();
  if (!isFresh(producer) || !isFresh(reader))
    return false;
  auto nest = cast<linalg::GenericOp>(reader);
  if (!nest.getMatchingIndexingMap(operand).isPermutation())
    return false;
  return llvm::all_of(producer->getUsers(), [&](Operation *user) {
    return user == reader ||
           (user->getBlock() == reader->getBlock() && reader->isBeforeInBlock(user));
  });
}

/// Far above what any function needs; a pass must not hang.
constexpr int64_t kMostRewrites = 20000;

struct FuseNests : impl::FuseNestsBase<FuseNests> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    RewritePatternSet patterns(&getContext());
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, movesPanels);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, movesRows);
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthMerging);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    GreedyRewriteConfig config;
    config.setMaxNumRewrites(kMostRewrites);
    if (failed(applyPatternsGreedily(function, std::move(patterns), config))) {
      function.emitError() << "merging nests did not come to an end";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(function);
    eliminateCommonSubExpressions(rewriter, dominance, function);
    eraseUnused(function);
  }
};
} // namespace
} // namespace ccm
