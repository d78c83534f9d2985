// SPDX-License-Identifier: Apache-2.0
// Planned functions as functions of the LLVM dialect that take `ccm_regions`.
#pragma once

#include "codegen/host/HostEmitter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace ccm {

/// Fails after a diagnostic unless every place of the function lies within a memory that its entry
/// is handed, and every operation is one that `emitBlockFunction` translates or may leave out.
llvm::LogicalResult checkPlaces(mlir::func::FuncOp function, const HostModel &model);

/// Whether some place of the function lies in `region`; not for null functions.
bool usesRegion(mlir::func::FuncOp function, Region region);

/// Adds `void name(const ccm_regions *)`, visible in this module only, that does what the
/// operations of a planned function do. Kernels are called as `path` says.
llvm::LogicalResult emitBlockFunction(mlir::ModuleOp host, llvm::ArrayRef<mlir::Operation *> ops,
                                      llvm::StringRef name, const HostPath &path);

/// The kernels and borders of a planned function.
llvm::SmallVector<mlir::Operation *> plannedOps(mlir::func::FuncOp function);

/// The same cut into parts that may run at once: one per kernel, with the borders before it, where
/// all kernels read parameters alone; else one.
std::vector<llvm::SmallVector<mlir::Operation *>> independentParts(mlir::func::FuncOp function);

/// The function of that name, declared when missing.
mlir::LLVM::LLVMFuncOp declareFunction(mlir::ModuleOp host, llvm::StringRef name, mlir::Type result,
                                       llvm::ArrayRef<mlir::Type> arguments);

} // namespace ccm
