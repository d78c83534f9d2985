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
func::FuncOp derive(func::FuncOp from, EntryKind entry, Region region) {
  OpBuilder builder(from);
  builder.setInsertionPointAfter(from);
  auto copy = cast<func::FuncOp>(builder.clone(*from));
  copy.setName((stringifyEntryKind(entry) + "_" + Twine(blockOf(from))).str());
  setEntry(copy, entry);
  keepResults(copy, [&](Role role) { return role.region == region; });
  eraseUnusedArguments(copy);
  return copy;
}

struct DeriveEntries : impl::DeriveEntriesBase<DeriveEntries> {
  void runOnOperation() override {
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entryOf(function) == EntryKind::Forward)
        derive(function, EntryKind::Infer, Region::Output);
      if (entryOf(function) == EntryKind::Backward) {
        derive(function, EntryKind::BackwardInput, Region::InputDelta);
        derive(function, EntryKind::BackwardTrain, Region::Delta);
      }
      eraseUnusedArguments(function);
    }
  }
};
} // namespace
} // namespace ccm
