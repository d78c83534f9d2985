// SPDX-License-Identifier: Apache-2.0
// Convolution over one to three axes: a window over the framed input; its deltas are windows too.
#include "ir/Ccm.h"
#include "ir/primitives/Windows.h"

using namespace mlir;

namespace ccm {
namespace {

/// Extents of a convolution, one entry per position axis. Loops of nests are x0, x1, … along the
/// positions and i0, i1, … along the taps, the last axis being the densest.
struct Window {
  int64_t batch, channels, panels, width;
  Extents input, taps, stride, padding, output;

  Window(ConvOp op, int64_t batch)
      : batch(batch), stride(op.getStride()), padding(op.getPadding()) {
    ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
    channels = op.getInput().getType().getShape().back();
    panels = weight.front();
    width = weight.back();
    input = Extents(op.getInput().getType().getShape().drop_front().drop_back());
    output = Extents(op.getOutput().getType().getShape().drop_front().drop_back());
    taps = Extents(weight.slice(1, last()));
    taps.push_back(weight[weight.size() - 2]);
  }

  unsigned axes() const { return input.size(); }
  unsigned last() const { return axes() - 1; }
  bool isStrided() const {
    return llvm::any_of(stride, [](int64_t s) { return s > 1; });
  }

  /// Index of the input under taps and output positions: "b x0*2+i0 x1*2+i1 c".
  std::string under() const {
    std::string index = "b ";
    for (unsigned axis = 0; axis < axes(); ++axis)
      index += ("x" + Twine(axis) + "*" + Twine(stride[axis]) + "+i" + Twine(axis) + " ").str();
    return index + "c";
  }
  /// Index of the weights: "q i0 c i1 v".
  std::string weights() const {
    return "q " + loops("i", last()) + "c i" + std::to_string(last()) + " v";
  }
  /// Index of the output in panels: "b x0 x1 q v".
  std::string result() const { return "b " + loops("x", axes()) + "q v"; }

  /// The input with its padding, and what of the last window lies beyond it.
  Value pad(NestBuilder &b, Value value) const {
    Extents starts, extents;
    for (unsigned axis = 0; axis < axes(); ++axis) {
      starts.push_back(-padding[axis]);
      extents.push_back(
          std::max(input[axis] + padding[axis], (output[axis] - 1) * stride[axis] + taps[axis]));
    }
    return frame(b, value, around(0, starts, 0), around(batch, extents, channels));
  }
};

/// The output delta seen from the input. Input position stride * u + r - padding meets output
/// positions u - m for taps r + stride * m: each of `stride` phases r is a convolution of `steps`
/// taps without stride, over the same framed delta. Loops are g0, g1, … along phases and m0, m1, …
/// along steps.
struct Phases {
  Extents steps, first, count; ///< taps of a phase; first u and number of them

  explicit Phases(const Window &w) {
    for (unsigned axis = 0; axis < w.axes(); ++axis) {
      int64_t stride = w.stride[axis], padding = w.padding[axis];
      steps.push_back(llvm::divideCeil(w.taps[axis], stride));
      first.push_back(padding / stride);
      count.push_back(int64_t(llvm::divideCeil(padding + w.input[axis], stride)) - first.back());
    }
  }

