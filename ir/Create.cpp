// SPDX-License-Identifier: Apache-2.0
// Learned primitives with their parameters, packed in panels.
#include "ir/Create.h"
#include "ir/primitives/Views.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

/// A parameter to be: canonical shape and how the packed tensor's axes walk it.
struct Packing {
  Extents shape;                ///< canonical
  Extents packed;               ///< of the tensor
  Extents extents, dims, steps; ///< of the layout; none when canonical and packed are the same

  /// One more axis of the layout.
  void walk(int64_t extent, int64_t dim, int64_t step) {
    extents.push_back(extent);
    dims.push_back(dim);
    steps.push_back(step);
  }
};

/// What a parameter starts from, and whether it is trained.
struct Start {
  StringRef init;
  double scale = 0;
  bool decay = false;
  bool frozen = false;
  ArrayRef<double> values = {}; ///< of a constant, unless all are `scale`
};

/// Weights for a sum over `terms` products decay; their scale keeps the variance (He et al., 2015).
Start weights(int64_t terms, double scale) {
  return {"normal", scale * std::sqrt(2.0 / double(terms)), true};
}

Value parameter(const Creator &c, const Twine &name, const Packing &packing, Start start) {
  OpBuilder &builder = c.builder;
  LayoutAttr layout;
  if (!packing.extents.empty())
    layout = LayoutAttr::get(builder.getContext(), packing.extents, packing.dims, packing.steps);
  auto type = RankedTensorType::get(packing.packed, builder.getF32Type());
  auto unitIf = [&](bool is) { return is ? builder.getUnitAttr() : UnitAttr(); };
  return ParameterOp::create(
      builder, c.loc, type, builder.getStringAttr(name),
      builder.getDenseI64ArrayAttr(packing.shape), layout, builder.getStringAttr(start.init),
      builder.getF64FloatAttr(start.scale),
      start.values.empty() ? DenseF64ArrayAttr() : builder.getDenseF64ArrayAttr(start.values),
      unitIf(start.decay), unitIf(start.frozen));
}

/// A vector of `canonical` elements, padded to `packed`.
Packing vectorOf(int64_t canonical, int64_t packed) {
  Packing packing{{canonical}, {packed}, {}, {}, {}};
  if (packed != canonical)
    packing.walk(packed, 0, 1);
  return packing;
}

RankedTensorType withLast(Value value, int64_t extent) {
  Extents extents(shapeOf(value));
  extents.back() = extent;
  return cast<RankedTensorType>(value.getType()).clone(extents);
}

} // namespace

/// A product whose weight starts as given, and whose bias is frozen where the weight is.
static Value denseFrom(const Creator &c, StringRef name, Value input, int64_t outputs,
                       Start start) {
  int64_t inputs = shapeOf(input).back(), width = panelWidth(outputs);
  int64_t panels = llvm::divideCeil(outputs, width);
  Packing packing{{outputs, inputs}, {panels, inputs, width}, {}, {}, {}};
  packing.walk(panels, 0, width);
  packing.walk(inputs, 1, 1);
  packing.walk(width, 0, 1);
  Value weight = parameter(c, name + ".weight", packing, start);
  Value bias = parameter(c, name + ".bias", vectorOf(outputs, panels * width),
                         {"zeros", 0, /*decay=*/false, start.frozen});
  return DenseOp::create(c.builder, c.loc, withLast(input, outputs), input, weight, bias);
}

Value Creator::dense(StringRef name, Value input, int64_t outputs, double scale) {
  return denseFrom(*this, name, input, outputs, weights(shapeOf(input).back(), scale));
}

Value Creator::mel(StringRef name, Value input, int64_t bands) {
  return denseFrom(*this, name, input, bands, {"mel", 1.0, /*decay=*/false, /*frozen=*/true});
}

/// Canonical [O, taps, I], packed [O/V, taps but the last, I, last tap, V].
static Packing packConv(ArrayRef<int64_t> taps, int64_t inputs, int64_t outputs) {
  int64_t width = panelWidth(outputs), panels = llvm::divideCeil(outputs, width);
  int64_t lastTap = taps.size(), channels = lastTap + 1;
  Packing packing{{outputs}, {}, {}, {}, {}};
  llvm::append_range(packing.shape, taps);
  packing.shape.push_back(inputs);
  packing.walk(panels, 0, width);
  for (auto [axis, extent] : llvm::enumerate(taps.drop_back()))
    packing.walk(extent, axis + 1, 1);
  packing.walk(inputs, channels, 1);
  packing.walk(taps.back(), lastTap, 1);
  packing.walk(width, 0, 1);
  packing.packed = packing.extents;
  return packing;
}

