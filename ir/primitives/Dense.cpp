// SPDX-License-Identifier: Apache-2.0
// The affine map of the last axis: weights and their delta in panels of outputs.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

LogicalResult DenseOp::verify() {
  auto input = getInput().getType(), weight = getWeight().getType(), bias = getBias().getType();
  if (input.getRank() < 2 || weight.getRank() != 3 ||
      weight.getDimSize(1) != input.getShape().back())
    return emitOpError() << "expects a weight [panels, inputs, width] for the inputs of " << input
                         << ", got " << weight << " (C1)";
  int64_t columns = weight.getDimSize(0) * weight.getDimSize(2);
  if (bias.getRank() != 1 || bias.getDimSize(0) != columns)
    return emitOpError() << "expects a bias of " << columns << " elements, got " << bias << " (C1)";
  auto output = getOutput().getType();
  if (output.getShape().drop_back() != input.getShape().drop_back() ||
      output.getShape().back() > columns)
    return emitOpError() << "expects a result like the input with a last extent of at most "
                         << columns << ", got " << output << " (C2)";
  return success();
}

SmallVector<unsigned> DenseOp::getTrainedOperands() { return {1, 2}; }

LogicalResult DenseOp::buildForward(ForwardBuilder &b) {
  ArrayRef<int64_t> panels = shapeOf(b.input(1));
  Value bias = b.reshape(b.input(2), {panels[0], panels[2]});
  Value sums = b.contract("r k, n k v -> r n v", rowsOf(b, b.input(0)), b.input(1));
  Value y =
      b.map("r n v, n v -> r n v", {sums, bias}, [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  Extents extents(shapeOf(b.input(0)));
  extents.back() = getType().getShape().back();
  return b.output(fromPanels(b, y, extents));
}

/// The output delta times the transposed weights, in panels of inputs. Transposing reads the
/// parameter alone, so that it is done once per step.
static Value inputDelta(BackwardBuilder &b, Value dy) {
  ArrayRef<int64_t> extents = shapeOf(b.input(1));
  int64_t outputs = extents[0] * extents[2], inputs = extents[1];
  int64_t width = panelWidth(inputs), panels = llvm::divideCeil(inputs, width);
  Value padded = b.pad(b.input(1), {0, 0, 0}, {0, panels * width - inputs, 0});
  Value split = b.reshape(padded, {extents[0], panels, width, extents[2]});
  Value transposed = b.map("n p u v -> p n v u", split, [](ArrayRef<Scalar> s) { return s[0]; });
  Value dx = b.contract("r o, p o u -> r p u", b.reshape(dy, {shapeOf(dy)[0], outputs}),
                        b.reshape(transposed, {panels, outputs, width}));
  return fromPanels(b, dx, shapeOf(b.input(0)));
}

LogicalResult DenseOp::buildBackward(BackwardBuilder &b) {
  ArrayRef<int64_t> extents = shapeOf(b.input(1));
  Value dy = toPanels(b, rowsOf(b, b.outputDelta()), extents[0], extents[2]);
  if (b.wants(1))
    b.setDelta(1, b.contract("r k, r n v -> n k v", rowsOf(b, b.input(0)), dy, b.accumulator(1)));
  if (b.wants(2)) {
    Value start = b.reshape(b.accumulator(2), {extents[0], extents[2]});
    Value delta = b.sum("r n v -> n v", dy, [](ArrayRef<Scalar> s) { return s[0]; }, start);
    b.setDelta(2, b.reshape(delta, shapeOf(b.input(2))));
  }
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, dy));
  return success();
}

} // namespace ccm
