// SPDX-License-Identifier: Apache-2.0
// Copies of forward and backward that do less: inference, and the halves of the backward.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_DERIVEENTRIES
#include "passes/Passes.h.inc"

namespace {

/// A copy of `from` under another entry name that returns only what `region` names.
func::FuncOp derive(func::FuncOp from, StringRef entry, Region region) {
  OpBuilder builder(from);
  builder.setInsertionPointAfter(from);
  auto copy = cast<func::FuncOp>(builder.clone(*from));
  copy.setName((entry + "_" + Twine(blockOf(from))).str());
  copy->setAttr(kEntryAttr, builder.getStringAttr(entry));
  keepResults(copy, [&](Role role) { return role.region == region; });
  eraseUnusedArguments(copy);
  return copy;
}

struct DeriveEntries : impl::DeriveEntriesBase<DeriveEntries> {
  void runOnOperation() override {
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entryOf(function) == "forward")
        derive(function, "infer", Region::Output);
      if (entryOf(function) == "backward") {
        derive(function, "backward_input", Region::InputDelta);
        derive(function, "backward_train", Region::Delta);
      }
      eraseUnusedArguments(function);
    }
  }
};
} // namespace
} // namespace ccm
