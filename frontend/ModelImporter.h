// SPDX-License-Identifier: Apache-2.0
// From the text of a declaration to IR: the frontend's entry.
#pragma once

#include "frontend/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace ccm::frontend {

/// Imports the declaration that is the source of `diagnostics` as a module with one `ccm.model`.
/// Null after errors, all of which are in `diagnostics` then. Loads the dialect into `context`.
/// Locations are FileLineColLocs of the source: of a port its name; of a part the pinned strategy,
/// else the budget, else the name.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context, Diagnostics &diagnostics);

} // namespace ccm::frontend
