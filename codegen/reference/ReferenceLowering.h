// SPDX-License-Identifier: Apache-2.0
// Upstream's own way from nests to machine code: an independent second implementation of kernels,
// for comparing.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/LogicalResult.h"

namespace ccm {

/// Adds what `lowerByReference` needs in a context.
void registerReferenceLowering(mlir::DialectRegistry &registry);

/// What lowered functions may rely on.
enum class ReferenceNeeds {
  Libraries, ///< buffers come from malloc, exponentials from the mathematical library
  /// Nothing: buffers lie on the stack, exponentials are upstream's polynomials. Arguments are
  /// memrefs of static layout and become plain pointers.
  Nothing,
};

/// Lowers functions of nests to the LLVM dialect through upstream's passes alone: buffers, loops,
/// branches. Fails after a diagnostic.
llvm::LogicalResult lowerByReference(mlir::ModuleOp module, ReferenceNeeds needs);

} // namespace ccm
