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
bool isWanted(EntryKind entry, Entries entries) {
  if (entries == Entries::Infer)
    return entry == EntryKind::Infer || entry == EntryKind::Prepare ||
           entry == EntryKind::Prefill || entry == EntryKind::Decode;
  return entry != EntryKind::Backward && entry != EntryKind::BackwardInput;
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
      if (auto entry = entryOf(function); entry && !isWanted(*entry, *entries))
        function.erase();
    getOperation()->setAttr(kEntriesAttr, StringAttr::get(&getContext(), entriesWord(*entries)));
  }
};
} // namespace
} // namespace ccm
