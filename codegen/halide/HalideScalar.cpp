// SPDX-License-Identifier: Apache-2.0
// Translation of arith and math operations; exp, log and tanh by polynomials.
#include "codegen/halide/HalideScalar.h"
#include "codegen/halide/LoweredKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using Halide::Expr;

namespace ccm {

Halide::Type halideType(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (element.isF32())
    return Halide::Float(32);
  if (element.isInteger(1))
    return Halide::Bool();
  return element.isInteger(8) ? Halide::UInt(8) : Halide::Int(32);
}

Expr constantExpr(Attribute value, Type type) {
  if (auto dense = dyn_cast<SplatElementsAttr>(value))
    value = dense.getSplatValue<Attribute>();
  if (auto number = dyn_cast<FloatAttr>(value))
    return Expr(float(number.getValueAsDouble()));
  if (auto number = dyn_cast<IntegerAttr>(value))
    return Halide::Internal::make_const(halideType(type), number.getValue().getSExtValue());
  return Expr();
}

Expr fusedMultiplyAdd(const Expr &a, const Expr &b, const Expr &c) {
  using Halide::Internal::Call;
  return Call::make(Halide::Float(32), kFma, {a, b, c}, Call::PureExtern);
}

/// c[0] + x (c[1] + x (c[2] + ...)).
static Expr polynomial(const Expr &x, std::initializer_list<float> coefficients) {
  Expr value;
  for (float c : llvm::reverse(coefficients))
    value = value.defined() ? fusedMultiplyAdd(value, x, c) : Expr(c);
  return value;
}

/// 2^t for t in [-126, 127]: the exponent is added to the bits of 2^(t - round(t)).
static Expr power2(const Expr &t) {
  Expr whole = Halide::round(t), f = t - whole;
  Expr fraction =
      fusedMultiplyAdd(f,
                       polynomial(f, {6.931471825e-1f, 2.402264774e-1f, 5.550332367e-2f,
                                      9.618436918e-3f, 1.339888666e-3f, 1.535347401e-4f}),
                       1.0f);
  Expr exponent = Halide::cast<int>(whole) << 23;
  return Halide::reinterpret<float>(Halide::reinterpret<int>(fraction) + exponent);
}

static Expr exponential(const Expr &x) {
  constexpr float kLog2E = 1.442695041f, kSmallest = -87.33654f;
  Expr bounded = Halide::max(Halide::min(x * kLog2E, 127.0f), -126.0f);
  return Halide::select(x < kSmallest, 0.0f, power2(bounded));
}

/// The number is m 2^e with m in [sqrt(1/2), sqrt(2)). What is no finite number stays what it is.
static Expr logarithm(const Expr &x) {
  constexpr float kLn2 = 6.931471806e-1f, kSmallestNormal = 1.17549435e-38f;
  constexpr int kSqrtHalf = 0x3f3504f3, kInfinity = 0x7f800000;
  Expr bits = Halide::reinterpret<int>(Halide::max(x, kSmallestNormal));
  Expr exponent = (bits - kSqrtHalf) >> 23;
  Expr f = Halide::reinterpret<float>(bits - (exponent << 23)) - 1.0f;
  Expr rest =
      polynomial(f, {-0.5f, 3.333333135e-1f, -2.500082254e-1f, 2.000122666e-1f, -1.662335545e-1f,
                     1.420176923e-1f, -1.316021532e-1f, 1.276151389e-1f, -7.634331286e-2f});
  Expr finite =
      fusedMultiplyAdd(Halide::cast<float>(exponent), kLn2, fusedMultiplyAdd(f * f, rest, f));
  return Halide::select((bits & kInfinity) == kInfinity, x, finite);
}

/// Near zero an odd polynomial, beyond it 1 - 2 / (exp(2|x|) + 1) with the sign of x.
static Expr hyperbolicTangent(const Expr &x) {
  Expr magnitude = Halide::abs(x), square = x * x;
  Expr far = 1.0f - 2.0f / (exponential(magnitude * 2.0f) + 1.0f);
  Expr near =
      fusedMultiplyAdd(x * square,
                       polynomial(square, {-3.333328068e-1f, 1.333144158e-1f, -5.373970792e-2f,
                                           2.063906752e-2f, -5.704974756e-3f}),
                       x);
  return Halide::select(magnitude < 0.625f, near, Halide::select(x < 0.0f, -far, far));
}

static Expr compare(arith::CmpFPredicate predicate, const Expr &a, const Expr &b) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::OEQ:
  case P::UEQ:
    return a == b;
  case P::OGT:
  case P::UGT:
    return a > b;
  case P::OGE:
  case P::UGE:
    return a >= b;
  case P::OLT:
  case P::ULT:
    return a < b;
  case P::OLE:
  case P::ULE:
    return a <= b;
  case P::ONE:
  case P::UNE:
    return a != b;
  case P::ORD:
    return !Halide::is_nan(a) && !Halide::is_nan(b);
  default:
    return Expr();
  }
}

static Expr compare(arith::CmpIPredicate predicate, const Expr &a, const Expr &b) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq:
    return a == b;
  case P::ne:
    return a != b;
  case P::slt:
    return a < b;
  case P::sle:
    return a <= b;
  case P::sgt:
    return a > b;
  case P::sge:
    return a >= b;
  default:
    return Expr();
  }
}

Expr scalarExpr(Operation *op, const std::vector<Expr> &a) {
  using namespace arith;
  using namespace math;
  return llvm::TypeSwitch<Operation *, Expr>(op)
      .Case<AddFOp, AddIOp>([&](auto) { return a[0] + a[1]; })
      .Case<SubFOp, SubIOp>([&](auto) { return a[0] - a[1]; })
      .Case<MulFOp, MulIOp>([&](auto) { return a[0] * a[1]; })
      .Case<DivFOp>([&](auto) { return a[0] / a[1]; })
      .Case<NegFOp>([&](auto) { return -a[0]; })
      .Case<MaximumFOp, MaxNumFOp>([&](auto) { return Halide::max(a[0], a[1]); })
      .Case<MinimumFOp, MinNumFOp>([&](auto) { return Halide::min(a[0], a[1]); })
      .Case<AndIOp>([&](auto) { return a[0] & a[1]; })
      .Case<OrIOp>([&](auto) { return a[0] | a[1]; })
      .Case<SelectOp>([&](auto) { return Halide::select(a[0], a[1], a[2]); })
      .Case<CmpFOp, CmpIOp>([&](auto o) { return compare(o.getPredicate(), a[0], a[1]); })
      .Case<IndexCastOp, IndexCastUIOp, SIToFPOp, UIToFPOp, ExtUIOp, ExtSIOp, FPToSIOp>(
          [&](auto o) { return Halide::cast(halideType(o.getType()), a[0]); })
      .Case<ExpOp>([&](auto) { return exponential(a[0]); })
      .Case<LogOp>([&](auto) { return logarithm(a[0]); })
      .Case<math::TanhOp>([&](auto) { return hyperbolicTangent(a[0]); })
      .Case<SqrtOp>([&](auto) { return Halide::sqrt(a[0]); })
      .Case<RsqrtOp>([&](auto) { return 1.0f / Halide::sqrt(a[0]); })
      .Case<AbsFOp>([&](auto) { return Halide::abs(a[0]); })
      .Default([](Operation *) { return Expr(); });
}

} // namespace ccm
