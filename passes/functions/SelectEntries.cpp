// SPDX-License-Identifier: Apache-2.0
// Leaves out the functions of entries that the library is not to have.
#include "ir/Entries.h"
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_SELECTENTRIES
#include "passes/Passes.h.inc"

namespace {

/// Whether a library that is compiled for less than all entries has the function.
bool isWanted(StringRef entry, Entries entries) {
  if (entries == Entries::Infer)
    return entry == "infer" || entry == "prepare";
  return entry != "backward" && entry != "backward_input";
}

struct SelectEntries : impl::SelectEntriesBase<SelectEntries> {
  using SelectEntriesBase::SelectEntriesBase;

  void runOnOperation() override {
    std::optional<Entries> entries = entriesOf(keep);
    if (!entries) {
      getOperation().emitError() << "expects entries 'infer', 'train' or 'all', got '" << keep
                                 << "'";
      return signalPassFailure();
    }
    if (*entries == Entries::All)
      return;
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (!entryOf(function).empty() && !isWanted(entryOf(function), *entries))
        function.erase();
    getOperation()->setAttr(kEntriesAttr, StringAttr::get(&getContext(), entriesWord(*entries)));
  }
};
} // namespace
} // namespace ccm
