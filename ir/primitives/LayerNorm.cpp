// SPDX-License-Identifier: Apache-2.0
// Normalization of the last axis.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

/// Keeps a constant row from dividing by zero.
constexpr double kVarianceFloor = 1e-5;

LogicalResult LayerNormOp::verify() {
  auto input = getInput().getType(), gain = getGain().getType();
  if (input.getRank() < 2 || gain.getShape() != input.getShape().take_back())
    return emitOpError() << "expects gain and shift of the last extent of " << input << ", got "
                         << gain << " (C1)";
  return success();
}

SmallVector<unsigned> LayerNormOp::getTrainedOperands() { return {1, 2}; }

LogicalResult LayerNormOp::buildForward(ForwardBuilder &b) {
  Value x = rowsOf(b, b.input(0));
  double columns = shapeOf(x)[1];
  Value total = b.sum("r c -> r", x, [](ArrayRef<Scalar> s) { return s[0]; });
  Value mean = b.map("r -> r", total, [&](ArrayRef<Scalar> s) { return s[0] / columns; });
  Value squares = b.sum("r c, r -> r", {x, mean},
                        [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * (s[0] - s[1]); });
  Value scale = b.map("r -> r", squares,
                      [&](ArrayRef<Scalar> s) { return rsqrt(s[0] / columns + kVarianceFloor); });
  b.keep(mean);
  b.keep(scale);
  Value y = b.map("r c, r, r, c, c -> r c", {x, mean, scale, b.input(1), b.input(2)},
                  [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2] * s[3] + s[4]; });
  return b.output(b.reshape(y, shapeOf(b.input(0))));
}

/// With n the normalized row and g = dy * gain: (g - mean of g - n * mean of g * n) * scale.
static Value inputDelta(BackwardBuilder &b, Value normal, Value dy) {
  double columns = shapeOf(dy)[1];
  Value gain = b.input(1), scale = b.internal(1);
  Value total = b.sum("r c, c -> r", {dy, gain}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; });
  Value along = b.sum("r c, c, r c -> r", {dy, gain, normal},
                      [](ArrayRef<Scalar> s) { return s[0] * s[1] * s[2]; });
  auto divide = [&](ArrayRef<Scalar> s) { return s[0] / columns; };
  Value mean = b.map("r -> r", total, divide), slope = b.map("r -> r", along, divide);
  Value dx = b.map("r c, c, r c, r, r, r -> r c", {dy, gain, normal, mean, slope, scale},
                   [](ArrayRef<Scalar> s) { return (s[0] * s[1] - s[3] - s[2] * s[4]) * s[5]; });
  return b.reshape(dx, shapeOf(b.input(0)));
}

LogicalResult LayerNormOp::buildBackward(BackwardBuilder &b) {
  Value dy = rowsOf(b, b.outputDelta());
  Value normal = b.map("r c, r, r -> r c", {rowsOf(b, b.input(0)), b.internal(0), b.internal(1)},
                       [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2]; });
  if (b.wants(1))
    b.setDelta(1, b.sum(
                      "r c, r c -> c", {dy, normal}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; },
                      b.accumulator(1)));
  if (b.wants(2))
    b.setDelta(2, b.sum("r c -> c", dy, [](ArrayRef<Scalar> s) { return s[0]; }, b.accumulator(2)));
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, normal, dy));
  return success();
}

} // namespace ccm
