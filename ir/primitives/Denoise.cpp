// SPDX-License-Identifier: Apache-2.0
// From noised values to what they are without the noise.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

LogicalResult DenoiseOp::verify() {
  auto time = getTime().getType();
  if (time.getRank() == 2 && time.getDimSize(1) == 1)
    return success();
  return emitOpError() << "expects a time [batch, 1], got " << time << " (C1)";
}

LogicalResult DenoiseOp::buildForward(ForwardBuilder &b) {
  std::string all = axisNames(b.input(0)), batch = axisNames(0, 1);
  Value time = b.reshape(b.input(1), {b.batch()});
  return b.output(b.map(all + ", " + batch + ", " + all + " -> " + all,
                        {b.input(0), time, b.input(2)},
                        [](ArrayRef<Scalar> s) { return s[0] - s[1] * s[2]; }));
}

LogicalResult DenoiseOp::buildBackward(BackwardBuilder &b) {
  std::string all = axisNames(b.input(0)), batch = axisNames(0, 1);
  Value dy = b.outputDelta(), time = b.reshape(b.input(1), {b.batch()});
  if (b.wants(0))
    b.setDelta(0, dy);
  if (b.wants(1)) {
    Value delta = b.sum(all + ", " + all + " -> " + batch, {dy, b.input(2)},
                        [](ArrayRef<Scalar> s) { return -(s[0] * s[1]); });
    b.setDelta(1, b.reshape(delta, shapeOf(b.input(1))));
  }
  if (b.wants(2))
    b.setDelta(2, b.map(all + ", " + batch + " -> " + all, {dy, time},
                        [](ArrayRef<Scalar> s) { return -(s[0] * s[1]); }));
  return success();
}

} // namespace ccm
