// SPDX-License-Identifier: Apache-2.0
// Functions of nests from functions of primitives.
#include "tests/laws/Functions.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "runtime/io/Sabotage.h"

using namespace mlir;

namespace ccm::laws {

Operation *primitiveOf(func::FuncOp source) {
  Operation *only = nullptr;
  for (Operation &op : source.getBody().front().without_terminator()) {
    if (only)
      return nullptr;
    only = &op;
  }
  return only;
}

static Type sized(Type type, int64_t batch) {
  return cast<RankedTensorType>(type).isDynamicDim(0) ? withBatch(type, batch) : type;
}

static SmallVector<Type> sized(TypeRange types, int64_t batch) {
  return llvm::map_to_vector(types, [&](Type type) { return sized(type, batch); });
}

namespace {
/// A function under construction whose result types are known only at the end.
struct Construction {
  OpBuilder builder;
  func::FuncOp function;

  Construction(ModuleOp target, StringRef name, TypeRange arguments, Location loc)
      : builder(target.getContext()) {
    builder.setInsertionPointToEnd(target.getBody());
    function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(arguments, {}));
    builder.setInsertionPointToEnd(function.addEntryBlock());
  }

  LogicalResult finish(ValueRange results) {
    func::ReturnOp::create(builder, function.getLoc(), results);
    function.setFunctionType(
        builder.getFunctionType(function.getArgumentTypes(), results.getTypes()));
    return verify(function);
  }
};
} // namespace

SmallVector<unsigned> realOperands(Operation *op) {
  SmallVector<unsigned> numbers;
  for (OpOperand &operand : op->getOpOperands())
    if (getElementTypeOrSelf(operand.get().getType()).isF32())
      numbers.push_back(operand.getOperandNumber());
  return numbers;
}

LogicalResult emitForward(ModuleOp target, func::FuncOp source, int64_t batch, StringRef name) {
  Construction c(target, name, sized(source.getArgumentTypes(), batch), source.getLoc());
  IRMapping values;
  values.map(source.getArguments(), c.function.getArguments());
  SmallVector<Value> kept;
  for (Operation &op : source.getBody().front().without_terminator()) {
    auto operands =
        llvm::map_to_vector(op.getOperands(), [&](Value v) { return values.lookup(v); });
    ForwardBuilder b(c.builder, op.getLoc(), operands);
    if (failed(cast<ForwardOpInterface>(op).buildForward(b)))
      return failure();
    if (b.result.getType() != sized(op.getResult(0).getType(), batch))
      return op.emitError() << "forward built " << b.result.getType();
    values.map(op.getResult(0), b.result);
    kept.append(b.kept);
  }
  SmallVector<Value> results;
  for (Value value : source.getBody().front().getTerminator()->getOperands())
    results.push_back(values.lookup(value));
  results.append(kept);
  return c.finish(results);
}

/// The delta with its sign turned, by a nest after those of the primitive.
static Value negated(BackwardBuilder &b, Value delta) {
  std::string dims;
  for (size_t i = 0; i < shapeOf(delta).size(); ++i)
    dims += (i ? " d" : "d") + std::to_string(i);
  return b.map(dims + " -> " + dims, delta, [](ArrayRef<Scalar> s) { return -s[0]; });
}

LogicalResult emitBackward(ModuleOp target, func::FuncOp source, int64_t batch, StringRef name,
                           StringRef forward, ArrayRef<bool> wanted) {
  Operation *op = primitiveOf(source);
  SmallVector<Type> types = sized(op->getOperandTypes(), batch);
  auto results = target.lookupSymbol<func::FuncOp>(forward).getResultTypes();
  llvm::append_range(types, results);
  types.push_back(results.front());
  auto trained = dyn_cast<TrainOpInterface>(op);
  SmallVector<unsigned> numbers = trained ? trained.getTrainedOperands() : SmallVector<unsigned>();
  for (unsigned number : numbers)
    types.push_back(op->getOperand(number).getType());
  Construction c(target, name, types, source.getLoc());
  ValueRange arguments(c.function.getArguments());
  unsigned operands = op->getNumOperands(), after = operands + results.size();
  SmallVector<Value> accumulators(operands);
  for (auto [i, number] : llvm::enumerate(numbers))
    accumulators[number] = arguments[after + 1 + i];
  BackwardBuilder b(c.builder, op->getLoc(), arguments.take_front(operands), arguments[operands],
                    arguments.slice(operands + 1, results.size() - 1), arguments[after], wanted,
                    accumulators);
  if (failed(cast<BackwardOpInterface>(op).buildBackward(b)))
    return failure();
  SmallVector<Value> deltas;
  for (auto [number, delta] : llvm::enumerate(b.deltas)) {
    if (!wanted[number])
      continue;
    if (!delta || delta.getType() != sized(op->getOperand(number).getType(), batch))
      return op->emitError() << "backward built no delta of the type of operand " << number;
    deltas.push_back(io::sabotaged("wrong_sign_delta") ? negated(b, delta) : delta);
  }
  return c.finish(deltas);
}

LogicalResult emitLoss(ModuleOp target, func::FuncOp source, int64_t batch, StringRef name,
                       double weight) {
  Construction c(target, name, sized(source.getArgumentTypes(), batch), source.getLoc());
  auto arguments = c.function.getArguments();
  LossBuilder b(c.builder, source.getLoc(), arguments[0], arguments[1],
                arguments.size() > 2 ? Value(arguments[2]) : Value(), weight);
  if (failed(cast<LossOpInterface>(primitiveOf(source)).buildLoss(b)))
    return failure();
  return c.finish({b.loss, b.outputDelta});
}

LogicalResult emitUpdate(ModuleOp target, OptimizerOpInterface optimizer, int64_t count,
                         StringRef name) {
  unsigned states = optimizer.getStateCount();
  Type real = Float32Type::get(target.getContext());
  SmallVector<Type> types(2 + states, RankedTensorType::get({count}, real));
  types.push_back(RankedTensorType::get({4}, real));
  Construction c(target, name, types, optimizer.getLoc());
  ValueRange arguments(c.function.getArguments());
  SmallVector<Value> operands(arguments.drop_back());
  operands.append(4, arguments.back());
  std::string indices;
  for (unsigned i = 0; i < 2 + states; ++i)
    indices += "i, ";
  NestBuilder b(c.builder, optimizer.getLoc());
  return c.finish(b.mapMany(indices + "0, 1, 2, 3 -> i", operands, [&](ArrayRef<Scalar> s) {
    ArrayRef<Scalar> numbers = s.take_back(4);
    Hyper hyper{numbers[0], numbers[1], numbers[2], numbers[3]};
    return optimizer.update(s[0], s[1], s.slice(2, states), hyper);
  }));
}

} // namespace ccm::laws
