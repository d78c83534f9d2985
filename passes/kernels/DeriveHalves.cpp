// SPDX-License-Identifier: Apache-2.0
// The halves of the backward: the kernels of the whole that each needs, and no others.
#include "passes/Passes.h"
#include "passes/kernels/Layouts.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_DERIVEHALVES
#include "passes/Passes.h.inc"

namespace {

/// What of a function's operations its results need.
///
/// A kernel stores where the whole wants its values, and must do so in a half that lacks the reader
/// for whose sake that is:
///
///     %v = ccm.kernel(…)            // stores with the strides of %p
///     %p = tensor.pad %v            // read in the other half alone: stays, as %v's memory
///     %w = ccm.kernel(%v, …)
class Needed {
public:
  explicit Needed(func::FuncOp function) : block(function.getBody().front()) {
    need(block.getTerminator());
    for (Operation &op : llvm::reverse(block))
      if (needed.contains(&op))
        llvm::for_each(readsOf(&op), [&](Value read) { need(read.getDefiningOp()); });
    for (Operation &op : block)
      if (isDestination(&op) && needed.contains(op.getOperand(0).getDefiningOp()))
        keep(&op);
  }

  void eraseTheRest() {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (!needed.contains(&op))
        op.erase();
  }

private:
  void need(Operation *op) {
    if (op)
      needed.insert(op);
  }

  static bool isDestination(Operation *op) {
    return isReshape(op) || isa<tensor::PadOp, tensor::InsertSliceOp>(op);
  }

  /// Of a concatenation, only the parts that are still computed go into its memory.
  void keep(Operation *op) {
    need(op);
    auto insert = dyn_cast<tensor::InsertSliceOp>(op);
    if (!insert) {
      llvm::for_each(readsOf(op), [&](Value read) { need(read.getDefiningOp()); });
      return;
    }
    while (auto before = insert.getDest().getDefiningOp<tensor::InsertSliceOp>()) {
      if (needed.contains(before))
        return;
      insert.getDestMutable().assign(before.getDest());
    }
    need(insert.getDest().getDefiningOp());
  }

  Block &block;
  llvm::DenseSet<Operation *> needed;
};

struct DeriveHalves : impl::DeriveHalvesBase<DeriveHalves> {
  static void derive(EntryKind entry, func::FuncOp backward, Region region) {
    func::FuncOp half = copyAs(entry, backward);
    keepResults(half, [&](Role role) { return role.region == region; });
    Needed(half).eraseTheRest();
    eraseUnusedArguments(half);
  }

  void runOnOperation() override {
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entryOf(function) != EntryKind::Backward)
        continue;
      derive(EntryKind::BackwardInput, function, Region::InputDelta);
      derive(EntryKind::BackwardTrain, function, Region::Delta);
    }
  }
};
} // namespace
} // namespace ccm
