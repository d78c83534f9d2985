// SPDX-License-Identifier: Apache-2.0
// Picks a strategy for every part: all configurations are measured, the best that fits is taken.
#include "passes/Passes.h"
#include "passes/strategies/Pins.h"
#include "passes/structure/Structure.h"
#include "passes/structure/WholeChoice.h"

using namespace mlir;

namespace ccm {

#define GEN_PASS_DEF_CHOOSESTRATEGIES
#include "passes/Passes.h.inc"

namespace {

void record(const Decision &decision, bool explain) {
  SmallVector<PartOpInterface, 0> parts = decision.followers;
  parts.push_back(decision.site.part);
  for (Operation *part : parts) {
    MLIRContext *context = part->getContext();
    part->setAttr("strategy", StringAttr::get(context, decision.chosen->strategy->name()));
    part->setAttr("config", decision.chosen->config);
    part->setAttr("rejected",
                  decision.candidates->rejected(*decision.chosen, decision.wish, explain));
  }
}

/// Sets the choices, and what was passed over, on the parts.
void record(const Whole &whole, bool explain) {
  for (const Decision &decision : whole.reduces)
    record(decision, explain);
  if (whole.core.chosen)
    record(whole.core, explain);
  for (const Decision &decision : whole.expands)
    record(decision, explain);
}

struct ChooseStrategies : impl::ChooseStrategiesBase<ChooseStrategies> {
  using ChooseStrategiesBase::ChooseStrategiesBase;

  void runOnOperation() override {
    if (failed(checkOnly()))
      return signalPassFailure();
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      WholeChoice choice(model, only);
      if (failed(choice.choose())) {
        signalPassFailure();
        continue;
      }
      record(choice.chosen(), explain);
      // What another model is a part of is measured as it will be.
      if (model.isPrivate() && failed(buildStructure(model)))
        return signalPassFailure();
      numProposed += choice.proposed;
      numRejected += choice.rejected;
    }
  }

private:
  /// The option names a strategy of some kind, or nothing.
  LogicalResult checkOnly() {
    SmallVector<StringRef> names;
    for (StringRef kind : {ReduceOp::kind(), CoreOp::kind(), ExpandOp::kind()})
      for (const Strategy *strategy : strategiesOf(kind))
        names.push_back(strategy->name());
    if (only.empty() || llvm::is_contained(names, StringRef(only)))
      return success();
    return emitError(getOperation().getLoc()) << "expects a strategy to consider alone, got '"
                                              << only << "'" << suggestion(only, names);
  }
};

} // namespace
} // namespace ccm
