// SPDX-License-Identifier: Apache-2.0
// Builds the backward function of every block size: local deltas in reverse order of use.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_EXPANDBACKWARD
#include "passes/Passes.h.inc"

namespace {

/// The backward of one model at one block size, while its function is being built.
class Reverse {
public:
  Reverse(FunctionBuilder &function, ModelOp model, int64_t block, ForwardValues &forward)
      : function(function), model(model), block(block), forward(forward) {}

  LogicalResult run() {
    addArguments();
    for (Operation &op : llvm::reverse(model.getBody().front()))
      if (failed(visit(op)))
        return failure();
    addResults();
    return success();
  }

private:
  void addArguments() {
    for (auto [number, output] : llvm::enumerate(opsOf<OutputOp>(model))) {
      Type type = withBatch(output.getValue().getType(), block);
      addDelta(output.getValue(), function.argument(type, {Region::OutputDelta, int64_t(number)}),
               output.getLoc());
    }
    for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
      if (!parameter.getFrozen())
        deltas[parameter] =
            function.argument(parameter.getType(), {Region::Delta, int64_t(number)});
  }

  static bool isDifferentiable(Value value) {
    auto parameter = value.getDefiningOp<ParameterOp>();
    return isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType()) &&
           !(parameter && parameter.getFrozen());
  }

  static bool isTrained(Value value) {
    auto parameter = value.getDefiningOp<ParameterOp>();
    return parameter && !parameter.getFrozen();
  }

  /// Names the nests of a primitive's deltas after those of its value.
  static Location deltaLocation(Operation &op, Value value) {
    StringAttr primitive = primitiveOf(value);
    if (!primitive)
      return op.getLoc();
    return NameLoc::get(StringAttr::get(op.getContext(), "delta of " + primitive.strref()),
                        op.getLoc());
  }

  LogicalResult visit(Operation &op) {
    if (isa<ParameterOp, OutputOp, InputOp>(op) || !deltas.contains(op.getResult(0)))
      return success();
    auto primitive = dyn_cast<BackwardOpInterface>(op);
    if (!primitive)
      return op.emitError() << "has no backward";
    SmallVector<Value> operands, accumulators;
    SmallVector<bool> wanted;
    for (Value operand : op.getOperands()) {
      operands.push_back(forward.values.lookup(operand));
      accumulators.push_back(isTrained(operand) ? deltas.lookup(operand) : Value());
      wanted.push_back(isDifferentiable(operand));
    }
    Value value = forward.values.lookup(op.getResult(0));
    BackwardBuilder b(function.builder, deltaLocation(op, value), operands, value,
                      forward.kept.lookup(&op), deltas.lookup(op.getResult(0)), wanted,
                      accumulators);
    if (failed(primitive.buildBackward(b)))
      return failure();
    return collect(op, wanted, b.deltas);
  }

  LogicalResult collect(Operation &op, ArrayRef<bool> wanted, ArrayRef<Value> built) {
    for (auto [operand, want, delta] : llvm::zip(op.getOperands(), wanted, built)) {
      if (!want)
        continue;
      if (!delta)
        return op.emitError() << "built no delta for an operand of type " << operand.getType();
      if (isTrained(operand))
        deltas[operand] = delta;
      else
        addDelta(operand, delta, op.getLoc());
    }
    return success();
  }

  /// Deltas of several uses add.
  void addDelta(Value value, Value delta, Location loc) {
    Value &total = deltas[value];
    if (!total) {
      total = delta;
      return;
    }
    std::string dims = axisNames(delta);
    NestBuilder nests(function.builder, loc);
    total = nests.map(dims + ", " + dims + " -> " + dims, {total, delta},
                      [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  }

  /// The delta of what no output depends on. A nest, not a constant: it is what writes the caller's
  /// array.
  Value zerosLike(Value value) {
    ArrayRef<int64_t> shape = shapeOf(value);
    NestBuilder::Sizes sizes;
    std::string dims;
    for (auto [i, extent] : llvm::enumerate(shape)) {
      std::string name = "d" + std::to_string(i);
      sizes[name] = extent;
      dims += (i ? " " : "") + name;
    }
    NestBuilder nests(function.builder, value.getLoc());
    auto zero = [&](ArrayRef<Scalar>) {
      auto number = arith::ConstantOp::create(function.builder, value.getLoc(),
                                              function.builder.getF32FloatAttr(0.0));
      return Scalar(function.builder, value.getLoc(), number);
    };
    return nests.map("#d0 -> " + dims, {}, zero, sizes);
  }

  void addResults() {
    for (auto [number, input] : llvm::enumerate(opsOf<InputOp>(model)))
      if (isDifferentiable(input)) {
        Value delta = deltas.lookup(input);
        function.result(delta ? delta : zerosLike(forward.values.lookup(input)),
                        {Region::InputDelta, int64_t(number)});
      }
    for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
      if (!parameter.getFrozen())
        function.result(deltas.lookup(parameter), {Region::Delta, int64_t(number)});
  }

  FunctionBuilder &function;
  ModelOp model;
  int64_t block;
  ForwardValues &forward;
  llvm::DenseMap<Value, Value> deltas; ///< of the model's values; of parameters: accumulated so far
};

struct ExpandBackward : impl::ExpandBackwardBase<ExpandBackward> {
  LogicalResult expand(ModelOp model, int64_t block) {
    FunctionBuilder function(model, EntryKind::Backward, block);
    ForwardValues forward;
    if (failed(expandForward(function, model, block, forward)) ||
        failed(Reverse(function, model, block, forward).run()))
      return failure();
    function.finish().walk([&](linalg::GenericOp) { ++numNests; });
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
