// SPDX-License-Identifier: Apache-2.0
// Transposed convolution over one axis: a window without stride whose columns are (position in the
// stride, output); columns then become positions by a reshape.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {
namespace {

struct Columns {
  int64_t batch, length, inputs, outputs, extent; ///< input and result
  int64_t stride, padding, steps, panels, width;  ///< steps: taps per position in the stride
  int64_t slots;                                  ///< outputs with their padding
  int64_t first, count;                           ///< window positions that reach the result

  Columns(ConvTransposeOp op, int64_t batch)
      : batch(batch), stride(op.getStride()), padding(op.getPadding()) {
    auto input = op.getInput().getType(), output = op.getOutput().getType();
    auto weight = op.getWeight().getType();
    length = input.getDimSize(1);
    inputs = input.getDimSize(2);
    extent = output.getDimSize(1);
    outputs = output.getDimSize(2);
    panels = weight.getDimSize(0);
    steps = weight.getDimSize(1);
    width = weight.getDimSize(3);
    slots = op.getBias().getType().getDimSize(0);
    first = padding / stride;
    count = int64_t(llvm::divideCeil(padding + extent, stride)) - first;
  }

  int64_t columns() const { return stride * slots; }
};

} // namespace

static LogicalResult verifyWeight(ConvTransposeOp op) {
  auto input = op.getInput().getType(), output = op.getOutput().getType();
  auto weight = op.getWeight().getType(), bias = op.getBias().getType();
  int64_t stride = op.getStride(), padding = op.getPadding();
  if (stride < 1 || stride > INT32_MAX || padding < 0 || padding > INT32_MAX)
    return op.emitOpError() << "expects a positive stride and a padding that is not negative, got "
                            << stride << " and " << padding << " (C3)";
  if (weight.getRank() != 4 || weight.getDimSize(2) != input.getShape().back() ||
      bias.getRank() != 1)
    return op.emitOpError() << "expects a weight [panels, steps, inputs, width] and a bias "
                            << "[outputs] for " << input << ", got " << weight << " and " << bias
                            << " (C2)";
  int64_t columns = weight.getDimSize(0) * weight.getDimSize(3);
  if (bias.getDimSize(0) < output.getShape().back() || columns / stride < bias.getDimSize(0))
    return op.emitOpError() << "expects a bias for at least " << output.getShape().back()
                            << " outputs and at most " << columns / stride << ", got " << bias
                            << " (C2)";
  return success();
}

LogicalResult ConvTransposeOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  if (input.getRank() != 3 || output.getRank() != 3)
    return emitOpError() << "expects one position axis, got " << input << " and " << output
                         << " (C1)";
  if (failed(verifyWeight(*this)))
    return failure();
  Columns c(*this, ShapedType::kDynamic);
  int64_t reached = (c.length + c.steps - 1) * c.stride - c.padding;
  if (c.extent > reached)
    return emitOpError() << "expects at most " << reached << " positions, got " << output
                         << " (C4)";
  return success();
}

SmallVector<unsigned> ConvTransposeOp::getTrainedOperands() { return {1, 2}; }

LogicalResult ConvTransposeOp::buildForward(ForwardBuilder &b) {
  Columns c(*this, b.batch());
  Value x = frame(b, b.input(0), {0, c.first - (c.steps - 1), 0},
                  {c.batch, c.count + c.steps - 1, c.inputs});
  std::string tap = c.steps == 1 ? "m" : std::to_string(c.steps - 1) + "-m";
  NestBuilder::Sizes sizes;
  sizes["x"] = c.count;
  Value sums = b.contract("b x+" + tap + " c, n m c v -> b x n v", x, b.input(1), {}, sizes);
  sizes["r"] = c.stride;
  Value bias = b.map("o -> r o", b.input(2), [](ArrayRef<Scalar> s) { return s[0]; }, sizes);
  Value y = b.map("b x n v, n v -> b x n v",
                  {sums, toPanels(b, b.reshape(bias, {c.columns()}), c.panels, c.width)},
                  [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  Value columns = fromPanels(b, y, {c.batch, c.count, c.columns()});
  Value positions = b.reshape(columns, {c.batch, c.count * c.stride, c.slots});
  return b.output(
      b.slice(positions, {0, c.padding - c.first * c.stride, 0}, {c.batch, c.extent, c.outputs}));
}

/// The output delta times the transposed weights, in panels of inputs; transposing depends on the
/// parameter alone.
static Value inputDelta(BackwardBuilder &b, const Columns &c, Value dy) {
  int64_t width = panelWidth(c.inputs), panels = llvm::divideCeil(c.inputs, width);
  Value padded = b.pad(b.input(1), {0, 0, 0, 0}, {0, 0, panels * width - c.inputs, 0});
  Value split = b.reshape(padded, {c.panels, c.steps, panels, width, c.width});
  Value transposed =
      b.map("n m p u v -> p n v m u", split, [](ArrayRef<Scalar> s) { return s[0]; });
  int64_t columns = c.panels * c.width;
  NestBuilder::Sizes sizes;
  sizes["x"] = c.length;
  Value dx = b.contract("b x+m o, p o m v -> b x p v",
                        b.reshape(dy, {c.batch, c.length + c.steps - 1, columns}),
                        b.reshape(transposed, {panels, columns, c.steps, width}), {}, sizes);
  return fromPanels(b, dx, shapeOf(b.input(0)));
}

LogicalResult ConvTransposeOp::buildBackward(BackwardBuilder &b) {
  Columns c(*this, b.batch());
  int64_t positions = c.length + c.steps - 1;
  Value whole =
      frame(b, b.outputDelta(), {0, -c.padding, 0}, {c.batch, positions * c.stride, c.slots});
  Value dy = toPanels(b, b.reshape(whole, {c.batch, positions, c.columns()}), c.panels, c.width);
  if (b.wants(1)) {
    NestBuilder::Sizes sizes;
    sizes["m"] = c.steps;
    b.setDelta(1,
               b.contract("b x c, b x+m n v -> n m c v", b.input(0), dy, b.accumulator(1), sizes));
  }
  if (b.wants(2))
    b.setDelta(
        2, b.sum("b k o -> o", whole, [](ArrayRef<Scalar> s) { return s[0]; }, b.accumulator(2)));
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, c, dy));
  return success();
}

} // namespace ccm
