// SPDX-License-Identifier: Apache-2.0
// Other extents for the same axes: frame cuts and pads, resample repeats.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

//===--- frame
//----------------------------------------------------------------------------------===//

/// Whether the positions [start, start + extent) of an axis meet [0, size). No sum overflows.
static bool meets(int64_t size, int64_t start, int64_t extent) {
  return start < size && start > -extent;
}

LogicalResult FrameOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  ArrayRef<int64_t> start = getStart();
  if (int64_t(start.size()) + 2 != input.getRank())
    return emitOpError() << "expects one start per position axis of " << input << ", got [" << start
                         << "] (C1)";
  if (output.getRank() != input.getRank() || output.getShape().back() != input.getShape().back())
    return emitOpError() << "expects a result with the axes and channels of " << input << ", got "
                         << output << " (C2)";
  for (auto [axis, first] : llvm::enumerate(start))
    if (!meets(input.getDimSize(axis + 1), first, output.getDimSize(axis + 1)))
      return emitOpError() << "expects a start for axis " << axis + 1 << " above "
                           << -output.getDimSize(axis + 1) << " and below "
                           << input.getDimSize(axis + 1) << ", got " << first << " (C2)";
  return success();
}

/// Starts on all axes, of a frame that `sign` is 1 for, or of its reverse.
static Extents startsOf(FrameOp op, int64_t sign) {
  Extents starts{0};
  for (int64_t start : op.getStart())
    starts.push_back(sign * start);
  starts.push_back(0);
  return starts;
}

LogicalResult FrameOp::buildForward(ForwardBuilder &b) {
  return b.output(frame(b, b.input(0), startsOf(*this, 1), extentsOf(getType(), b.batch())));
}

LogicalResult FrameOp::buildStep(StepBuilder &b) {
  if (getStart().size() != 1)
    return emitOpError() << "expects one axis of positions in a sequence, got "
                         << getStart().size();
  b.resultFirst -= getStart()[0];
  return b.output(b.input(0));
}

LogicalResult FrameOp::buildBackward(BackwardBuilder &b) {
  if (b.wants(0))
    b.setDelta(0, frame(b, b.outputDelta(), startsOf(*this, -1), shapeOf(b.input(0))));
  return success();
}

//===--- resample
//-------------------------------------------------------------------------------===//

LogicalResult ResampleOp::verify() {
  auto input = getInput().getType(), output = getOutput().getType();
  ArrayRef<int64_t> factor = getFactor();
  if (output.getRank() != input.getRank() || output.getShape().back() != input.getShape().back())
    return emitOpError() << "expects a result with the axes and channels of " << input << ", got "
                         << output << " (C2)";
  if (int64_t(factor.size()) + 2 != input.getRank())
    return emitOpError() << "expects one factor per position axis of " << input << ", got ["
                         << factor << "] (C1)";
  for (auto [axis, times] : llvm::enumerate(factor)) {
    if (times < 1 || times > output.getDimSize(axis + 1))
      return emitOpError() << "expects a factor for axis " << axis + 1 << " from 1 to "
                           << output.getDimSize(axis + 1) << ", got " << times << " (C1)";
    int64_t extent = llvm::divideCeil(output.getDimSize(axis + 1), times);
    if (input.getDimSize(axis + 1) != extent)
      return emitOpError() << "expects axis " << axis + 1 << " of the input to be " << extent
                           << ", got " << input.getDimSize(axis + 1) << " (C3)";
  }
  return success();
}

namespace {
/// The coarse grid "b g0 g1 c" and the fine one with repetitions apart, "b g0 r0 g1 r1 c".
struct Repetitions {
  std::string coarse = "b", fine = "b";
  Extents apart, whole; ///< of the fine grid: as "fine", and with repetitions merged
  NestBuilder::Sizes sizes;

  Repetitions(ArrayRef<int64_t> input, ArrayRef<int64_t> factor)
      : apart{input.front()}, whole{input.front()} {
    for (auto [axis, times] : llvm::enumerate(factor)) {
      std::string number = std::to_string(axis);
      coarse += " g" + number;
      fine += " g" + number + " r" + number;
      sizes["r" + number] = times;
      apart.append({input[axis + 1], times});
      whole.push_back(input[axis + 1] * times);
    }
    coarse += " c";
    fine += " c";
    apart.push_back(input.back());
    whole.push_back(input.back());
  }
};
} // namespace

LogicalResult ResampleOp::buildForward(ForwardBuilder &b) {
  Repetitions r(shapeOf(b.input(0)), getFactor());
  Value fine = b.map(
      r.coarse + " -> " + r.fine, b.input(0), [](ArrayRef<Scalar> s) { return s[0]; }, r.sizes);
  return b.output(b.slice(b.reshape(fine, r.whole), Extents(r.whole.size(), 0),
                          extentsOf(getType(), b.batch())));
}

LogicalResult ResampleOp::buildBackward(BackwardBuilder &b) {
  if (!b.wants(0))
    return success();
  Repetitions r(shapeOf(b.input(0)), getFactor());
  Value whole = frame(b, b.outputDelta(), Extents(r.whole.size(), 0), r.whole);
  b.setDelta(0, b.sum(r.fine + " -> " + r.coarse, b.reshape(whole, r.apart),
                      [](ArrayRef<Scalar> s) { return s[0]; }));
  return success();
}

} // namespace ccm
