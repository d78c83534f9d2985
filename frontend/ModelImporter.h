// SPDX-License-Identifier: Apache-2.0
// From the text of a declaration to IR: the frontend's entry.
#pragma once

#include "frontend/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/io/Io.h"
#include <functional>

namespace ccm::frontend {

/// Reads a file of at most `limit` bytes that a declaration names, beneath the folder of the first.
using ReadFile = std::function<io::Result<std::string>(const std::string &folder,
                                                       const std::string &name, uint64_t limit)>;

/// Imports the declaration that is the source of `diagnostics` as a module whose last `ccm.model`
/// it is. Those before are private: declarations that it uses, and those that these use, each named
/// by its path from the folder of the first. Null after errors, all of which are in `diagnostics`
/// then. Loads the dialect into `context`. Locations are FileLineColLocs of the sources: of a port
/// its name; of a part the pinned strategy, else what is used, else the budget, else the name.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context, Diagnostics &diagnostics,
                                              const ReadFile &read = io::readFileBeneath);

} // namespace ccm::frontend
