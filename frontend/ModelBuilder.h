// SPDX-License-Identifier: Apache-2.0
// A checked declaration as IR.
#pragma once

#include "frontend/Declaration.h"
#include "mlir/IR/BuiltinOps.h"

namespace ccm::frontend {

/// Builds the model: an input and a reduce part per input, one core, an expand part and an output
/// per output. Every operation's location is where the declaration speaks of it. The model goes to
/// the end of `module` under the name `symbol`.
ModelOp buildModel(const Scope &scope, const Declaration &declaration, mlir::ModuleOp module,
                   llvm::StringRef symbol);

} // namespace ccm::frontend
