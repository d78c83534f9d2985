// SPDX-License-Identifier: Apache-2.0
// Running error analysis: every value of a function of nests together with a bound on its rounding.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ccm::laws {

/// Turns `tensors`, a function of f64 nests, into one named `name` that takes a memref per argument
/// and then, per result, one for the value and one for a bound on its rounding error (Wilkinson's
/// running analysis, first order: each operation adds half an ulp of its result to what its
/// operands bring). Arguments count as exact. Fails after a diagnostic at an operation without a
/// rule.
mlir::FailureOr<mlir::func::FuncOp> withRounding(mlir::func::FuncOp tensors, llvm::StringRef name);

} // namespace ccm::laws
