// SPDX-License-Identifier: Apache-2.0
// Another shape for the same elements: reshape, transpose, patch and unpatch.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

//===--- reshape
//--------------------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  if (input.getElementType() != output.getElementType() ||
      elementsPerSample(input) != elementsPerSample(output))
    return emitOpError() << "expects a result of as many elements per sample as " << input
                         << ", got " << output << " (C1)";
  return success();
}

LogicalResult ReshapeOp::buildForward(ForwardBuilder &b) {
  return b.output(b.reshape(b.input(0), extentsOf(getType(), b.batch())));
}

/// Axes of positions are one axis in a step.
LogicalResult ReshapeOp::buildStep(StepBuilder &b) {
  if (getInput().getType().getShape().back() != getType().getShape().back())
    return emitOpError() << "expects the same channels in a sequence, got " << getInput().getType()
                         << " and " << getType();
  return b.output(b.input(0));
}

LogicalResult ReshapeOp::buildBackward(BackwardBuilder &b) {
  if (b.wants(0))
    b.setDelta(0, b.reshape(b.outputDelta(), shapeOf(b.input(0))));
  return success();
}

//===--- transpose
//------------------------------------------------------------------------------===//

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> input = getInput().getType().getShape();
  ArrayRef<int64_t> output = getOutput().getType().getShape();
  if (input.size() == 3 && output.size() == 3 && input[1] == output[2] && input[2] == output[1])
    return success();
  return emitOpError() << "expects [batch, tokens, channels] and a result with the last two "
                       << "exchanged, got " << getInput().getType() << " and "
                       << getOutput().getType() << " (C1)";
}

static Value exchange(NestBuilder &b, Value value) {
  return b.map("b t c -> b c t", value, [](ArrayRef<Scalar> s) { return s[0]; });
}

LogicalResult TransposeOp::buildForward(ForwardBuilder &b) {
  return b.output(exchange(b, b.input(0)));
}

LogicalResult TransposeOp::buildBackward(BackwardBuilder &b) {
  if (b.wants(0))
    b.setDelta(0, exchange(b, b.outputDelta()));
  return success();
}

//===--- patch and unpatch
//----------------------------------------------------------------------===//

/// [b, g0, w0, g1, w1, .., c] to [b, g0, g1, .., w0, w1, .., c], or back.
static Value permuteWindows(NestBuilder &b, Value value, unsigned axes, bool toChannels) {
  std::string apart = "b", together = "b";
  for (unsigned axis = 0; axis < axes; ++axis) {
    apart += " g" + std::to_string(axis) + " w" + std::to_string(axis);
    together += " g" + std::to_string(axis);
  }
  for (unsigned axis = 0; axis < axes; ++axis)
    together += " w" + std::to_string(axis);
  // With one axis both orders are the same.
  if (axes < 2)
    return value;
  std::string indices =
      toChannels ? apart + " c -> " + together + " c" : together + " c -> " + apart + " c";
  return b.map(indices, value, [](ArrayRef<Scalar> s) { return s[0]; });
}

/// Windows of a grid as channels: [b, positions, c] to [b, grid, window * c].
static Value windowsToChannels(NestBuilder &b, Value value, ArrayRef<int64_t> window,
                               ArrayRef<int64_t> result) {
  int64_t channels = shapeOf(value).back();
  Extents low(shapeOf(value).size(), 0), high(low), apart{result.front()};
  for (auto [axis, width] : llvm::enumerate(window)) {
    high[axis + 1] = result[axis + 1] * width - shapeOf(value)[axis + 1];
    apart.append({result[axis + 1], width});
  }
  apart.push_back(channels);
  Value split = b.reshape(b.pad(value, low, high), apart);
  return b.reshape(permuteWindows(b, split, window.size(), true), result);
}

/// Channels as windows of a grid, cut to the result's extents: the inverse.
static Value channelsToWindows(NestBuilder &b, Value value, ArrayRef<int64_t> window,
                               ArrayRef<int64_t> result) {
  Extents together(shapeOf(value).drop_back()), whole(result);
  llvm::append_range(together, window);
  together.push_back(result.back());
  for (auto [axis, width] : llvm::enumerate(window))
    whole[axis + 1] = shapeOf(value)[axis + 1] * width;
  Value apart = permuteWindows(b, b.reshape(value, together), window.size(), false);
  return b.slice(b.reshape(apart, whole), Extents(result.size(), 0), result);
}

/// Product of the window and `channels`, or none when a width is not positive or it is too large.
static std::optional<int64_t> windowChannels(ArrayRef<int64_t> window, int64_t channels) {
  for (int64_t width : window)
    if (width < 1 || llvm::MulOverflow(channels, width, channels) || channels > INT32_MAX)
      return std::nullopt;
  return channels;
}

LogicalResult PatchOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  ArrayRef<int64_t> window = getWindow();
  auto channels = windowChannels(window, input.getShape().back());
  if (int64_t(window.size()) + 2 != input.getRank() || !channels)
    return emitOpError() << "expects one positive window extent per position axis of " << input
                         << ", got [" << window << "] (C1)";
  Extents expected(input.getShape());
  for (auto [axis, width] : llvm::enumerate(window))
    expected[axis + 1] = llvm::divideCeil(expected[axis + 1], width);
  expected.back() = *channels;
  if (output.getShape() != ArrayRef(expected))
    return emitOpError() << "expects a result " << input.clone(expected) << ", got " << output
                         << " (C2)";
  return success();
}

LogicalResult PatchOp::buildForward(ForwardBuilder &b) {
  return b.output(windowsToChannels(b, b.input(0), getWindow(), extentsOf(getType(), b.batch())));
}

LogicalResult PatchOp::buildBackward(BackwardBuilder &b) {
  if (b.wants(0))
    b.setDelta(0, channelsToWindows(b, b.outputDelta(), getWindow(), shapeOf(b.input(0))));
  return success();
}

LogicalResult UnpatchOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  ArrayRef<int64_t> window = getWindow();
  auto channels = windowChannels(window, output.getShape().back());
  if (int64_t(window.size()) + 2 != input.getRank() || output.getRank() != input.getRank() ||
      !channels)
    return emitOpError() << "expects one positive window extent per position axis of " << input
                         << ", got [" << window << "] (C1)";
  if (input.getShape().back() != *channels)
    return emitOpError() << "expects " << *channels << " channels, the window's product times the "
                         << "result's, got " << input << " (C2)";
  for (auto [axis, width] : llvm::enumerate(window))
    if (output.getDimSize(axis + 1) > input.getDimSize(axis + 1) * width)
      return emitOpError() << "expects axis " << axis + 1 << " of the result to be at most "
                           << input.getDimSize(axis + 1) * width << ", got "
                           << output.getDimSize(axis + 1) << " (C3)";
  return success();
}

LogicalResult UnpatchOp::buildForward(ForwardBuilder &b) {
  return b.output(channelsToWindows(b, b.input(0), getWindow(), extentsOf(getType(), b.batch())));
}

LogicalResult UnpatchOp::buildBackward(BackwardBuilder &b) {
  if (b.wants(0))
    b.setDelta(0, windowsToChannels(b, b.outputDelta(), getWindow(), shapeOf(b.input(0))));
  return success();
}

} // namespace ccm
