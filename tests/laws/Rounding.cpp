// SPDX-License-Identifier: Apache-2.0
// Running error analysis of loop nests.
#include "tests/laws/Rounding.h"
#include "ir/Scalar.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace ccm::laws {
namespace {

constexpr double kUnit = 0x1p-53; // half an ulp of 1

/// The values of the new function and the errors of those that are f64 tensors or scalars.
struct Tracker {
  OpBuilder &builder;
  IRMapping values, errors;

  explicit Tracker(OpBuilder &builder) : builder(builder) {}

  Scalar scalar(Value value) { return Scalar(builder, value.getLoc(), value); }
  Scalar valueOf(Value old) { return scalar(values.lookup(old)); }

  /// The error of an old value; of one without, zero.
  Scalar errorOf(Value old) {
    if (Value error = errors.lookupOrNull(old))
      return scalar(error);
    return valueOf(old).constant(0.0);
  }

  Value zeroLike(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    Value empty =
        tensor::EmptyOp::create(builder, value.getLoc(), type.getShape(), type.getElementType());
    Value zero = arith::ConstantOp::create(builder, value.getLoc(), builder.getF64FloatAttr(0.0));
    return linalg::FillOp::create(builder, value.getLoc(), zero, empty).getResult(0);
  }

  Value tensorErrorOf(Value old) {
    if (Value error = errors.lookupOrNull(old))
      return error;
    return zeroLike(values.lookup(old));
  }

  LogicalResult visit(Operation &op);
  LogicalResult visitNest(linalg::GenericOp nest);
  FailureOr<Scalar> brought(Operation &op, Scalar result);
};

bool isReal(Value value) { return getElementTypeOrSelf(value.getType()).isF64(); }

/// How many units a function of libm or LLVM adds to its result: glibc's documented ulps, doubled.
double unitsOf(Operation &op) {
  return llvm::TypeSwitch<Operation *, double>(&op)
      .Case<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, math::SqrtOp>(
          [](auto) { return 1.0; })
      .Case<math::ExpOp, math::LogOp>([](auto) { return 2.0; })
      .Case<math::RsqrtOp>([](auto) { return 3.0; })
      .Case<math::TanhOp>([](auto) { return 4.0; })
      .Default([](auto) { return 0.0; });
}

/// What the operands' errors make of the result's, to first order.
FailureOr<Scalar> Tracker::brought(Operation &op, Scalar c) {
  SmallVector<Scalar> x, e;
  for (Value operand : op.getOperands()) {
    x.push_back(valueOf(operand));
    e.push_back(isReal(operand) ? errorOf(operand) : x.back());
  }
  using Result = FailureOr<Scalar>;
  return llvm::TypeSwitch<Operation *, Result>(&op)
      .Case<arith::AddFOp, arith::SubFOp>([&](auto) -> Result { return e[0] + e[1]; })
      .Case<arith::MulFOp>(
          [&](auto) -> Result { return abs(x[0]) * e[1] + abs(x[1]) * e[0] + e[0] * e[1]; })
      .Case<arith::DivFOp>([&](auto) -> Result { return (e[0] + abs(c) * e[1]) / abs(x[1]); })
      .Case<arith::NegFOp, math::AbsFOp>([&](auto) -> Result { return e[0]; })
      .Case<arith::MaximumFOp, arith::MinimumFOp>([&](auto) -> Result { return max(e[0], e[1]); })
      .Case<arith::SelectOp>([&](auto) -> Result { return select(x[0], e[1], e[2]); })
      .Case<math::ExpOp>([&](auto) -> Result { return c * e[0]; })
      .Case<math::LogOp>([&](auto) -> Result { return e[0] / abs(x[0]); })
      .Case<math::SqrtOp>([&](auto) -> Result { return 0.5 * e[0] / c; })
      .Case<math::RsqrtOp>([&](auto) -> Result { return 0.5 * e[0] * c / x[0]; })
      .Case<math::TanhOp>([&](auto) -> Result { return (1.0 - c * c) * e[0]; })
      .Default([&](Operation *other) -> Result {
        return other->emitError("no rule for the rounding of this operation");
      });
}

/// The errors of a tensor operation that moves elements around.
Value moved(Tracker &t, Operation *op) {
  IRMapping mapping = t.values;
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()))
      mapping.map(operand, t.tensorErrorOf(operand));
  return t.builder.clone(*op, mapping)->getResult(0);
}

