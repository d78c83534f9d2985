// SPDX-License-Identifier: Apache-2.0
// Creates a part's primitives: parameters named after the part, result types worked out.
#include "passes/strategies/PartBuilder.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ccm {

int64_t headsOf(int64_t width) { return width % 32 == 0 ? width / 32 : width / 16; }

ArrayRef<int64_t> positionsOf(RankedTensorType type) {
  return type.getShape().drop_front().drop_back();
}

int64_t productOf(ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents)
    product *= extent;
  return product;
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// [?, positions, channels] with the element type of `like`.
static RankedTensorType gridType(Value like, ArrayRef<int64_t> positions, int64_t channels) {
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  llvm::append_range(shape, positions);
  shape.push_back(channels);
  return RankedTensorType::get(shape, typeOf(like).getElementType());
}

Value PartBuilder::chain(Value start, int64_t count, function_ref<Value(int64_t, Value)> step) {
  if (!counted || count < 2) {
    for (int64_t i = 0; i < count; ++i)
      start = step(i, start);
    return start;
  }
  Block *block = create.builder.getInsertionBlock();
  Operation *before = block->empty() ? nullptr : &block->back();
  Value value = step(0, start);
  Operation *first = before ? before->getNextNode() : &block->front();
  counted->push_back({first, &block->back(), count - 1});
  return value;
}

Value PartBuilder::dense(StringRef name, Value input, int64_t outputs, double scale) {
  return create.dense(named(name), input, outputs, scale);
}

Value PartBuilder::conv(StringRef name, Value input, int64_t outputs, ArrayRef<int64_t> taps,
                        ArrayRef<int64_t> stride, ArrayRef<int64_t> padding) {
  return create.conv(named(name), input, outputs, taps, stride, padding);
}

Value PartBuilder::fourier(StringRef name, Value input, int64_t window, int64_t stride,
                           int64_t padding) {
  return create.fourier(named(name), input, window, stride, padding);
}

Value PartBuilder::mel(StringRef name, Value input, int64_t bands) {
  return create.mel(named(name), input, bands);
}

// Twice the stride as taps: every output sees two inputs, evenly, so that no pattern of the
// stride's period shows.
Value PartBuilder::convTranspose(StringRef name, Value input, int64_t outputs, int64_t stride,
                                 ArrayRef<int64_t> extents) {
  SmallVector<int64_t> taps(extents.size(), 2 * stride), strides(extents.size(), stride);
  SmallVector<int64_t> padding(extents.size(), stride / 2);
  return create.convTranspose(named(name), input, outputs, taps, strides, padding, extents);
}

Value PartBuilder::embedding(StringRef name, Value input, int64_t vocabulary, int64_t width) {
  return create.embedding(named(name), input, vocabulary, width);
}

Value PartBuilder::layerNorm(StringRef name, Value input) {
  return create.layerNorm(named(name), input);
}

Value PartBuilder::positions(StringRef name, Value input) {
  return create.positions(named(name), input);
}

Value PartBuilder::standIn(StringRef name, Value input, Value present) {
  return create.standIn(named(name), input, present);
}

Value PartBuilder::blocks(StringRef name, Value tokens, int64_t depth, bool causal) {
  int64_t heads = headsOf(typeOf(tokens).getShape().back());
  return chain(tokens, depth, [&](int64_t i, Value value) {
    return create.transformerBlock(named((name + Twine(i)).str()), value, heads, causal);
  });
}

Value PartBuilder::block(StringRef name, Value input, Creator::Attend attend) {
  return create.transformerBlock(named(name), input, attend);
}

Value PartBuilder::inlined(ModelOp model, Value input) {
  IRMapping map;
  Value result;
  for (Operation &op : model.getBody().front()) {
    if (auto port = dyn_cast<InputOp>(op))
      map.map(port.getValue(), input);
    else if (auto port = dyn_cast<OutputOp>(op))
      result = map.lookup(port.getValue());
    else if (auto parameter = dyn_cast<ParameterOp>(create.builder.clone(op, map)))
      parameter.setName(named(parameter.getName()));
  }
  return result;
}

Value PartBuilder::relu(Value input) {
  return ReluOp::create(create.builder, create.loc, input.getType(), input);
}

Value PartBuilder::gelu(Value input) {
  return GeluOp::create(create.builder, create.loc, input.getType(), input);
}

Value PartBuilder::logPower(Value input) {
  return LogPowerOp::create(create.builder, create.loc, input.getType(), input);
}

Value PartBuilder::add(Value left, Value right) {
  return AddOp::create(create.builder, create.loc, left.getType(), left, right);
}

Value PartBuilder::multiply(Value left, Value right) {
  return MultiplyOp::create(create.builder, create.loc, left.getType(), left, right);
}

