// SPDX-License-Identifier: Apache-2.0
// Compiled libraries as parts of declarations: the IR of primitives that they carry.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace ccm::frontend {

/// The IR in the bytes of a library, of which it is a part.
llvm::Expected<llvm::StringRef> irOf(llvm::StringRef library);

/// Writes the version of the compiler into IR that a library will carry.
void setVersion(mlir::ModuleOp module);

/// Parses the IR of a library; `path` is for its locations. Refuses what another version wrote, and
/// more or less than one model of primitives. Null after a diagnostic.
mlir::OwningOpRef<mlir::ModuleOp> parseLibrary(mlir::MLIRContext &context, llvm::StringRef ir,
                                               llvm::StringRef path);

} // namespace ccm::frontend