LogicalResult Tracker::visit(Operation &op) {
  if (auto nest = dyn_cast<linalg::GenericOp>(op))
    return visitNest(nest);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    SmallVector<Value> indices;
    for (Value index : extract.getIndices())
      indices.push_back(values.lookup(index));
    builder.clone(op, values);
    errors.map(extract.getResult(),
               tensor::ExtractOp::create(builder, op.getLoc(), tensorErrorOf(extract.getTensor()),
                                         indices));
    return success();
  }
  Operation *copy = builder.clone(op, values);
  if (op.getNumResults() != 1 || !isReal(op.getResult(0)) || isa<arith::ConstantOp>(op))
    return success();
  if (isa<tensor::EmptyOp, linalg::FillOp>(op)) {
    errors.map(op.getResult(0), zeroLike(copy->getResult(0)));
    return success();
  }
  if (isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::InsertSliceOp, tensor::CollapseShapeOp,
          tensor::ExpandShapeOp>(op)) {
    errors.map(op.getResult(0), moved(*this, &op));
    return success();
  }
  Scalar result = scalar(copy->getResult(0));
  auto error = brought(op, result);
  if (failed(error))
    return failure();
  if (double units = unitsOf(op))
    error = *error + abs(result) * (units * kUnit);
  errors.map(op.getResult(0), error->get());
  return success();
}

/// The nest with an error beside every real operand and result.
LogicalResult Tracker::visitNest(linalg::GenericOp nest) {
  SmallVector<Value> inputs, inits;
  SmallVector<AffineMap> inputMaps, initMaps;
  auto gather = [&](OpOperand &operand, SmallVector<Value> &list, SmallVector<AffineMap> &maps) {
    list.push_back(values.lookup(operand.get()));
    maps.push_back(nest.getMatchingIndexingMap(&operand));
    if (isReal(operand.get())) {
      list.push_back(tensorErrorOf(operand.get()));
      maps.push_back(maps.back());
    }
  };
  for (OpOperand *operand : nest.getDpsInputOperands())
    gather(*operand, inputs, inputMaps);
  for (OpOperand &operand : nest.getDpsInitsMutable())
    gather(operand, inits, initMaps);
  inputMaps.append(initMaps);
  LogicalResult status = success();
  auto body = [&](OpBuilder &nested, Location loc, ValueRange arguments) {
    Tracker inner(nested);
    inner.values = values;
    inner.errors = errors;
    unsigned next = 0;
    for (BlockArgument old : nest.getBody()->getArguments()) {
      inner.values.map(old, arguments[next++]);
      if (isReal(old))
        inner.errors.map(old, arguments[next++]);
    }
    for (Operation &op : nest.getBody()->without_terminator())
      if (failed(inner.visit(op)))
        status = failure();
    SmallVector<Value> yielded;
    for (Value value : nest.getBody()->getTerminator()->getOperands()) {
      yielded.push_back(inner.values.lookup(value));
      if (isReal(value))
        yielded.push_back(inner.errorOf(value).get());
    }
    linalg::YieldOp::create(nested, loc, yielded);
  };
  auto copy =
      linalg::GenericOp::create(builder, nest.getLoc(), TypeRange(ValueRange(inits)), inputs, inits,
                                inputMaps, nest.getIteratorTypesArray(), body);
  unsigned next = 0;
  for (Value result : nest.getResults()) {
    values.map(result, copy.getResult(next++));
    if (isReal(result))
      errors.map(result, copy.getResult(next++));
  }
  return status;
}

MemRefType bufferOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

void store(OpBuilder &builder, Value value, Value buffer) {
  auto op = bufferization::MaterializeInDestinationOp::create(builder, value.getLoc(), Type(),
                                                              value, buffer);
  op.setRestrict(true);
  op.setWritable(true);
}

} // namespace

FailureOr<func::FuncOp> withRounding(func::FuncOp tensors, StringRef name) {
  SmallVector<Type> types(llvm::map_range(tensors.getArgumentTypes(), bufferOf));
  for (Type type : tensors.getResultTypes())
    types.append(2, bufferOf(type));
  OpBuilder builder(tensors);
  Location loc = tensors.getLoc();
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(types, {}));
  function->setAttr("llvm.emit_c_interface", builder.getUnitAttr());
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  Tracker tracker(builder);
  unsigned next = 0;
  for (BlockArgument old : tensors.getArguments())
    tracker.values.map(old, bufferization::ToTensorOp::create(builder, loc, old.getType(),
                                                              block->getArgument(next++),
                                                              /*restrict=*/true));
  for (Operation &op : tensors.getBody().front().without_terminator())
    if (failed(tracker.visit(op)))
      return failure();
  for (Value result : tensors.getBody().front().getTerminator()->getOperands()) {
    store(builder, tracker.values.lookup(result), block->getArgument(next++));
    store(builder, tracker.tensorErrorOf(result), block->getArgument(next++));
  }
  func::ReturnOp::create(builder, loc);
  return function;
}

} // namespace ccm::laws
