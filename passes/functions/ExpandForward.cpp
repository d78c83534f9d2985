// SPDX-License-Identifier: Apache-2.0
// Builds the forward function of every block size.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_EXPANDFORWARD
#include "passes/Passes.h.inc"

namespace {
struct ExpandForward : impl::ExpandForwardBase<ExpandForward> {
  LogicalResult expand(ModelOp model, int64_t block) {
    FunctionBuilder function(model, EntryKind::Forward, block);
    ForwardValues forward;
    if (failed(expandForward(function, model, block, forward)))
      return failure();
    SmallVector<Attribute> primitives;
    for (auto [number, output] : llvm::enumerate(opsOf<OutputOp>(model))) {
      Value value = forward.values.lookup(output.getValue());
      function.result(value, {Region::Output, int64_t(number)});
      primitives.push_back(primitiveOf(value));
    }
    func::FuncOp finished = function.finish();
    for (auto [number, primitive] : llvm::enumerate(primitives))
      if (primitive)
        finished.setResultAttr(number, kOfAttr, primitive);
    finished.walk([&](linalg::GenericOp) { ++numNests; });
    return success();
  }

  void runOnOperation() override {
    if (failed(forEachBlock(getOperation(),
                            [&](ModelOp model, int64_t block) { return expand(model, block); })))
      signalPassFailure();
  }
};
} // namespace
} // namespace ccm
