// SPDX-License-Identifier: Apache-2.0
// A model library's file as the loader checks it, before any of it could run.
#include "runtime/ElfFile.h"
#include "tests/fuzz/Target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto symbol = ccm::findModelSymbol(ccm::fuzz::asText(data, size));
  if (symbol)
    ccm::fuzz::require(symbol->starts_with("ccm_model_"), "the symbol is one of a model");
  else
    ccm::fuzz::require(!symbol.error().message.empty(), "a refusal has a reason");
  return 0;
}
