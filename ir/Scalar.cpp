// SPDX-License-Identifier: Apache-2.0
// Operators on scalars of a loop nest's body.
#include "ir/Scalar.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace ccm {

template <typename Op>
Scalar Scalar::make(ValueRange operands) const {
  return Scalar(*builder, loc, Op::create(*builder, loc, operands)->getResult(0));
}

Scalar Scalar::constant(double number) const {
  Type type = value.getType();
  TypedAttr attribute = isa<FloatType>(type)
                            ? TypedAttr(builder->getFloatAttr(type, number))
                            : TypedAttr(builder->getIntegerAttr(type, int64_t(number)));
  return Scalar(*builder, loc, arith::ConstantOp::create(*builder, loc, attribute));
}

Scalar Scalar::operator-() const { return make<arith::NegFOp>({value}); }

#define CCM_BINARY(NAME, OP)                                                                       \
  Scalar NAME(Scalar a, Scalar b) { return a.make<OP>({a.value, b.value}); }
CCM_BINARY(operator-, arith::SubFOp)
CCM_BINARY(operator*, arith::MulFOp)
CCM_BINARY(operator/, arith::DivFOp)
CCM_BINARY(max, arith::MaximumFOp)
CCM_BINARY(min, arith::MinimumFOp)
CCM_BINARY(both, arith::AndIOp)
#undef CCM_BINARY

#define CCM_UNARY(NAME, OP)                                                                        \
  Scalar NAME(Scalar a) { return a.make<OP>({a.value}); }
CCM_UNARY(abs, math::AbsFOp)
CCM_UNARY(exp, math::ExpOp)
CCM_UNARY(log, math::LogOp)
CCM_UNARY(sqrt, math::SqrtOp)
CCM_UNARY(rsqrt, math::RsqrtOp)
CCM_UNARY(tanh, math::TanhOp)
#undef CCM_UNARY

static Value compare(OpBuilder &builder, Location loc, arith::CmpFPredicate floats,
                     arith::CmpIPredicate integers, Value a, Value b) {
  if (isa<FloatType>(a.getType()))
    return arith::CmpFOp::create(builder, loc, floats, a, b);
  return arith::CmpIOp::create(builder, loc, integers, a, b);
}

Scalar operator+(Scalar a, Scalar b) {
  return isa<FloatType>(a.value.getType()) ? a.make<arith::AddFOp>({a.value, b.value})
                                           : a.make<arith::AddIOp>({a.value, b.value});
}

Scalar operator>(Scalar a, Scalar b) {
  return Scalar(*a.builder, a.loc,
                compare(*a.builder, a.loc, arith::CmpFPredicate::OGT, arith::CmpIPredicate::sgt,
                        a.value, b.value));
}

Scalar operator<(Scalar a, Scalar b) {
  return Scalar(*a.builder, a.loc,
                compare(*a.builder, a.loc, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                        a.value, b.value));
}

Scalar equal(Scalar a, Scalar b) {
  return Scalar(*a.builder, a.loc,
                compare(*a.builder, a.loc, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                        a.value, b.value));
}

Scalar isNumber(Scalar a) {
  return Scalar(
      *a.builder, a.loc,
      arith::CmpFOp::create(*a.builder, a.loc, arith::CmpFPredicate::ORD, a.value, a.value));
}

Scalar select(Scalar condition, Scalar yes, Scalar no) {
  return yes.make<arith::SelectOp>({condition.value, yes.value, no.value});
}

Scalar toIndex(Scalar a) {
  return Scalar(*a.builder, a.loc,
                arith::IndexCastOp::create(*a.builder, a.loc, a.builder->getIndexType(), a.value));
}

Scalar toFloat(Scalar a) {
  Type type = a.builder->getF32Type();
  if (a.value.getType().isInteger(8))
    return Scalar(*a.builder, a.loc, arith::UIToFPOp::create(*a.builder, a.loc, type, a.value));
  return Scalar(*a.builder, a.loc, arith::SIToFPOp::create(*a.builder, a.loc, type, a.value));
}

} // namespace ccm
