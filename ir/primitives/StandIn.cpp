// SPDX-License-Identifier: Apache-2.0
// A learned value in place of what a sample lacks.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

LogicalResult StandInOp::verify() {
  auto input = getInput().getType(), present = getPresent().getType();
  if (input.getRank() < 2 || present.getRank() != 2 || present.getDimSize(1) != 1 ||
      getValue().getType().getShape() != input.getShape().take_back())
    return emitOpError() << "expects a presence [batch, 1] and a value of the last extent of "
                         << input << ", got " << present << " and " << getValue().getType()
                         << " (C1)";
  return success();
}

SmallVector<unsigned> StandInOp::getTrainedOperands() { return {2}; }

/// "b d1 d2" and "b d1 d2": all axes of the input but the last.
static std::string positionsIn(Value value) {
  return "b " + axisNames(1, shapeOf(value).size() - 1);
}

LogicalResult StandInOp::buildForward(ForwardBuilder &b) {
  std::string all = positionsIn(b.input(0)) + " c";
  Value present = b.reshape(b.input(1), {b.batch()});
  return b.output(b.map(all + ", b, c -> " + all, {b.input(0), present, b.input(2)},
                        [](ArrayRef<Scalar> s) { return s[1] * s[0] + (1 - s[1]) * s[2]; }));
}

LogicalResult StandInOp::buildBackward(BackwardBuilder &b) {
  std::string all = positionsIn(b.input(0)) + " c";
  Value dy = b.outputDelta(), present = b.reshape(b.input(1), {b.batch()});
  if (b.wants(0))
    b.setDelta(0, b.map(all + ", b -> " + all, {dy, present},
                        [](ArrayRef<Scalar> s) { return s[0] * s[1]; }));
  if (b.wants(1)) {
    Value delta = b.sum(all + ", " + all + ", c -> b", {dy, b.input(0), b.input(2)},
                        [](ArrayRef<Scalar> s) { return s[0] * (s[1] - s[2]); });
    b.setDelta(1, b.reshape(delta, shapeOf(b.input(1))));
  }
  if (b.wants(2))
    b.setDelta(2, b.sum(
                      all + ", b -> c", {dy, present},
                      [](ArrayRef<Scalar> s) { return s[0] * (1 - s[1]); }, b.accumulator(2)));
  return success();
}

} // namespace ccm
