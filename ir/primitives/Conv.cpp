// SPDX-License-Identifier: Apache-2.0
// Convolution over one or two axes: a window over the framed input; its deltas are windows too.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {
namespace {

/// Extents of a convolution, one entry per position axis, and the words of its index lists that
/// are there with two axes only.
struct Window {
  int64_t batch, channels, panels, width;
  Extents input, taps, stride, padding, output;
  std::string y, j;

  Window(ConvOp op, int64_t batch)
      : batch(batch), stride(op.getStride()), padding(op.getPadding()) {
    ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
    channels = op.getInput().getType().getShape().back();
    panels = weight.front();
    width = weight.back();
    input = Extents(op.getInput().getType().getShape().drop_front().drop_back());
    output = Extents(op.getOutput().getType().getShape().drop_front().drop_back());
    if (input.size() == 2) {
      taps.push_back(weight[1]);
      y = "y ";
      j = "j ";
    }
    taps.push_back(weight[weight.size() - 2]);
  }

  unsigned axes() const { return input.size(); }
  bool isStrided() const {
    return llvm::any_of(stride, [](int64_t s) { return s > 1; });
  }

  /// [batch, positions, last...] from extents of the position axes.
  Extents around(ArrayRef<int64_t> positions, ArrayRef<int64_t> last) const {
    Extents extents{batch};
    llvm::append_range(extents, positions);
    llvm::append_range(extents, last);
    return extents;
  }

  /// Index of the input under tap and output position: "b y*2+j x*2+i c".
  std::string under() const {
    auto term = [&](StringRef position, unsigned axis, StringRef tap) {
      return (position + "*" + Twine(stride[axis]) + "+" + tap + " ").str();
    };
    return "b " + (axes() == 2 ? term("y", 0, "j") : "") + term("x", axes() - 1, "i") + "c";
  }

  /// The input with its padding, and what of the last window lies beyond it.
  Value pad(NestBuilder &b, Value value) const {
    Extents starts, extents;
    for (unsigned axis = 0; axis < axes(); ++axis) {
      starts.push_back(-padding[axis]);
      extents.push_back(
          std::max(input[axis] + padding[axis], (output[axis] - 1) * stride[axis] + taps[axis]));
    }
    Extents whole = around(starts, 0);
    whole.front() = 0;
    return frame(b, value, whole, around(extents, channels));
  }

  /// Extents of output positions, named for a nest.
  NestBuilder::Sizes sizes(StringRef first, StringRef second, ArrayRef<int64_t> extents) const {
    NestBuilder::Sizes sizes;
    if (axes() == 2)
      sizes[first] = extents.front();
    sizes[second] = extents.back();
    return sizes;
  }
};

/// The output delta seen from the input. Input position stride * u + r - padding meets output
/// positions u - m for taps r + stride * m: each of `stride` phases r is a convolution of `steps`
/// taps without stride, over the same framed delta.
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
    Extents whole = w.around(starts, 0);
    whole.front() = 0;
    return frame(b, dy, whole, w.around(extents, w.panels * w.width));
  }
};

/// The index that runs through `taps` backwards.
std::string backwards(StringRef name, int64_t taps) {
  return taps == 1 ? name.str() : (Twine(taps - 1) + "-" + name).str();
}

} // namespace

