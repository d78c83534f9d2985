// SPDX-License-Identifier: Apache-2.0
// Values joined into one: sum, product, and one after the other.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

static Value combine(NestBuilder &b, Value left, Value right, NestBuilder::Body body) {
  std::string axes = axisNames(left);
  return b.map(axes + ", " + axes + " -> " + axes, {left, right}, body);
}

static Scalar product(ArrayRef<Scalar> s) { return s[0] * s[1]; }

LogicalResult AddOp::buildForward(ForwardBuilder &b) {
  return b.output(
      combine(b, b.input(0), b.input(1), [](ArrayRef<Scalar> s) { return s[0] + s[1]; }));
}

LogicalResult AddOp::buildBackward(BackwardBuilder &b) {
  for (unsigned number : {0, 1})
    if (b.wants(number))
      b.setDelta(number, b.outputDelta());
  return success();
}

LogicalResult MultiplyOp::buildForward(ForwardBuilder &b) {
  return b.output(combine(b, b.input(0), b.input(1), product));
}

LogicalResult MultiplyOp::buildBackward(BackwardBuilder &b) {
  for (unsigned number : {0, 1})
    if (b.wants(number))
      b.setDelta(number, combine(b, b.outputDelta(), b.input(1 - number), product));
  return success();
}

//===--- concat
//---------------------------------------------------------------------------------===//

LogicalResult ConcatOp::verify() {
  auto output = getOutput().getType();
  int64_t axis = getAxis(), total = 0;
  if (getInputs().empty() || axis < 1 || axis >= output.getRank())
    return emitOpError() << "expects operands and an axis from 1 to " << output.getRank() - 1
                         << ", got " << getInputs().size() << " operands and axis " << axis
                         << " (C1)";
  for (Value input : getInputs()) {
    Extents expected(output.getShape());
    auto type = cast<RankedTensorType>(input.getType());
    if (type.getRank() == output.getRank())
      total += expected[axis] = type.getDimSize(axis);
    if (type.getShape() != ArrayRef(expected))
      return emitOpError() << "expects operands like " << output << " but for axis " << axis
                           << ", got " << type << " (C2)";
  }
  if (total != output.getDimSize(axis))
    return emitOpError() << "expects extents of axis " << axis << " that add up to "
                         << output.getDimSize(axis) << ", got " << total << " (C2)";
  return success();
}

/// The operand's part of the whole: it starts at `offset` of `axis` and has the operand's extents.
static SmallVector<OpFoldResult> offsetsOf(NestBuilder &b, unsigned rank, int64_t axis,
                                           int64_t offset) {
  Extents offsets(rank, 0);
  offsets[axis] = offset;
  return getAsIndexOpFoldResult(b.getBuilder().getContext(), offsets);
}

LogicalResult ConcatOp::buildForward(ForwardBuilder &b) {
  OpBuilder &builder = b.getBuilder();
  Extents extents = extentsOf(getType(), b.batch());
  Type element = getElementTypeOrSelf(b.input(0));
  Value whole = tensor::EmptyOp::create(builder, b.getLoc(), extents, element);
  SmallVector<OpFoldResult> strides(extents.size(), builder.getIndexAttr(1));
  int64_t offset = 0;
  for (unsigned number = 0; number < getInputs().size(); ++number) {
    Value part = b.input(number);
    whole = tensor::InsertSliceOp::create(
        builder, b.getLoc(), part, whole, offsetsOf(b, extents.size(), getAxis(), offset),
        getAsIndexOpFoldResult(builder.getContext(), shapeOf(part)), strides);
    offset += shapeOf(part)[getAxis()];
  }
  return b.output(whole);
}

/// The one operand that goes along; those before it are earlier positions.
LogicalResult ConcatOp::buildStep(StepBuilder &b) {
  Value along;
  if (getAxis() != 1)
    return emitOpError() << "expects axis 1 in a sequence, got " << getAxis();
  for (auto [number, input] : llvm::enumerate(getInputs())) {
    if (b.input(number) && along)
      return emitOpError() << "expects one operand that goes along the positions of a sequence, "
                           << "got number " << number << " as well";
    if (b.input(number))
      along = b.input(number);
    else if (!along)
      b.resultFirst += cast<RankedTensorType>(input.getType()).getDimSize(1);
  }
  return b.output(along);
}

LogicalResult ConcatOp::buildBackward(BackwardBuilder &b) {
  Extents offsets(shapeOf(b.outputDelta()).size(), 0);
  for (unsigned number = 0; number < getInputs().size(); ++number) {
    ArrayRef<int64_t> extents = shapeOf(b.input(number));
    if (b.wants(number))
      b.setDelta(number, b.slice(b.outputDelta(), offsets, extents));
    offsets[getAxis()] += extents[getAxis()];
  }
  return success();
}

} // namespace ccm
