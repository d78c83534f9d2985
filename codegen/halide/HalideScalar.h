// SPDX-License-Identifier: Apache-2.0
// Scalar operations of a nest's body as Halide expressions.
#pragma once

#include "Halide.h"
#include "mlir/IR/Operation.h"

namespace ccm {

/// Halide's type for a scalar or for the elements of a tensor: f32, i32 (also for index), u8, bool.
Halide::Type halideType(mlir::Type type);

/// The expression for a constant number.
Halide::Expr constantExpr(mlir::Attribute value, mlir::Type type);

/// a * b + c, rounded once.
Halide::Expr fusedMultiplyAdd(const Halide::Expr &a, const Halide::Expr &b, const Halide::Expr &c);

/// The expression for `op` applied to `operands`; undefined when the operation is not supported.
/// exp, log and tanh are polynomials of our own: relative error below 3e-7, results in (0, 2^127),
/// log of what is not a normal positive number is log(2^-126).
Halide::Expr scalarExpr(mlir::Operation *op, const std::vector<Halide::Expr> &operands);

} // namespace ccm
