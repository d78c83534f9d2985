// SPDX-License-Identifier: Apache-2.0
// How primitives and losses read in PyTorch, as their definitions say.
#pragma once

#include "mlir/IR/OperationSupport.h"
#include <optional>

namespace ccm {

/// The twin of an operation. Texts live as long as the program.
struct TorchForm {
  /// Names of operands and attributes in the order of the definition, with a space between.
  llvm::StringRef words;
  /// A Python expression with words in braces; see `Ccm_TwinnedOp` in `CcmPrimitives.td`.
  llvm::StringRef expression;
  /// A Python function that the expression calls, indented as in the definition; or "".
  llvm::StringRef helper;
};

/// None for an operation that is neither a primitive nor a loss.
std::optional<TorchForm> torchOf(mlir::OperationName name);

} // namespace ccm