Value PartBuilder::reshape(Value input, ArrayRef<int64_t> shape) {
  if (typeOf(input).getShape().drop_front() == shape)
    return input;
  SmallVector<int64_t> full{ShapedType::kDynamic};
  llvm::append_range(full, shape);
  auto type = RankedTensorType::get(full, typeOf(input).getElementType());
  return ReshapeOp::create(create.builder, create.loc, type, input);
}

Value PartBuilder::asTokens(Value input) {
  RankedTensorType type = typeOf(input);
  return reshape(input, {productOf(positionsOf(type)), type.getShape().back()});
}

Value PartBuilder::patch(Value input, int64_t window) {
  return patch(input, SmallVector<int64_t>(positionsOf(typeOf(input)).size(), window));
}

static bool isZero(int64_t number) { return number == 0; }
static bool isOne(int64_t number) { return number == 1; }

Value PartBuilder::patch(Value input, ArrayRef<int64_t> windows) {
  if (llvm::all_of(windows, isOne))
    return input;
  SmallVector<int64_t> positions;
  for (auto [extent, window] : llvm::zip(positionsOf(typeOf(input)), windows))
    positions.push_back((extent - 1) / window + 1);
  int64_t channels = typeOf(input).getShape().back() * productOf(windows);
  return PatchOp::create(create.builder, create.loc, gridType(input, positions, channels), input,
                         windows);
}

Value PartBuilder::resample(Value input, ArrayRef<int64_t> factors, ArrayRef<int64_t> positions) {
  if (llvm::all_of(factors, isOne))
    return input;
  int64_t channels = typeOf(input).getShape().back();
  return ResampleOp::create(create.builder, create.loc, gridType(input, positions, channels), input,
                            factors);
}

Value PartBuilder::unpatch(Value input, int64_t window, ArrayRef<int64_t> positions) {
  return unpatch(input, SmallVector<int64_t>(positions.size(), window), positions);
}

Value PartBuilder::unpatch(Value input, ArrayRef<int64_t> windows, ArrayRef<int64_t> positions) {
  if (llvm::all_of(windows, isOne) && positionsOf(typeOf(input)) == positions)
    return input;
  int64_t channels = typeOf(input).getShape().back() / productOf(windows);
  return UnpatchOp::create(create.builder, create.loc, gridType(input, positions, channels), input,
                           windows);
}

Value PartBuilder::transpose(Value tokens) {
  ArrayRef<int64_t> shape = typeOf(tokens).getShape();
  return TransposeOp::create(create.builder, create.loc, gridType(tokens, {shape[2]}, shape[1]),
                             tokens);
}

Value PartBuilder::frame(Value input, ArrayRef<int64_t> starts, ArrayRef<int64_t> positions) {
  if (positionsOf(typeOf(input)) == positions && llvm::all_of(starts, isZero))
    return input;
  int64_t channels = typeOf(input).getShape().back();
  return FrameOp::create(create.builder, create.loc, gridType(input, positions, channels), input,
                         starts);
}

Value PartBuilder::tokensFrom(Value tokens, int64_t first, int64_t count) {
  return frame(tokens, first, count);
}

Value PartBuilder::meanOfTokens(Value tokens) {
  ArrayRef<int64_t> shape = typeOf(tokens).getShape();
  if (shape[1] != 1)
    tokens = MeanPoolOp::create(create.builder, create.loc, gridType(tokens, {1}, shape[2]), tokens,
                                ArrayRef<int64_t>(shape[1]));
  return reshape(tokens, {shape[2]});
}

Value PartBuilder::broadcast(Value input, ArrayRef<int64_t> positions) {
  int64_t channels = typeOf(input).getShape().back();
  return BroadcastOp::create(create.builder, create.loc, gridType(input, positions, channels),
                             input);
}

Value PartBuilder::concat(int64_t axis, ValueRange values) {
  if (values.size() == 1)
    return values.front();
  SmallVector<int64_t> shape(typeOf(values.front()).getShape());
  shape[axis] = 0;
  for (Value value : values)
    shape[axis] += typeOf(value).getShape()[axis];
  auto type = RankedTensorType::get(shape, typeOf(values.front()).getElementType());
  return ConcatOp::create(create.builder, create.loc, type, axis, values);
}

Value PartBuilder::concatTokens(ValueRange groups) { return concat(1, groups); }

Value PartBuilder::concatChannels(ValueRange values) {
  return concat(typeOf(values.front()).getRank() - 1, values);
}

Value PartBuilder::joinGroups(ValueRange groups, int64_t width) {
  SmallVector<Value> wide;
  for (auto [number, group] : llvm::enumerate(groups))
    wide.push_back(dense("group" + std::to_string(number), group, width));
  return concatTokens(wide);
}

Value PartBuilder::attend(Value query, Value keysAndValues) {
  return attend(query, keysAndValues, keysAndValues, headsOf(typeOf(query).getShape().back()));
}

Value PartBuilder::attend(Value query, Value key, Value value, int64_t heads) {
  return AttentionOp::create(create.builder, create.loc, query.getType(), query, key, value, heads);
}

} // namespace ccm