  /// The output delta at u - m for all u and m, channels padded to whole panels.
  Value halo(NestBuilder &b, const Window &w, Value dy) const {
    Extents starts, extents;
    for (unsigned axis = 0; axis < w.axes(); ++axis) {
      starts.push_back(first[axis] - (steps[axis] - 1));
      extents.push_back(count[axis] + steps[axis] - 1);
    }
    return frame(b, dy, around(0, starts, 0), around(w.batch, extents, w.panels * w.width));
  }
};

} // namespace

static LogicalResult verifyAxes(ConvOp op) {
  auto input = op.getInput().getType();
  if (!isPerAxis(op.getStride(), input, 1) || !isPerAxis(op.getPadding(), input, 0))
    return op.emitOpError() << "expects one to three position axes with a positive stride and a "
                            << "padding each, got " << input << ", [" << op.getStride() << "] and ["
                            << op.getPadding() << "] (C1)";
  return success();
}

static LogicalResult verifyChannels(ConvOp op) {
  auto input = op.getInput().getType(), weight = op.getWeight().getType();
  if (weight.getRank() != input.getRank() + 1 ||
      weight.getDimSize(weight.getRank() - 3) != input.getShape().back())
    return op.emitOpError() << "expects a weight [panels, taps but the last, inputs, last tap, "
                            << "width] for " << input << ", got " << weight << " (C2)";
  int64_t columns = weight.getShape().front() * weight.getShape().back();
  auto bias = op.getBias().getType();
  if (bias.getRank() != 1 || bias.getDimSize(0) != columns)
    return op.emitOpError() << "expects a bias of " << columns << " elements, got " << bias
                            << " (C2)";
  auto output = op.getOutput().getType();
  if (output.getRank() != input.getRank() || output.getShape().back() > columns)
    return op.emitOpError() << "expects at most " << columns << " channels, got " << output
                            << " (C2)";
  return success();
}

LogicalResult ConvOp::verify() {
  if (failed(verifyAxes(*this)) || failed(verifyChannels(*this)))
    return failure();
  Window w(*this, ShapedType::kDynamic);
  for (unsigned axis = 0; axis < w.axes(); ++axis) {
    if (w.padding[axis] >= w.taps[axis])
      return emitOpError() << "expects a padding below the " << w.taps[axis] << " taps of axis "
                           << axis + 1 << ", got " << w.padding[axis] << " (C4)";
    int64_t room = w.input[axis] + 2 * w.padding[axis] - w.taps[axis];
    if (room < 0 || w.output[axis] != room / w.stride[axis] + 1)
      return emitOpError() << "expects an extent of " << (room < 0 ? 0 : room / w.stride[axis] + 1)
                           << " for axis " << axis + 1 << " of the result, got " << w.output[axis]
                           << " (C3)";
  }
  return success();
}

SmallVector<unsigned> ConvOp::getTrainedOperands() { return {1, 2}; }

LogicalResult ConvOp::buildForward(ForwardBuilder &b) {
  Window w(*this, b.batch());
  std::string result = w.result();
  Value sums = b.contract(w.under() + ", " + w.weights() + " -> " + result, w.pad(b, b.input(0)),
                          b.input(1), {}, sizesOf("x", w.output));
  Value y = b.map(result + ", q v -> " + result, {sums, b.reshape(b.input(2), {w.panels, w.width})},
                  [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  return b.output(fromPanels(b, y, extentsOf(getType(), b.batch())));
}

/// The weights with taps by phase and backwards, outputs as what is summed over, and columns of
/// (phase of the last axis, input channel): [phases and steps of the other axes, outputs, steps,
/// columns].
static Value phasedWeights(BackwardBuilder &b, const Window &w, const Phases &phases) {
  unsigned last = w.last();
  Extents high{0}, split{w.panels}, together(ArrayRef(w.stride).drop_back());
  std::string from = "q ";
  auto apart = [&](unsigned axis) {
    high.push_back(phases.steps[axis] * w.stride[axis] - w.taps[axis]);
    split.append({phases.steps[axis], w.stride[axis]});
    from += backwards("m" + std::to_string(axis), phases.steps[axis]) + " g" +
            std::to_string(axis) + " ";
  };
  for (unsigned axis = 0; axis < last; ++axis)
    apart(axis);
  high.push_back(0);
  split.push_back(w.channels);
  from += "c ";
  apart(last);
  high.push_back(0);
  split.push_back(w.width);
  together.append(phases.steps.begin(), phases.steps.end() - 1);
  together.append({w.panels * w.width, phases.steps[last], w.stride[last] * w.channels});
  std::string m = " m" + std::to_string(last), g = " g" + std::to_string(last);
  Value transposed = b.map(
      from + "v -> " + loops("g", last) + loops("m", last) + "q v" + m + g + " c",
      b.reshape(b.pad(b.input(1), Extents(high.size(), 0), high), split),
      [](ArrayRef<Scalar> s) { return s[0]; }, sizesOf("m", phases.steps));
  return b.reshape(transposed, together);
}

/// The same with columns in panels, which go before the steps. This depends on the parameter alone,
/// so that it is computed once per step.
static Value panelWeights(BackwardBuilder &b, const Window &w, const Phases &phases, int64_t panels,
                          int64_t width) {
  Value weights = toPanels(b, phasedWeights(b, w, phases), panels, width);
  std::string g = loops("g", w.last()), m = loops("m", w.last());
  Extents whole(shapeOf(weights)), packed;
  if (panels > 1)
    weights = b.map(g + m + "o n p v -> " + g + "p " + m + "o n v", weights,
                    [](ArrayRef<Scalar> s) { return s[0]; });
  // A single phase is no loop.
  llvm::copy_if(ArrayRef(whole).take_front(w.last()), std::back_inserter(packed),
                [](int64_t phases) { return phases > 1; });
  packed.push_back(panels);
  packed.append(whole.begin() + w.last(), whole.end() - 2);
  packed.push_back(width);
  return b.reshape(weights, packed);
}

static Value inputDelta(BackwardBuilder &b, const Window &w, const Phases &phases, Value halo) {
  unsigned last = w.last();
  int64_t columns = w.stride[last] * w.channels, width = panelWidth(columns);
  int64_t panels = llvm::divideCeil(columns, width);
  std::string from = "b ", by, to = "b ";
  Extents apart{w.batch}, whole, offsets;
  for (unsigned axis = 0; axis < w.axes(); ++axis) {
    std::string number = std::to_string(axis), g = "g" + number + " ";
    from += "x" + number + "+m" + number + " ";
    bool isLoop = axis < last && w.stride[axis] > 1;
    by += isLoop ? g : "";
    to += "x" + number + " " + (isLoop ? g : "");
    apart.push_back(phases.count[axis]);
    apart.push_back(axis < last ? w.stride[axis] : columns);
    whole.push_back(phases.count[axis] * w.stride[axis]);
    offsets.push_back(w.padding[axis] - phases.first[axis] * w.stride[axis]);
  }
  by += "p " + loops("m", last) + "o m" + std::to_string(last) + " v";
  Value dx = b.contract(from + "o, " + by + " -> " + to + "p v", halo,
                        panelWeights(b, w, phases, panels, width), {}, sizesOf("x", phases.count));
  return b.slice(b.reshape(fromPanels(b, dx, apart), around(w.batch, whole, w.channels)),
                 around(0, offsets, 0), shapeOf(b.input(0)));
}

/// Sums over input pixels when there is no stride, so that the halo is the delta's, which the input
/// delta needs as well; else over output pixels.
static Value weightDelta(BackwardBuilder &b, const Window &w, Value dy, Value halo) {
  if (w.isStrided())
    return b.contract(w.under() + ", " + w.result() + " -> " + w.weights(), w.pad(b, b.input(0)),
                      dy, b.accumulator(1), sizesOf("i", w.taps));
  std::string delta = "b ";
  for (unsigned axis = 0; axis < w.axes(); ++axis) {
    std::string number = std::to_string(axis);
    delta += "x" + number + "+" + backwards("i" + number, w.taps[axis]) + " ";
  }
  return b.contract("b " + loops("x", w.axes()) + "c, " + delta + "q v -> " + w.weights(),
                    b.input(0), halo, b.accumulator(1), sizesOf("i", w.taps));
}

/// The output delta in panels: the inside of the halo where there is no stride.
static Value panelDelta(BackwardBuilder &b, const Window &w, Value halo) {
  if (w.isStrided())
    return toPanels(b, b.outputDelta(), w.panels, w.width);
  Extents offsets;
  for (unsigned axis = 0; axis < w.axes(); ++axis)
    offsets.push_back(w.taps[axis] - 1 - w.padding[axis]);
  return b.slice(halo, around(0, offsets, {0, 0}), around(w.batch, w.output, {w.panels, w.width}));
}

LogicalResult ConvOp::buildBackward(BackwardBuilder &b) {
  Window w(*this, b.batch());
  Phases phases(w);
  Value halo = phases.halo(b, w, b.outputDelta());
  Value panels = toPanels(b, halo, w.panels, w.width), dy = panelDelta(b, w, panels);
  if (b.wants(1))
    b.setDelta(1, weightDelta(b, w, dy, panels));
  if (b.wants(2)) {
    Value start = b.reshape(b.accumulator(2), {w.panels, w.width});
    Value delta = b.sum(w.result() + " -> q v", dy, [](ArrayRef<Scalar> s) { return s[0]; }, start);
    b.setDelta(2, b.reshape(delta, shapeOf(b.input(2))));
  }
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, w, phases, halo));
  return success();
}

} // namespace ccm
