// SPDX-License-Identifier: Apache-2.0
// One operation as a Python expression.
#pragma once

#include "ir/Ccm.h"
#include "ir/Torch.h"
#include <string>

namespace ccm {

/// The expression of the operation's definition, with its words replaced: operands by what `nameOf`
/// calls them, attributes by their values. Fails after a diagnostic where a word stands for nothing
/// that Python could be told.
llvm::FailureOr<std::string> torchExpression(mlir::Operation *op, const TorchForm &form,
                                             llvm::function_ref<std::string(mlir::Value)> nameOf);

/// An expression with `words` replaced, by which every `{word}` is asked for. None where one is
/// unknown.
std::optional<std::string>
fillWords(llvm::StringRef expression,
          llvm::function_ref<std::optional<std::string>(llvm::StringRef)> word);

} // namespace ccm
