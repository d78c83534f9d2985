// SPDX-License-Identifier: Apache-2.0
// The second opinion on a buffer plan, and what of it a function uses.
#pragma once

#include "codegen/host/HostModel.h"

namespace ccm {

/// Fails after a diagnostic unless every place of the function lies within a memory that its entry
/// is handed, and every operation is one that becomes a launch or may be left out.
llvm::LogicalResult checkPlaces(mlir::func::FuncOp function, const HostModel &model);

/// The kernels and borders of a planned function; none of a null one.
llvm::SmallVector<mlir::Operation *> plannedOps(mlir::func::FuncOp function);

/// The same cut into parts that may run at once: one per kernel, with the borders before it, where
/// all kernels read parameters alone; else one.
std::vector<llvm::SmallVector<mlir::Operation *>> independentParts(mlir::func::FuncOp function);

/// For each of those parts of `prepare` the functions of any block that read what it fills, as bits
/// by `ccm_function_number`.
std::vector<uint32_t> readersOf(llvm::ArrayRef<llvm::SmallVector<mlir::Operation *>> parts,
                                const HostModel &model);

/// The number of the member of `ccm_regions` behind a region.
unsigned memberOf(Region region);

/// Bits, as CCM_REGION's, of the regions that the operations' places lie in.
uint32_t regionsOf(llvm::ArrayRef<mlir::Operation *> ops);

} // namespace ccm