/// A convolution whose weight starts as given, and whose bias is frozen where the weight is.
static Value convFrom(const Creator &c, StringRef name, Value input, const Packing &packing,
                      ArrayRef<int64_t> taps, ArrayRef<int64_t> stride, ArrayRef<int64_t> padding,
                      Start start) {
  int64_t outputs = packing.shape.front();
  int64_t packed = packing.packed.front() * packing.packed.back();
  Extents extents(shapeOf(input));
  for (auto [axis, tap] : llvm::enumerate(taps))
    extents[axis + 1] = (extents[axis + 1] + 2 * padding[axis] - tap) / stride[axis] + 1;
  extents.back() = outputs;
  Value weight = parameter(c, name + ".weight", packing, start);
  Value bias = parameter(c, name + ".bias", vectorOf(outputs, packed),
                         {"zeros", 0, /*decay=*/false, start.frozen});
  auto type = cast<RankedTensorType>(input.getType()).clone(extents);
  return ConvOp::create(c.builder, c.loc, type, input, weight, bias, stride, padding);
}

Value Creator::conv(StringRef name, Value input, int64_t outputs, ArrayRef<int64_t> taps,
                    ArrayRef<int64_t> stride, ArrayRef<int64_t> padding) {
  Packing packing = packConv(taps, shapeOf(input).back(), outputs);
  int64_t terms = ShapedType::getNumElements(packing.shape) / outputs;
  return convFrom(*this, name, input, packing, taps, stride, padding, weights(terms, 1.0));
}

Value Creator::fourier(StringRef name, Value input, int64_t window, int64_t stride,
                       int64_t padding) {
  return convFrom(*this, name, input, packConv(window, 1, window), window, stride, padding,
                  {"fourier", 1.0, /*decay=*/false, /*frozen=*/true});
}

/// Canonical [steps, phases, I, O]. A column is (phase, output); outputs are padded to `slots`,
/// which divides the panel or is a multiple of it, so that the layout stays a product of axes.
static Packing packConvTranspose(ArrayRef<int64_t> steps, int64_t phases, int64_t inputs,
                                 int64_t outputs, int64_t slots) {
  int64_t width = panelWidth(slots < kLanes ? phases * slots : slots);
  int64_t panels = llvm::divideCeil(phases * slots, width);
  int64_t phaseDim = steps.size(), inputDim = phaseDim + 1, outputDim = phaseDim + 2;
  Packing packing{Extents(steps), {panels}, {}, {}, {}};
  packing.shape.append({phases, inputs, outputs});
  llvm::append_range(packing.packed, steps);
  packing.packed.append({inputs, width});
  if (slots < kLanes) {
    packing.walk(panels, phaseDim, width / slots);
  } else {
    packing.walk(phases, phaseDim, 1);
    packing.walk(slots / width, outputDim, width);
  }
  for (auto [axis, extent] : llvm::enumerate(steps))
    packing.walk(extent, axis, 1);
  packing.walk(inputs, inputDim, 1);
  if (slots < kLanes)
    packing.walk(width / slots, phaseDim, 1);
  packing.walk(std::min(slots, width), outputDim, 1);
  return packing;
}

Value Creator::convTranspose(StringRef name, Value input, int64_t outputs, ArrayRef<int64_t> taps,
                             ArrayRef<int64_t> stride, ArrayRef<int64_t> padding,
                             ArrayRef<int64_t> extents) {
  int64_t inputs = shapeOf(input).back();
  int64_t slots = outputs < kLanes ? int64_t(llvm::PowerOf2Ceil(outputs))
                                   : int64_t(llvm::alignTo(outputs, kLanes));
  Extents steps, shape{ShapedType::kDynamic};
  for (auto [tap, each] : llvm::zip_equal(taps, stride))
    steps.push_back(tap / each);
  Packing packing =
      packConvTranspose(steps, ShapedType::getNumElements(stride), inputs, outputs, slots);
  int64_t terms = ShapedType::getNumElements(steps) * inputs;
  Value weight = parameter(*this, name + ".weight", packing, weights(terms, 1.0));
  Value bias = parameter(*this, name + ".bias", vectorOf(outputs, slots), {"zeros"});
  llvm::append_range(shape, extents);
  shape.push_back(outputs);
  auto type = cast<RankedTensorType>(input.getType()).clone(shape);
  return ConvTransposeOp::create(builder, loc, type, input, weight, bias, stride, padding);
}

