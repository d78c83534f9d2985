// SPDX-License-Identifier: Apache-2.0
// Diagnostics that say of themselves that a file, not the module, is what failed.
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace ccm {

/// Emits an error at an operation for whose sake a file was touched.
inline mlir::LogicalResult emitFileError(mlir::Operation *operation, const llvm::Twine &message) {
  mlir::InFlightDiagnostic error = operation->emitError(message);
  error.getUnderlyingDiagnostic()->getMetadata().push_back(
      mlir::DiagnosticArgument(llvm::StringRef("file")));
  return error; // reports it
}

/// Whether `emitFileError` made it.
inline bool isFileError(mlir::Diagnostic &diagnostic) { return !diagnostic.getMetadata().empty(); }

} // namespace ccm
