// SPDX-License-Identifier: Apache-2.0
// Puts the scales of ports between them and what was built for them, and weighs indices.
#include "ir/Create.h"
#include "passes/structure/Structure.h"

using namespace mlir;

namespace ccm {

/// The parameters of a port's scale.
template <typename Port>
static std::pair<Value, Value> createScaling(OpBuilder &builder, Port port, StringRef side,
                                             Value value) {
  int64_t channels = cast<RankedTensorType>(value.getType()).getShape().back();
  Creator create{builder, port.getLoc()};
  return create.scaling((side + "." + port.getName()).str(), channels,
                        port.getOffsets().value_or(ArrayRef<double>()),
                        port.getFactors().value_or(ArrayRef<double>()));
}

/// Bends scaled values. What is missing is filled first: the delta of NaN bent would be NaN.
static void bend(Value scaled) {
  Value bent = scaled;
  for (Operation *reader : scaled.getUsers())
    if (auto fill = dyn_cast<FillMissingOp>(reader))
      bent = fill.getOutput();
  OpBuilder builder(scaled.getContext());
  builder.setInsertionPointAfterValue(bent);
  Operation *clip = SoftClipOp::create(builder, scaled.getLoc(), bent.getType(), bent);
  bent.replaceAllUsesExcept(clip->getResult(0), clip);
}

/// All that read the input read its scaled values.
static void scaleInput(InputOp input) {
  OpBuilder builder(input->getContext());
  builder.setInsertionPointAfter(input);
  auto [offset, factor] = createScaling(builder, input, "input", input.getValue());
  Operation *scale =
      ScaleOp::create(builder, input.getLoc(), input.getType(), input.getValue(), offset, factor);
  Value scaled = scale->getResult(0);
  input.getValue().replaceAllUsesExcept(scaled, scale);
  if (input.getScale() == Scale::Robust)
    bend(scaled);
}

/// The output is in the unit of its targets; the loss finds the way back.
static void scaleOutput(OutputOp output) {
  OpBuilder builder(output);
  Value value = output.getValue();
  auto [offset, factor] = createScaling(builder, output, "output", value);
  output.getValueMutable().assign(
      UnscaleOp::create(builder, output.getLoc(), value.getType(), value, offset, factor));
  output.getScalingMutable().assign({offset, factor});
}

static void weighOutput(OutputOp output) {
  OpBuilder builder(output);
  Creator create{builder, output.getLoc()};
  output.getWeighingMutable().assign(
      create.classWeights(("output." + output.getName()).str(), int64_t(*output.getVocabulary()),
                          output.getClassWeights().value_or(ArrayRef<double>())));
}

void scalePorts(ModelOp model) {
  for (InputOp input : opsOf<InputOp>(model))
    if (input.getScale())
      scaleInput(input);
  for (OutputOp output : opsOf<OutputOp>(model))
    if (output.getScale() && output.getScaling().empty())
      scaleOutput(output);
  for (OutputOp output : opsOf<OutputOp>(model))
    if (output.isWeighed() && !output.getWeighing())
      weighOutput(output);
}

} // namespace ccm
