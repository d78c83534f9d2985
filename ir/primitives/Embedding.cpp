// SPDX-License-Identifier: Apache-2.0
// Learned tables: rows by index, and values by position.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

//===--- embedding
//------------------------------------------------------------------------------===//

LogicalResult EmbeddingOp::verify() {
  auto table = getTable().getType();
  if (table.getRank() != 2)
    return emitOpError() << "expects a table [vocabulary, width], got " << table << " (C1)";
  Extents expected(getInput().getType().getShape());
  expected.push_back(table.getDimSize(1));
  if (getOutput().getType().getShape() != ArrayRef(expected))
    return emitOpError() << "expects a result " << table.clone(expected) << ", got "
                         << getOutput().getType() << " (C2)";
  return success();
}

SmallVector<unsigned> EmbeddingOp::getTrainedOperands() { return {1}; }

LogicalResult EmbeddingOp::buildForward(ForwardBuilder &b) {
  std::string axes = axisNames(b.input(0));
  return b.output(b.gather(axes + " -> " + axes + " c", b.input(0), b.input(1)));
}

LogicalResult EmbeddingOp::buildBackward(BackwardBuilder &b) {
  std::string axes = axisNames(b.input(0));
  if (b.wants(1))
    b.setDelta(1, b.scatterAdd(axes + ", " + axes + " c -> v c", b.input(0), b.outputDelta(),
                               b.accumulator(1)));
  return success();
}

//===--- positions
//------------------------------------------------------------------------------===//

LogicalResult PositionsOp::verify() {
  auto input = getInput().getType();
  if (getTable().getType().getShape() != input.getShape().drop_front())
    return emitOpError() << "expects a table of the shape of " << input
                         << " without the batch, got " << getTable().getType() << " (C1)";
  return success();
}

SmallVector<unsigned> PositionsOp::getTrainedOperands() { return {1}; }

LogicalResult PositionsOp::buildForward(ForwardBuilder &b) {
  std::string axes = axisNames(1, shapeOf(b.input(0)).size());
  return b.output(b.map("b " + axes + ", " + axes + " -> b " + axes, {b.input(0), b.input(1)},
                        [](ArrayRef<Scalar> s) { return s[0] + s[1]; }));
}

LogicalResult PositionsOp::buildStep(StepBuilder &b) {
  Value rows = b.gather("b t -> b t c", b.position, b.input(1), b.first);
  return b.output(b.map("b t c, b t c -> b t c", {b.input(0), rows},
                        [](ArrayRef<Scalar> s) { return s[0] + s[1]; }));
}

LogicalResult PositionsOp::buildBackward(BackwardBuilder &b) {
  std::string axes = axisNames(1, shapeOf(b.input(0)).size());
  if (b.wants(0))
    b.setDelta(0, b.outputDelta());
  if (b.wants(1))
    b.setDelta(1, b.sum(
                      "b " + axes + " -> " + axes, b.outputDelta(),
                      [](ArrayRef<Scalar> s) { return s[0]; }, b.accumulator(1)));
  return success();
}

} // namespace ccm
