// SPDX-License-Identifier: Apache-2.0
// Between the unit of a port's values and numbers without one.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

template <typename Op>
static LogicalResult verifyScaling(Op op) {
  auto input = op.getInput().getType();
  if (input.getRank() < 2 || op.getOffset().getType().getShape() != input.getShape().take_back())
    return op.emitOpError() << "expects an offset and a factor of the last extent of " << input
                            << ", got " << op.getOffset().getType() << " (C1)";
  return success();
}

LogicalResult ScaleOp::verify() { return verifyScaling(*this); }
LogicalResult UnscaleOp::verify() { return verifyScaling(*this); }

SmallVector<unsigned> ScaleOp::getTrainedOperands() { return {1, 2}; }
SmallVector<unsigned> UnscaleOp::getTrainedOperands() { return {1, 2}; }

/// "d0 d1 c": all axes of a value, the last one named.
static std::string axesOf(Value value) { return axisNames(0, shapeOf(value).size() - 1) + " c"; }

Value ScaleOp::scaled(NestBuilder &b, Value x, Value offset, Value factor) {
  std::string all = axesOf(x);
  return b.map(all + ", c, c -> " + all, {x, offset, factor},
               [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2]; });
}

Value ScaleOp::inputDelta(NestBuilder &b, Value delta, Value factor) {
  std::string all = axesOf(delta);
  return b.map(all + ", c -> " + all, {delta, factor},
               [](ArrayRef<Scalar> s) { return s[0] * s[1]; });
}

LogicalResult ScaleOp::buildForward(ForwardBuilder &b) {
  return b.output(scaled(b, b.input(0), b.input(1), b.input(2)));
}

LogicalResult ScaleOp::buildBackward(BackwardBuilder &b) {
  Value dy = b.outputDelta();
  std::string all = axesOf(dy);
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, dy, b.input(2)));
  if (b.wants(1))
    b.setDelta(1, b.sum(
                      all + ", c -> c", {dy, b.input(2)},
                      [](ArrayRef<Scalar> s) { return -(s[0] * s[1]); }, b.accumulator(1)));
  if (b.wants(2))
    b.setDelta(2, b.sum(
                      all + ", " + all + ", c -> c", {dy, b.input(0), b.input(1)},
                      [](ArrayRef<Scalar> s) { return s[0] * (s[1] - s[2]); }, b.accumulator(2)));
  return success();
}

LogicalResult UnscaleOp::buildForward(ForwardBuilder &b) {
  std::string all = axesOf(b.input(0));
  return b.output(b.map(all + ", c, c -> " + all, {b.input(0), b.input(1), b.input(2)},
                        [](ArrayRef<Scalar> s) { return s[0] / s[2] + s[1]; }));
}

LogicalResult UnscaleOp::buildBackward(BackwardBuilder &b) {
  Value dy = b.outputDelta();
  std::string all = axesOf(dy);
  if (b.wants(0))
    b.setDelta(0, b.map(all + ", c -> " + all, {dy, b.input(2)},
                        [](ArrayRef<Scalar> s) { return s[0] / s[1]; }));
  if (b.wants(1))
    b.setDelta(
        1, b.sum(all + " -> c", {dy}, [](ArrayRef<Scalar> s) { return s[0]; }, b.accumulator(1)));
  if (b.wants(2))
    b.setDelta(2, b.sum(
                      all + ", " + all + ", c -> c", {dy, b.input(0), b.input(2)},
                      [](ArrayRef<Scalar> s) { return -(s[0] * s[1] / (s[2] * s[2])); },
                      b.accumulator(2)));
  return success();
}

} // namespace ccm
