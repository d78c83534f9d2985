// SPDX-License-Identifier: Apache-2.0
// A scalar SSA value with operators, so that formulas read like formulas.
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace ccm {

/// A scalar of a loop nest's body (f32, i32, index or i1) and the builder that extends the body.
/// Copying is cheap; the builder must outlive it. Operands of one expression have one type.
class Scalar {
public:
  Scalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value)
      : builder(&builder), loc(loc), value(value) {}

  mlir::Value get() const { return value; }
  /// A constant of this scalar's type.
  Scalar constant(double number) const;

  Scalar operator-() const;
  friend Scalar operator+(Scalar a, Scalar b);
  friend Scalar operator-(Scalar a, Scalar b);
  friend Scalar operator*(Scalar a, Scalar b);
  friend Scalar operator/(Scalar a, Scalar b);
  friend Scalar operator+(Scalar a, double b) { return a + a.constant(b); }
  friend Scalar operator-(Scalar a, double b) { return a - a.constant(b); }
  friend Scalar operator*(Scalar a, double b) { return a * a.constant(b); }
  friend Scalar operator/(Scalar a, double b) { return a / a.constant(b); }
  friend Scalar operator+(double a, Scalar b) { return b.constant(a) + b; }
  friend Scalar operator-(double a, Scalar b) { return b.constant(a) - b; }
  friend Scalar operator*(double a, Scalar b) { return b.constant(a) * b; }
  friend Scalar operator/(double a, Scalar b) { return b.constant(a) / b; }
  /// Ordered comparisons give i1.
  friend Scalar operator>(Scalar a, Scalar b);
  friend Scalar operator<(Scalar a, Scalar b);
  friend Scalar operator>(Scalar a, double b) { return a > a.constant(b); }
  friend Scalar operator<(Scalar a, double b) { return a < a.constant(b); }
  /// Equality of integers or indices.
  friend Scalar equal(Scalar a, Scalar b);
  /// i1 and i1.
  friend Scalar both(Scalar a, Scalar b);
  /// Whether an f32 is not NaN.
  friend Scalar isNumber(Scalar a);

  friend Scalar select(Scalar condition, Scalar yes, Scalar no);
  friend Scalar select(Scalar condition, Scalar yes, double no) {
    return select(condition, yes, yes.constant(no));
  }
  friend Scalar select(Scalar condition, double yes, Scalar no) {
    return select(condition, no.constant(yes), no);
  }
  friend Scalar max(Scalar a, Scalar b);
  friend Scalar min(Scalar a, Scalar b);
  friend Scalar max(Scalar a, double b) { return max(a, a.constant(b)); }
  friend Scalar min(Scalar a, double b) { return min(a, a.constant(b)); }
  friend Scalar abs(Scalar a);
  friend Scalar exp(Scalar a);
  friend Scalar log(Scalar a);
  friend Scalar sqrt(Scalar a);
  friend Scalar rsqrt(Scalar a);
  friend Scalar tanh(Scalar a);
  /// 1 / (1 + exp(-a)).
  friend Scalar sigmoid(Scalar a) { return 1.0 / (1.0 + exp(-a)); }
  /// i32 to index.
  friend Scalar toIndex(Scalar a);
  /// i8 (as unsigned) or i32 to f32.
  friend Scalar toFloat(Scalar a);

private:
  template <typename Op>
  Scalar make(mlir::ValueRange operands) const;

  mlir::OpBuilder *builder;
  mlir::Location loc;
  mlir::Value value;
};

Scalar operator+(Scalar a, Scalar b);
Scalar operator-(Scalar a, Scalar b);
Scalar operator*(Scalar a, Scalar b);
Scalar operator/(Scalar a, Scalar b);
Scalar operator>(Scalar a, Scalar b);
Scalar operator<(Scalar a, Scalar b);
Scalar equal(Scalar a, Scalar b);
Scalar both(Scalar a, Scalar b);
Scalar isNumber(Scalar a);
Scalar select(Scalar condition, Scalar yes, Scalar no);
Scalar max(Scalar a, Scalar b);
Scalar min(Scalar a, Scalar b);
Scalar abs(Scalar a);
Scalar exp(Scalar a);
Scalar log(Scalar a);
Scalar sqrt(Scalar a);
Scalar rsqrt(Scalar a);
Scalar tanh(Scalar a);
Scalar toIndex(Scalar a);
Scalar toFloat(Scalar a);

} // namespace ccm
