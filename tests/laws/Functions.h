// SPDX-License-Identifier: Apache-2.0
// Functions of nests from functions of primitives, for a given number of samples.
#pragma once

#include "ir/Ccm.h"

namespace ccm::laws {

/// The function's only primitive, or null when it holds several.
mlir::Operation *primitiveOf(mlir::func::FuncOp source);

/// `source` with its primitives replaced by their forward nests; results are the source's, and what
/// the primitives keep.
llvm::LogicalResult emitForward(mlir::ModuleOp target, mlir::func::FuncOp source, int64_t batch,
                                llvm::StringRef name);

/// The backward nests of the source's only primitive. Arguments: operands, result, kept values,
/// output delta, and an accumulator per trained operand. Results: the deltas of the wanted
/// operands. Internals' types are those that the forward function `forward` of the target returns.
llvm::LogicalResult emitBackward(mlir::ModuleOp target, mlir::func::FuncOp source, int64_t batch,
                                 llvm::StringRef name, llvm::StringRef forward,
                                 llvm::ArrayRef<bool> wanted);

/// Numbers of the operands of f32, which may have deltas.
llvm::SmallVector<unsigned> realOperands(mlir::Operation *op);

/// The nests of the source's only primitive, a loss: (output, target) -> (loss, output delta).
llvm::LogicalResult emitLoss(mlir::ModuleOp target, mlir::func::FuncOp source, int64_t batch,
                             llvm::StringRef name, double weight);

/// The update of one optimizer over `count` elements: (parameter, delta, states, numbers of the
/// step) -> (parameter, states); the four numbers in the order of `Hyper`.
llvm::LogicalResult emitUpdate(mlir::ModuleOp target, OptimizerOpInterface optimizer, int64_t count,
                               llvm::StringRef name);

} // namespace ccm::laws
