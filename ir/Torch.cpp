// SPDX-License-Identifier: Apache-2.0
// The table of how primitives and losses read in PyTorch.
#include "ir/Torch.h"
#include "ir/Ccm.h"

using namespace mlir;

namespace ccm {
namespace {

struct TorchRow {
  StringRef mnemonic, words, expression, helper;
};

#define GET_TorchTable_IMPL
#include "ir/CcmTorch.inc"

} // namespace

std::optional<TorchForm> torchOf(OperationName name) {
  if (name.getDialectNamespace() != CcmDialect::getDialectNamespace())
    return std::nullopt;
  for (const TorchRow &row : TorchTable)
    if (row.mnemonic == name.stripDialect())
      return TorchForm{row.words, row.expression, row.helper};
  return std::nullopt;
}

} // namespace ccm
