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

LogicalResult CrossEntropyOp::verify() {
  double smoothing = number(getSmoothing());
  if (!(smoothing >= 0 && smoothing < 1))
    return emitOpError() << "expects a smoothing from 0 to below 1, got " << smoothing << " (C1)";
  auto classes = shapeOf(getOutput()).take_back();
  if (getWeights() && shapeOf(getWeights()) != classes)
    return emitOpError() << "expects a weight for each of " << classes[0] << " indices, got "
                         << getWeights().getType() << " (C2)";
  return success();
}

namespace {
/// What scores are compared with: index c of a row has the share q[c] w[c]. Nests over rows and
/// indices take `axes` and `operands` behind their own, and give the scalars of these to `times`.
struct Shares {
  Shares(LossBuilder &b, Value target, double smoothing)
      : rest(smoothing / double(shapeOf(b.output).back())), hit(1.0 - smoothing + rest),
        operands{target} {
    if (!b.classWeights)
      return;
    axes += ", c";
    operands.push_back(b.classWeights);
    sums = b.sum("r, #c, c -> r", operands,
                 [&](ArrayRef<Scalar> s) { return times(s[2].constant(1.0), s); });
  }

  SmallVector<Value> behind(ArrayRef<Value> own) const {
    SmallVector<Value> all(own);
    llvm::append_range(all, operands);
    return all;
  }

  /// `x` times the share; `s` are target, index and, where there are any, weight.
  Scalar times(Scalar x, ArrayRef<Scalar> s) const {
    Scalar other = rest > 0 ? x * rest : x.constant(0.0);
    Scalar share = select(equal(toIndex(s[0]), s[1]), hit == 1 ? x : x * hit, other);
    return s.size() > 2 ? share * s[2] : share;
  }

  double rest, hit;
  SmallVector<Value> operands;
  std::string axes = ", r, #c";
  Value sums; ///< by row, of all shares; null: all are 1
};
} // namespace

/// By rows, sum of shares times (log(sum of exp(x)) - x), with x shifted by its maximum so that exp
/// stays finite.
LogicalResult CrossEntropyOp::buildLoss(LossBuilder &b) {
  Value x = rowsOf(b, b.output);
  int64_t rows = shapeOf(x)[0], batch = shapeOf(b.output)[0], positions = rows / batch;
  Shares shares(b, b.reshape(b.target, {rows}), number(getSmoothing()));
  auto same = [](ArrayRef<Scalar> s) { return s[0]; };
  Value top = b.maximum("r c -> r", x, same);
  Value power =
      b.map("r c, r -> r c", {x, top}, [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
  Value total = b.sum("r c -> r", power, same);
  Value picked = b.sum("r c" + shares.axes + " -> r", shares.behind({x}),
                       [&](ArrayRef<Scalar> s) { return shares.times(s[0], s.drop_front()); });
  SmallVector<Value> parts{top, total, picked}, divided{total};
  if (shares.sums) {
    parts.push_back(shares.sums);
    divided.push_back(shares.sums);
  }
  Value loss =
      b.map(shares.sums ? "r, r, r, r -> r" : "r, r, r -> r", parts, [](ArrayRef<Scalar> s) {
        Scalar all = s[0] + log(s[1]);
        return (s.size() > 3 ? all * s[3] : all) - s[2];
      });
  b.loss = b.sum("n p -> n", b.reshape(loss, {batch, positions}),
                 [&](ArrayRef<Scalar> s) { return s[0] * (1.0 / positions); });
  double scale = b.weight / positions;
  Value factor = b.map(shares.sums ? "r, r -> r" : "r -> r", divided, [&](ArrayRef<Scalar> s) {
    return s.size() > 1 ? -scale * s[1] / s[0] : -scale / s[0];
  });
  Value delta = b.map("r c, r" + shares.axes + " -> r c", shares.behind({power, factor}),
                      [&](ArrayRef<Scalar> s) {
                        return s[0] * s[1] + shares.times(s[0].constant(scale), s.drop_front(2));
                      });
  b.outputDelta = b.reshape(delta, shapeOf(b.output));
  return success();
}

} // namespace ccm
