// SPDX-License-Identifier: Apache-2.0
// Means over windows of positions, and one value per sample repeated over positions.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

//===--- broadcast
//------------------------------------------------------------------------------===//

LogicalResult BroadcastOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  if (input.getRank() != 2 || output.getRank() < 3 ||
      output.getShape().back() != input.getShape().back())
    return emitOpError() << "expects [batch, channels] and a result with position axes between the "
                         << "two, got " << input << " and " << output << " (C1)";
  return success();
}

LogicalResult BroadcastOp::buildForward(ForwardBuilder &b) {
  Extents extents = extentsOf(getType(), b.batch());
  std::string positions = axisNames(1, extents.size() - 1);
  NestBuilder::Sizes sizes;
  for (unsigned axis = 1; axis + 1 < extents.size(); ++axis)
    sizes[axisNames(axis, axis + 1)] = extents[axis];
  return b.output(b.map(
      "b c -> b " + positions + " c", b.input(0), [](ArrayRef<Scalar> s) { return s[0]; }, sizes));
}

LogicalResult BroadcastOp::buildBackward(BackwardBuilder &b) {
  if (!b.wants(0))
    return success();
  std::string positions = axisNames(1, shapeOf(b.outputDelta()).size() - 1);
  b.setDelta(0, b.sum("b " + positions + " c -> b c", b.outputDelta(),
                      [](ArrayRef<Scalar> s) { return s[0]; }));
  return success();
}

//===--- mean_pool
//------------------------------------------------------------------------------===//

LogicalResult MeanPoolOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  ArrayRef<int64_t> window = getWindow();
  if (int64_t(window.size()) + 2 != input.getRank() ||
      llvm::any_of(window, [](int64_t width) { return width < 1; }))
    return emitOpError() << "expects one positive window extent per position axis of " << input
                         << ", got [" << window << "] (C1)";
  Extents expected(input.getShape());
  for (auto [axis, width] : llvm::enumerate(window)) {
    if (expected[axis + 1] % width)
      return emitOpError() << "expects window extents that divide their axes, got " << width
                           << " for axis " << axis + 1 << " of " << input << " (C2)";
    expected[axis + 1] /= width;
  }
  if (output.getShape() != ArrayRef(expected))
    return emitOpError() << "expects a result " << input.clone(expected) << ", got " << output
                         << " (C2)";
  return success();
}

namespace {
/// The pooled value's axes apart from the windows': "b g0 g1 c" and "b g0 w0 g1 w1 c".
struct Windows {
  std::string pooled = "b", apart = "b";
  Extents extents; ///< of the second
  NestBuilder::Sizes sizes;
  int64_t elements = 1; ///< of one window

  Windows(ArrayRef<int64_t> input, ArrayRef<int64_t> window) : extents{input.front()} {
    for (auto [axis, width] : llvm::enumerate(window)) {
      std::string number = std::to_string(axis);
      pooled += " g" + number;
      apart += " g" + number + " w" + number;
      extents.append({input[axis + 1] / width, width});
      sizes["w" + number] = width;
      elements *= width;
    }
    pooled += " c";
    apart += " c";
    extents.push_back(input.back());
  }
};
} // namespace

LogicalResult MeanPoolOp::buildForward(ForwardBuilder &b) {
  Windows windows(shapeOf(b.input(0)), getWindow());
  Value total =
      b.sum(windows.apart + " -> " + windows.pooled, b.reshape(b.input(0), windows.extents),
            [](ArrayRef<Scalar> s) { return s[0]; });
  std::string axes = windows.pooled;
  return b.output(b.map(axes + " -> " + axes, total,
                        [&](ArrayRef<Scalar> s) { return s[0] * (1.0 / windows.elements); }));
}

LogicalResult MeanPoolOp::buildBackward(BackwardBuilder &b) {
  if (!b.wants(0))
    return success();
  Windows windows(shapeOf(b.input(0)), getWindow());
  Value dx = b.map(
      windows.pooled + " -> " + windows.apart, b.outputDelta(),
      [&](ArrayRef<Scalar> s) { return s[0] * (1.0 / windows.elements); }, windows.sizes);
  b.setDelta(0, b.reshape(dx, shapeOf(b.input(0))));
  return success();
}

} // namespace ccm
