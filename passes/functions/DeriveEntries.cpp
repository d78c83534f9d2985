// SPDX-License-Identifier: Apache-2.0
// A copy of the forward that keeps nothing for a backward.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_DERIVEENTRIES
#include "passes/Passes.h.inc"

namespace {

struct DeriveEntries : impl::DeriveEntriesBase<DeriveEntries> {
  void runOnOperation() override {
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entryOf(function) == EntryKind::Forward) {
        func::FuncOp infer = copyAs(EntryKind::Infer, function);
        keepResults(infer, [](Role role) { return role.region == Region::Output; });
        eraseUnused(infer);
        eraseUnusedArguments(infer);
      }
      eraseUnusedArguments(function);
    }
  }
};
} // namespace
} // namespace ccm
