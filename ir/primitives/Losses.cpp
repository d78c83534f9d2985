// SPDX-License-Identifier: Apache-2.0
// Losses per sample and their output deltas.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

LogicalResult buildElementLoss(LossBuilder &b, Scalar (*loss)(Scalar, Scalar),
                               Scalar (*derivative)(Scalar, Scalar)) {
  int64_t batch = shapeOf(b.output)[0];
  int64_t elements = ShapedType::getNumElements(shapeOf(b.output)) / batch;
  Value x = b.reshape(b.output, {batch, elements}), t = b.reshape(b.target, {batch, elements});
  b.loss = b.sum("n e, n e -> n", {x, t},
                 [&](ArrayRef<Scalar> s) { return loss(s[0], s[1]) * (1.0 / elements); });
  Value delta = b.map("n e, n e -> n e", {x, t}, [&](ArrayRef<Scalar> s) {
    return derivative(s[0], s[1]) * (-b.weight / elements);
  });
  b.outputDelta = b.reshape(delta, shapeOf(b.output));
  return success();
}

/// log(sum of exp(x)) - x[target], by rows, with x shifted by its maximum so that exp stays finite.
LogicalResult CrossEntropyOp::buildLoss(LossBuilder &b) {
  Value x = rowsOf(b, b.output);
  int64_t rows = shapeOf(x)[0], batch = shapeOf(b.output)[0], positions = rows / batch;
  Value target = b.reshape(b.target, {rows});
  auto same = [](ArrayRef<Scalar> s) { return s[0]; };
  Value top = b.maximum("r c -> r", x, same);
  Value power =
      b.map("r c, r -> r c", {x, top}, [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
  Value total = b.sum("r c -> r", power, same);
  Value picked = b.sum("r c, r, #c -> r", {x, target}, [](ArrayRef<Scalar> s) {
    return select(equal(toIndex(s[1]), s[2]), s[0], 0.0);
  });
  Value loss = b.map("r, r, r -> r", {top, total, picked},
                     [](ArrayRef<Scalar> s) { return s[0] + log(s[1]) - s[2]; });
  b.loss = b.sum("n p -> n", b.reshape(loss, {batch, positions}),
                 [&](ArrayRef<Scalar> s) { return s[0] * (1.0 / positions); });
  double scale = b.weight / positions;
  Value factor = b.map("r -> r", total, [&](ArrayRef<Scalar> s) { return -scale / s[0]; });
  Value delta = b.map("r c, r, r, #c -> r c", {power, factor, target}, [&](ArrayRef<Scalar> s) {
    Scalar hit = select(equal(toIndex(s[2]), s[3]), s[0].constant(scale), 0.0);
    return s[0] * s[1] + hit;
  });
  b.outputDelta = b.reshape(delta, shapeOf(b.output));
  return success();
}

} // namespace ccm