static LogicalResult verifyAxes(ConvOp op) {
  auto input = op.getInput().getType();
  size_t axes = input.getRank() < 2 ? 0 : input.getRank() - 2;
  auto within = [](ArrayRef<int64_t> values, int64_t least) {
    return llvm::all_of(values, [=](int64_t v) { return v >= least && v <= INT32_MAX; });
  };
  if (axes < 1 || axes > 2 || op.getStride().size() != axes || op.getPadding().size() != axes ||
      !within(op.getStride(), 1) || !within(op.getPadding(), 0))
    return op.emitOpError() << "expects one or two position axes with a positive stride and a "
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
  std::string result = "b " + w.y + "x q v";
  Value sums = b.contract(w.under() + ", q " + w.j + "c i v -> " + result, w.pad(b, b.input(0)),
                          b.input(1), {}, w.sizes("y", "x", w.output));
  Value y = b.map(result + ", q v -> " + result, {sums, b.reshape(b.input(2), {w.panels, w.width})},
                  [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
  return b.output(fromPanels(b, y, extentsOf(getType(), b.batch())));
}

/// The weights with taps by phase and backwards, outputs as what is summed over, and columns of
/// (phase of the last axis, input channel): [first phase, its taps, outputs, taps, columns].
static Value phasedWeights(BackwardBuilder &b, const Window &w, const Phases &phases) {
  Extents high(shapeOf(b.input(1)).size(), 0), split{w.panels}, together;
  std::string from = "q ", to;
  if (w.axes() == 2) {
    high[1] = phases.steps[0] * w.stride[0] - w.taps[0];
    split.append({phases.steps[0], w.stride[0]});
    together.append({w.stride[0], phases.steps[0]});
    from += backwards("m", phases.steps[0]) + " g ";
    to = "g m ";
  }
  int64_t steps = phases.steps.back(), stride = w.stride.back();
  high[high.size() - 2] = steps * stride - w.taps.back();
  split.append({w.channels, steps, stride, w.width});
  together.append({w.panels * w.width, steps, stride * w.channels});
  Value apart = b.reshape(b.pad(b.input(1), Extents(high.size(), 0), high), split);
  Value transposed = b.map(
      from + "c " + backwards("n", steps) + " h v -> " + to + "q v n h c", apart,
      [](ArrayRef<Scalar> s) { return s[0]; }, w.sizes("m", "n", phases.steps));
  return b.reshape(transposed, together);
}

/// The same with columns in panels: [first phase, panels, its taps, outputs, taps, width]. This
/// depends on the parameter alone, so that it is computed once per step.
static Value panelWeights(BackwardBuilder &b, const Window &w, const Phases &phases, int64_t panels,
                          int64_t width) {
  Value weights = toPanels(b, phasedWeights(b, w, phases), panels, width);
  bool plane = w.axes() == 2;
  Extents packed(shapeOf(weights));
  packed.erase(packed.end() - 2);
  packed.insert(packed.begin() + plane, panels);
  if (panels > 1)
    weights = b.map(plane ? "g m o n p v -> g p m o n v" : "o n p v -> p o n v", weights,
                    [](ArrayRef<Scalar> s) { return s[0]; });
  // A first phase of one is no loop.
  if (plane && w.stride[0] == 1)
    packed.erase(packed.begin());
  return b.reshape(weights, packed);
}

static Value inputDelta(BackwardBuilder &b, const Window &w, const Phases &phases, Value halo) {
  bool plane = w.axes() == 2;
  int64_t columns = w.stride.back() * w.channels, width = panelWidth(columns);
  int64_t panels = llvm::divideCeil(columns, width);
  std::string g = plane && w.stride[0] > 1 ? "g " : "";
  Value dx = b.contract("b " + std::string(plane ? "y+m " : "") + "x+n o, " + g + "p " +
                            (plane ? "m " : "") + "o n v -> b " + w.y + g + "x p v",
                        halo, panelWeights(b, w, phases, panels, width), {},
                        w.sizes("y", "x", phases.count));
  Extents apart{w.batch}, whole{w.batch}, offsets{0};
  if (plane)
    apart.append({phases.count[0], w.stride[0]});
  apart.append({phases.count.back(), columns});
  for (unsigned axis = 0; axis < w.axes(); ++axis) {
    whole.push_back(phases.count[axis] * w.stride[axis]);
    offsets.push_back(w.padding[axis] - phases.first[axis] * w.stride[axis]);
  }
  whole.push_back(w.channels);
  offsets.push_back(0);
  return b.slice(b.reshape(fromPanels(b, dx, apart), whole), offsets, shapeOf(b.input(0)));
}

/// Sums over input pixels when there is no stride, so that the halo is the delta's, which the input
/// delta needs as well; else over output pixels.
static Value weightDelta(BackwardBuilder &b, const Window &w, Value dy, Value halo) {
  std::string result = "q " + w.j + "c i v";
  if (w.isStrided())
    return b.contract(w.under() + ", b " + w.y + "x q v -> " + result, w.pad(b, b.input(0)), dy,
                      b.accumulator(1), w.sizes("j", "i", w.taps));
  std::string plane = w.axes() == 2 ? "y+" + backwards("j", w.taps[0]) + " " : std::string();
  return b.contract("b " + w.y + "x c, b " + plane + "x+" + backwards("i", w.taps.back()) +
                        " q v -> " + result,
                    b.input(0), halo, b.accumulator(1), w.sizes("j", "i", w.taps));
}

/// The output delta in panels: the inside of the halo where there is no stride.
static Value panelDelta(BackwardBuilder &b, const Window &w, Value halo) {
  if (w.isStrided())
    return toPanels(b, b.outputDelta(), w.panels, w.width);
  Extents offsets{0};
  for (unsigned axis = 0; axis < w.axes(); ++axis)
    offsets.push_back(w.taps[axis] - 1 - w.padding[axis]);
  offsets.append({0, 0});
  return b.slice(halo, offsets, w.around(w.output, {w.panels, w.width}));
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
    Value delta =
        b.sum("b " + w.y + "x q v -> q v", dy, [](ArrayRef<Scalar> s) { return s[0]; }, start);
    b.setDelta(2, b.reshape(delta, shapeOf(b.input(2))));
  }
  if (b.wants(0))
    b.setDelta(0, inputDelta(b, w, phases, halo));
  return success();
}

} // namespace ccm
