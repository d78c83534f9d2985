// SPDX-License-Identifier: Apache-2.0
// Nests of elementwise primitives, from the formulas of their definitions.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"

using namespace mlir;

namespace ccm {

// Constants appear identically in function and derivative, so that rounding them to f32 leaves one
// the exact derivative of the other.
constexpr double kGeluScale = 0.79788456080286535588; // sqrt(2 / pi)
constexpr double kGeluCubic = 0.044715;
// From here on the tanh of a gelu is 1 in f32, and so is the derivative; powers of a huge x would
// pass the range of f32 and make it infinity times zero.
constexpr double kGeluFlat = 10.0;

Scalar geluArgument(Scalar x) { return kGeluScale * (x + kGeluCubic * (x * x) * x); }

Scalar geluDerivative(Scalar whole) {
  Scalar above = select(whole < -kGeluFlat, whole.constant(-kGeluFlat), whole);
  Scalar x = select(above > kGeluFlat, above.constant(kGeluFlat), above);
  Scalar t = tanh(geluArgument(x));
  Scalar slope = kGeluScale * (1.0 + 3.0 * (kGeluCubic * (x * x)));
  return 0.5 + 0.5 * t + 0.5 * x * (1.0 - t * t) * slope;
}

constexpr double kPowerGain = 1048576; // the reciprocal of the floor, 60 dB
constexpr double kLogPowerScale = 0.0625;

Scalar logPower(Scalar x) { return kLogPowerScale * log(1.0 + kPowerGain * max(x, 0.0)); }

Scalar logPowerDerivative(Scalar x) {
  Scalar slope = kLogPowerScale * (kPowerGain / (1.0 + kPowerGain * max(x, 0.0)));
  return select(x > 0.0, slope, slope.constant(0.0));
}

LogicalResult buildElementwiseForward(ForwardBuilder &b, Scalar (*formula)(Scalar)) {
  std::string axes = axisNames(0, shapeOf(b.input(0)).size());
  return b.output(
      b.map(axes + " -> " + axes, b.input(0), [&](ArrayRef<Scalar> s) { return formula(s[0]); }));
}

/// Which of x, y and dy the formula reads: the others must not be kept for it.
static std::array<bool, 3> argumentsRead(BackwardBuilder &b,
                                         Scalar (*formula)(Scalar, Scalar, Scalar)) {
  Block block;
  OpBuilder builder(b.getBuilder().getContext());
  builder.setInsertionPointToStart(&block);
  SmallVector<Scalar> s;
  for (int i = 0; i < 3; ++i)
    s.emplace_back(builder, b.getLoc(),
                   block.addArgument(getElementTypeOrSelf(b.outputDelta()), b.getLoc()));
  // A formula may be one of them as it is: then nothing uses it, and it is read all the same.
  Value result = formula(s[0], s[1], s[2]).get();
  auto isRead = [&](unsigned i) {
    return block.getArgument(i) == result || !block.getArgument(i).use_empty();
  };
  std::array<bool, 3> read{isRead(0), isRead(1), isRead(2)};
  block.dropAllReferences();
  return read;
}

LogicalResult buildElementwiseBackward(BackwardBuilder &b,
                                       Scalar (*formula)(Scalar, Scalar, Scalar)) {
  if (!b.wants(0))
    return success();
  std::string axes = axisNames(0, shapeOf(b.outputDelta()).size()), indices;
  std::array<Value, 3> all{b.input(0), b.output(), b.outputDelta()};
  std::array<unsigned, 3> position{};
  SmallVector<Value> operands;
  for (auto [i, read] : llvm::enumerate(argumentsRead(b, formula)))
    if (read) {
      position[i] = operands.size();
      indices += (operands.empty() ? "" : ", ") + axes;
      operands.push_back(all[i]);
    }
  if (operands.empty()) // a constant reads the result's delta alone, for its type
    operands.push_back(b.outputDelta()), indices = axes;
  b.setDelta(0, b.map(indices + " -> " + axes, operands, [&](ArrayRef<Scalar> s) {
    return formula(s[position[0]], s[position[1]], s[position[2]]);
  }));
  return success();
}

} // namespace ccm
