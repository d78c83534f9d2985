// SPDX-License-Identifier: Apache-2.0
// Exponentials normalized over the last axis.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

LogicalResult SoftmaxOp::buildForward(ForwardBuilder &b) {
  auto same = [](ArrayRef<Scalar> s) { return s[0]; };
  Value x = rowsOf(b, b.input(0));
  Value top = b.maximum("r c -> r", x, same);
  Value power =
      b.map("r c, r -> r c", {x, top}, [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
  Value total = b.sum("r c -> r", power, same);
  // One division per row instead of one per element.
  Value factor = b.map("r -> r", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
  Value y = b.map("r c, r -> r c", {power, factor}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; });
  return b.output(b.reshape(y, shapeOf(b.input(0))));
}

LogicalResult SoftmaxOp::buildBackward(BackwardBuilder &b) {
  if (!b.wants(0))
    return success();
  Value y = rowsOf(b, b.output()), dy = rowsOf(b, b.outputDelta());
  Value mean = b.sum("r c, r c -> r", {y, dy}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; });
  Value dx = b.map("r c, r c, r -> r c", {y, dy, mean},
                   [](ArrayRef<Scalar> s) { return s[0] * (s[1] - s[2]); });
  b.setDelta(0, b.reshape(dx, shapeOf(b.input(0))));
  return success();
}

} // namespace ccm
