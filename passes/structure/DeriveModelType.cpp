// SPDX-License-Identifier: Apache-2.0
// Says for every output which parts it needs: fan-in, u, straight, fan-out or bridge.
#include "passes/Passes.h"

using namespace mlir;

namespace ccm {

#define GEN_PASS_DEF_DERIVEMODELTYPE
#include "passes/Passes.h.inc"

namespace {

/// Whether the input was declared aligned to the output of that name.
bool isAlignedTo(InputOp input, StringRef output) {
  ArrayAttr names = input.getAlignedToAttr();
  return names && llvm::any_of(names.getAsRange<StringAttr>(),
                               [&](StringAttr name) { return name.getValue() == output; });
}

/// The table of the declaration language: the output's own structure, then the best aligned input,
/// then any other high one.
ModelType typeOf(ModelOp model, OutputOp output) {
  bool aligned = false, unaligned = false;
  for (InputOp input : opsOf<InputOp>(model))
    if (input.getStructure() == Structure::High)
      (isAlignedTo(input, output.getName()) ? aligned : unaligned) = true;
  if (output.getStructure() != Structure::High)
    return aligned || unaligned ? ModelType::FanIn : ModelType::Straight;
  if (aligned)
    return ModelType::U;
  return unaligned ? ModelType::Bridge : ModelType::FanOut;
}

struct DeriveModelType : impl::DeriveModelTypeBase<DeriveModelType> {
  void runOnOperation() override {
    for (ModelOp model : getOperation().getOps<ModelOp>())
      for (OutputOp output : opsOf<OutputOp>(model)) {
        output.setType(typeOf(model, output));
        ++numDerived;
      }
  }
};

} // namespace
} // namespace ccm
