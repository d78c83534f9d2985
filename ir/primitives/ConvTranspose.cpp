// SPDX-License-Identifier: Apache-2.0
// Transposed convolution over one to three axes: a window without stride whose columns are
// (position in the strides, output); columns then become positions.
#include "ir/Ccm.h"
#include "ir/primitives/Windows.h"

using namespace mlir;

namespace ccm {
namespace {

/// Extents of a transposed convolution, one entry per position axis where it is a list. Loops of
/// nests are x0, x1, … along the positions and m0, m1, … along the steps.
struct Columns {
  int64_t batch, inputs, outputs, panels, width;
  int64_t slots;                   ///< outputs with their padding
  int64_t phases = 1;              ///< positions in the strides
  Extents length, extent;          ///< of input and result
  Extents stride, padding, steps;  ///< steps: taps per position in the stride
  Extents first, count, positions; ///< windows that reach the result, and number of all of them

  Columns(ConvTransposeOp op, int64_t batch)
      : batch(batch), stride(op.getStride()), padding(op.getPadding()) {
    ArrayRef<int64_t> input = op.getInput().getType().getShape();
    ArrayRef<int64_t> output = op.getOutput().getType().getShape();
    ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
    inputs = input.back();
    outputs = output.back();
    panels = weight.front();
    width = weight.back();
    slots = op.getBias().getType().getDimSize(0);
    length = Extents(input.drop_front().drop_back());
    extent = Extents(output.drop_front().drop_back());
    steps = Extents(weight.drop_front().drop_back(2));
    for (unsigned axis = 0; axis < axes(); ++axis) {
      phases *= stride[axis];
      first.push_back(padding[axis] / stride[axis]);
      int64_t end = llvm::divideCeil(padding[axis] + extent[axis], stride[axis]);
      count.push_back(end - first.back());
      positions.push_back(length[axis] + steps[axis] - 1);
    }
  }

  unsigned axes() const { return length.size(); }
  int64_t columns() const { return phases * slots; }