Value Creator::embedding(StringRef name, Value input, int64_t vocabulary, int64_t width) {
  // Rows of about unit length.
  Packing packing{{vocabulary, width}, {vocabulary, width}, {}, {}, {}};
  Value table = parameter(*this, name + ".table", packing, {"normal", 1.0 / std::sqrt(width)});
  Extents extents(shapeOf(input));
  extents.push_back(width);
  return EmbeddingOp::create(builder, loc, RankedTensorType::get(extents, builder.getF32Type()),
                             input, table);
}

Value Creator::layerNorm(StringRef name, Value input) {
  int64_t width = shapeOf(input).back();
  Value gain = parameter(*this, name + ".gain", vectorOf(width, width), {"ones"});
  Value shift = parameter(*this, name + ".shift", vectorOf(width, width), {"zeros"});
  return LayerNormOp::create(builder, loc, input.getType(), input, gain, shift);
}

Value Creator::positions(StringRef name, Value input) {
  Extents extents(shapeOf(input).drop_front());
  Value table = parameter(*this, name + ".table", {extents, extents, {}, {}, {}}, {"normal", 0.02});
  return PositionsOp::create(builder, loc, input.getType(), input, table);
}

/// A vector that training leaves as it is: of `fallback`, of one number, or of one each.
static Value constants(const Creator &c, const Twine &name, int64_t count, ArrayRef<double> numbers,
                       double fallback) {
  bool isEach = numbers.size() > 1;
  Start start{"constant", numbers.size() == 1 ? numbers[0] : fallback, false, /*frozen=*/true,
              isEach ? numbers : ArrayRef<double>()};
  return parameter(c, name, vectorOf(count, count), start);
}

std::pair<Value, Value> Creator::scaling(StringRef name, int64_t channels, ArrayRef<double> offsets,
                                         ArrayRef<double> factors) {
  return {constants(*this, name + ".offset", channels, offsets, 0.0),
          constants(*this, name + ".factor", channels, factors, 1.0)};
}

Value Creator::classWeights(StringRef name, int64_t vocabulary, ArrayRef<double> weights) {
  return constants(*this, name + ".class_weights", vocabulary, weights, 1.0);
}

Value Creator::standIn(StringRef name, Value input, Value present) {
  int64_t width = shapeOf(input).back();
  Value value = parameter(*this, name + ".value", vectorOf(width, width), {"normal", 0.02});
  return StandInOp::create(builder, loc, input.getType(), input, present, value);
}

Value Creator::transformerBlock(StringRef name, Value input, Attend attend) {
  // No rectifier follows these products: half the variance is enough.
  constexpr double kLinear = 0.70710678118654752440;
  int64_t width = shapeOf(input).back();
  Type type = input.getType();
  auto named = [&](StringRef part) { return (name + "." + part).str(); };
  Value x = layerNorm(named("norm1"), input);
  Value query = dense(named("query"), x, width, kLinear);
  Value key = dense(named("key"), x, width, kLinear);
  Value value = dense(named("value"), x, width, kLinear);
  Value seen = dense(named("out"), attend(query, key, value), width, kLinear);
  Value joined = AddOp::create(builder, loc, type, input, seen);
  Value wide = dense(named("up"), layerNorm(named("norm2"), joined), 4 * width);
  Value active = GeluOp::create(builder, loc, wide.getType(), wide);
  return AddOp::create(builder, loc, type, joined, dense(named("down"), active, width, kLinear));
}

Value Creator::transformerBlock(StringRef name, Value tokens, int64_t heads, bool causal) {
  return transformerBlock(name, tokens, [&](Value query, Value key, Value value) -> Value {
    return AttentionOp::create(builder, loc, query.getType(), query, key, value, heads, causal);
  });
}

} // namespace ccm
