// SPDX-License-Identifier: Apache-2.0
// Builds what makes the sequences of an autoregressive model, position by position.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_EXPANDDECODE
#include "passes/Passes.h.inc"

namespace {

/// The operations that follow from a value, in order.
SmallVector<Operation *> followersOf(Value value) {
  llvm::DenseSet<Value> along{value};
  SmallVector<Operation *> followers;
  for (Operation &op : llvm::make_range(std::next(value.getDefiningOp()->getIterator()),
                                        value.getParentBlock()->end()))
    if (llvm::any_of(op.getOperands(), [&](Value operand) { return along.contains(operand); })) {
      followers.push_back(&op);
      along.insert(op.result_begin(), op.result_end());
    }
  return followers;
}

/// The caches of a function in the order in which they are asked for: arguments that become
/// results.
class CacheArguments : public StepBuilder::Caches {
public:
  CacheArguments(FunctionBuilder &function, int64_t block) : function(function), block(block) {}

  Value next(ArrayRef<int64_t> shape) override {
    SmallVector<int64_t> extents{block};
    llvm::append_range(extents, shape);
    auto type = RankedTensorType::get(extents, function.builder.getF32Type());
    return function.argument(type, {Region::Cache, count});
  }

  void give(Value value) override { function.result(value, {Region::Cache, count++}); }

private:
  FunctionBuilder &function;
  int64_t block, count = 0;
};

/// One decode under construction.
class Decode {
public:
  Decode(ModelOp model, int64_t block, int64_t context)
      : model(model), block(block), context(context),
        function(model, EntryKind::Decode, block, context), caches(function, block) {}

  LogicalResult build(InputOp before) {
    for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
      steps[parameter] = {function.argument(parameter.getType(), {Region::Params, int64_t(number)}),
                          0};
    auto indices = RankedTensorType::get({block, 1}, function.builder.getI32Type());
    steps[before.getValue()] = {function.argument(indices, {Region::Before, 0}), 0};
    position = function.argument(indices, {Region::Position, 0});
    for (Operation *op : followersOf(before.getValue()))
      if (failed(expand(op)))
        return failure();
    function.finish();
    return success();
  }

private:
  /// What is of a value at one position, and the positions before those of the sequence.
  struct Step {
    Value value;
    int64_t first = 0;
  };

  LogicalResult expand(Operation *op) {
    if (auto output = dyn_cast<OutputOp>(op)) {
      function.result(steps.lookup(output.getValue()).value, {Region::Scores, 0});
      return success();
    }
    auto primitive = dyn_cast<StepOpInterface>(op);
    if (!primitive)
      return op->emitError() << "expects a primitive that goes along the positions of a sequence";
    int64_t first = 0;
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      Step step = steps.lookup(operand);
      operands.push_back(step.value);
      first = std::max(first, step.first);
    }
    StepBuilder b(function.builder, locationOf(function.builder, op), operands, position, context,
                  first, caches);
    if (failed(primitive.buildStep(b)))
      return failure();
    steps[op->getResult(0)] = {b.result, b.resultFirst};
    return success();
  }

  ModelOp model;
  int64_t block, context;
  FunctionBuilder function;
  CacheArguments caches;
  Value position;
  llvm::DenseMap<Value, Step> steps;
};

/// Builds the forward, of which what steps leave in caches is kept.
LogicalResult expandPrefill(ModelOp model, int64_t block, InputOp before) {
  FunctionBuilder function(model, EntryKind::Prefill, block);
  ForwardValues forward;
  if (failed(expandForward(function, model, block, forward)))
    return failure();
  int64_t count = 0;
  for (Operation *op : followersOf(before.getValue())) {
    auto primitive = dyn_cast<StepOpInterface>(op);
    if (!primitive)
      continue;
    auto operands = llvm::map_to_vector(
        op->getOperands(), [&](Value operand) { return forward.values.lookup(operand); });
    ForwardBuilder b(function.builder, locationOf(function.builder, op), operands);
    primitive.buildCaches(b);
    for (Value cache : b.kept)
      function.result(cache, {Region::Cache, count++});
  }
  eraseUnused(function.finish());
  return success();
}

struct ExpandDecode : impl::ExpandDecodeBase<ExpandDecode> {
  LogicalResult expand(ModelOp model, int64_t block) {
    StringRef output = opsOf<OutputOp>(model).front().getName();
    InputOp before = InputOp::findDrawn(model, Draw::Shifted, output); // of the only output
    if (!before)
      return success();
    int64_t positions = *elementsPerSample(cast<RankedTensorType>(before.getType()));
    for (int64_t context = kShortestContext;; context *= 2) {
      if (failed(Decode(model, block, std::min(context, positions)).build(before)))
        return failure();
      ++numDecodes;
      if (context >= positions)
        return expandPrefill(model, block, before);
    }
  }

  void runOnOperation() override {
    if (failed(forEachBlock(getOperation(),
                            [&](ModelOp model, int64_t block) { return expand(model, block); })))
      signalPassFailure();
  }
};

} // namespace
} // namespace ccm