  /// "b x0+m0 x1+m1 ", the steps backwards or not.
  std::string under(bool reversed) const {
    std::string index = "b ";
    for (unsigned axis = 0; axis < axes(); ++axis) {
      std::string number = std::to_string(axis), step = "m" + number;
      index += "x" + number + "+" + (reversed ? backwards(step, steps[axis]) : step) + " ";
    }
    return index;
  }
  /// Index of the weights: "n m0 m1 c v".
  std::string weights() const { return "n " + loops("m", axes()) + "c v"; }
};

/// Where windows and phases of all axes lie beside each other, and where each axis has its own:
/// "b x0 x1 r0 r1 o" and "b x0 r0 x1 r1 o".
std::pair<std::string, std::string> orders(unsigned axes) {
  std::string together = "b " + loops("x", axes) + loops("r", axes) + "o", apart = "b ";
  for (unsigned axis = 0; axis < axes; ++axis)
    apart += "x" + std::to_string(axis) + " r" + std::to_string(axis) + " ";
  return {together, apart + "o"};
}

/// Extents in the second of these orders.
Extents apartOf(const Columns &c, ArrayRef<int64_t> windows) {
  Extents extents{c.batch};
  for (auto [count, stride] : llvm::zip_equal(windows, c.stride))
    extents.append({count, stride});
  extents.push_back(c.slots);
  return extents;
}

/// Extents of the positions that so many windows have.
Extents positionsOf(const Columns &c, ArrayRef<int64_t> windows) {
  Extents extents;
  for (auto [count, stride] : llvm::zip_equal(windows, c.stride))
    extents.push_back(count * stride);
  return around(c.batch, extents, c.slots);
}

/// [b, windows, columns] as [b, positions, slots]: along one axis the same elements in order.
Value toPositions(NestBuilder &b, const Columns &c, Value columns, ArrayRef<int64_t> windows) {
  if (c.axes() > 1) {
    auto [together, apart] = orders(c.axes());
    Extents split = around(c.batch, windows, c.stride);
    split.push_back(c.slots);
    columns = b.map(together + " -> " + apart, b.reshape(columns, split),
                    [](ArrayRef<Scalar> s) { return s[0]; });
  }
  return b.reshape(columns, positionsOf(c, windows));
}

/// The inverse.
Value toColumns(NestBuilder &b, const Columns &c, Value positions, ArrayRef<int64_t> windows) {
  if (c.axes() > 1) {
    auto [together, apart] = orders(c.axes());
    positions = b.map(apart + " -> " + together, b.reshape(positions, apartOf(c, windows)),
                      [](ArrayRef<Scalar> s) { return s[0]; });
  }
  return b.reshape(positions, around(c.batch, windows, c.columns()));
}

} // namespace

static LogicalResult verifyAxes(ConvTransposeOp op) {
  auto input = op.getInput().getType(), output = op.getOutput().getType();
  if (input.getRank() < 3 || input.getRank() > 5 || output.getRank() != input.getRank())
    return op.emitOpError() << "expects one to three position axes, as many in the result, got "
                            << input << " and " << output << " (C1)";
  if (!isPerAxis(op.getStride(), input, 1) || !isPerAxis(op.getPadding(), input, 0))
    return op.emitOpError() << "expects a positive stride and a padding that is not negative for "
                            << "each of " << input.getRank() - 2 << " axes, got [" << op.getStride()
                            << "] and [" << op.getPadding() << "] (C3)";
  return success();
}

static LogicalResult verifyWeight(ConvTransposeOp op) {
  auto input = op.getInput().getType(), output = op.getOutput().getType();
  auto weight = op.getWeight().getType(), bias = op.getBias().getType();
  if (weight.getRank() != input.getRank() + 1 ||
      weight.getDimSize(weight.getRank() - 2) != input.getShape().back() || bias.getRank() != 1)
    return op.emitOpError() << "expects a weight [panels, steps, inputs, width] and a bias "
                            << "[outputs] for " << input << ", got " << weight << " and " << bias
                            << " (C2)";
  // One stride after the other: their product may be more than can be counted.
  int64_t most = weight.getShape().front() * weight.getShape().back();
  for (int64_t stride : op.getStride())
    most /= stride;
  if (bias.getDimSize(0) < output.getShape().back() || most < bias.getDimSize(0))
    return op.emitOpError() << "expects a bias for at least " << output.getShape().back()
                            << " outputs and at most " << most << ", got " << bias << " (C2)";
  return success();
}

LogicalResult ConvTransposeOp::verify() {
  if (failed(verifyAxes(*this)) || failed(verifyWeight(*this)))
    return failure();
  Columns c(*this, ShapedType::kDynamic);
  for (unsigned axis = 0; axis < c.axes(); ++axis) {
    int64_t reached = c.positions[axis] * c.stride[axis] - c.padding[axis];
    if (c.extent[axis] > reached)
      return emitOpError() << "expects at most " << reached << " positions along axis " << axis + 1
                           << ", got " << getType() << " (C4)";
  }
  return success();
}

SmallVector<unsigned> ConvTransposeOp::getTrainedOperands() { return {1, 2}; }

LogicalResult ConvTransposeOp::buildForward(ForwardBuilder &b) {
  Columns c(*this, b.batch());
  Extents starts, framed, offsets;
  for (unsigned axis = 0; axis < c.axes(); ++axis) {
    starts.push_back(c.first[axis] - (c.steps[axis] - 1));
    framed.push_back(c.count[axis] + c.steps[axis] - 1);
    offsets.push_back(c.padding[axis] - c.first[axis] * c.stride[axis]);
  }
  Value x = frame(b, b.input(0), around(0, starts, 0), around(c.batch, framed, c.inputs));
  std::string result = "b " + loops("x", c.axes()) + "n v";
  Value sums = b.contract(c.under(/*reversed=*/true) + "c, " + c.weights() + " -> " + result, x,
                          b.input(1), {}, sizesOf("x", c.count));
  NestBuilder::Sizes sizes;
  sizes["r"] = c.phases;
  Value bias = b.map("o -> r o", b.input(2), [](ArrayRef<Scalar> s) { return s[0]; }, sizes);
  Value y = b.map(result + ", n v -> " + result,
                  {sums, toPanels(b, b.reshape(bias, {c.columns()}), c.panels, c.width)},
                  [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  Value columns = fromPanels(b, y, around(c.batch, c.count, c.columns()));
  return b.output(b.slice(toPositions(b, c, columns, c.count), around(0, offsets, 0),
                          around(c.batch, c.extent, c.outputs)));
}

/// The output delta times the transposed weights, in panels of inputs; transposing depends on the
/// parameter alone.
static Value inputDelta(BackwardBuilder &b, const Columns &c, Value dy) {
  int64_t width = panelWidth(c.inputs), panels = llvm::divideCeil(c.inputs, width);
  unsigned last = c.axes() - 1;
  Extents low(c.axes() + 3, 0), high(low), split(c.steps), packed{panels};
  high[c.axes() + 1] = panels * width - c.inputs;
  split.insert(split.begin(), c.panels);
  split.append({panels, width, c.width});
  packed.append(c.steps.begin(), c.steps.end() - 1);
  packed.append({c.panels * c.width, c.steps[last], width});
  std::string outer = loops("m", last), m = "m" + std::to_string(last);
  Value transposed = b.map("n " + outer + m + " p u v -> p " + outer + "n v " + m + " u",
                           b.reshape(b.pad(b.input(1), low, high), split),
                           [](ArrayRef<Scalar> s) { return s[0]; });
  Value dx = b.contract(c.under(/*reversed=*/false) + "o, p " + outer + "o " + m + " v -> b " +
                            loops("x", c.axes()) + "p v",
                        b.reshape(dy, around(c.batch, c.positions, c.panels * c.width)),
                        b.reshape(transposed, packed), {}, sizesOf("x", c.length));
  return fromPanels(b, dx, shapeOf(b.input(0)));
}

LogicalResult ConvTransposeOp::buildBackward(BackwardBuilder &b) {
  Columns c(*this, b.batch());
  Extents starts;
  for (int64_t padding : c.padding)
    starts.push_back(-padding);
  Value whole = frame(b, b.outputDelta(), around(0, starts, 0), positionsOf(c, c.positions));
  Value dy = toPanels(b, toColumns(b, c, whole, c.positions), c.panels, c.width);
  if (b.wants(1))
    b.setDelta(1, b.contract("b " + loops("x", c.axes()) + "c, " + c.under(/*reversed=*/false) +
                                 "n v -> " + c.weights(),
                             b.input(0), dy, b.accumulator(1), sizesOf("m", c.steps)));
  if (b.wants(2))
    b.setDelta(2, b.sum(
                      "b " + loops("k", c.axes()) + "o -> o", whole,
                      [](ArrayRef<Scalar> s) { return s[0]; }, b.accumulator(2)));
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, c, dy));
  return success();
}

} // namespace ccm
