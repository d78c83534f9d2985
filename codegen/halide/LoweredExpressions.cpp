// SPDX-License-Identifier: Apache-2.0
// Expressions of lowered kernels.
#include "codegen/halide/LoweredKernel.h"
#include "runtime/io/Sabotage.h"
#include "llvm/IR/PatternMatch.h"

using namespace Halide::Internal;

namespace ccm {

llvm::Value *LoweredKernel::refuse(const std::string &what, const Halide::Type &type) {
  if (refused.empty())
    refused = "no code for " + what;
  return type.bits() ? llvm::PoisonValue::get(typeOf(type)) : nullptr;
}

llvm::Type *LoweredKernel::typeOf(const Halide::Type &type) {
  llvm::Type *element = builder.getIntNTy(unsigned(type.bits()));
  if (type.is_handle())
    element = builder.getPtrTy();
  else if (type.is_float())
    element = builder.getFloatTy();
  return type.is_vector() ? llvm::FixedVectorType::get(element, unsigned(type.lanes())) : element;
}

/// As it lies in memory: truth values are bytes there.
llvm::Type *LoweredKernel::stored(const Halide::Type &type) {
  return typeOf(type.is_bool() ? Halide::UInt(8, type.lanes()) : type);
}

llvm::Value *LoweredKernel::expr(const Expr &e) {
  switch (e.node_type()) {
  case IRNodeType::IntImm:
    return llvm::ConstantInt::getSigned(typeOf(e.type()), e.as<IntImm>()->value);
  case IRNodeType::UIntImm:
    return llvm::ConstantInt::get(typeOf(e.type()), e.as<UIntImm>()->value);
  case IRNodeType::FloatImm:
    return llvm::ConstantFP::get(typeOf(e.type()), e.as<FloatImm>()->value);
  case IRNodeType::Variable: {
    const std::string &name = e.as<Variable>()->name;
    if (auto at = indices.find(name); at != indices.end())
      return builder.CreateTrunc(valueOf(at->second), builder.getInt32Ty());
    if (Value *value = values.lookup(name))
      return value;
    return refuse("a variable " + name, e.type());
  }
  case IRNodeType::Let: {
    Value *value = nullptr;
    within(*e.as<Let>(), [&] { value = expr(e.as<Let>()->body); });
    return value;
  }
  case IRNodeType::Cast:
    return cast(*e.as<Cast>());
  case IRNodeType::Reinterpret:
    return builder.CreateBitCast(expr(e.as<Reinterpret>()->value), typeOf(e.type()));
  case IRNodeType::Broadcast:
    return broadcast(*e.as<Broadcast>());
  case IRNodeType::Ramp:
    return ramp(*e.as<Ramp>());
  case IRNodeType::Load:
    return load(*e.as<Load>());
  case IRNodeType::Shuffle:
    return shuffle(*e.as<Shuffle>());
  case IRNodeType::Call:
    return call(*e.as<Call>());
  case IRNodeType::Select: {
    auto *select = e.as<Select>();
    Value *condition = expr(select->condition), *yes = expr(select->true_value);
    return builder.CreateSelect(condition, yes, expr(select->false_value));
  }
  default:
    return arithmetic(e);
  }
}

//===--- Arithmetic ---------------------------------------------------------------------------===//

/// Indices never overflow.
llvm::Value *LoweredKernel::add(const Halide::Type &type, Value *a, Value *b) {
  if (!type.is_float())
    return builder.CreateAdd(a, b, "", /*HasNUW=*/false, type.is_int() && type.bits() >= 32);
  // The fault contracts wherever it can, as compilers do that look at whole functions.
  if (io::sabotaged("contract_across_nests"))
    for (auto [product, other] : {std::pair(a, b), std::pair(b, a)})
      if (auto *op = llvm::dyn_cast<llvm::BinaryOperator>(product);
          op && op->getOpcode() == llvm::Instruction::FMul)
        return fma(op->getOperand(0), op->getOperand(1), other);
  return builder.CreateFAdd(a, b);
}

llvm::Value *LoweredKernel::subtract(const Halide::Type &type, Value *a, Value *b) {
  return type.is_float()
             ? builder.CreateFSub(a, b)
             : builder.CreateSub(a, b, "", /*HasNUW=*/false, type.is_int() && type.bits() >= 32);
}

llvm::Value *LoweredKernel::multiply(const Halide::Type &type, Value *a, Value *b) {
  return type.is_float()
             ? builder.CreateFMul(a, b)
             : builder.CreateMul(a, b, "", /*HasNUW=*/false, type.is_int() && type.bits() >= 32);
}

/// Rounds towards minus infinity, as Halide does for positive divisors.
llvm::Value *LoweredKernel::divide(const Expr &e, const Expr &a, const Expr &b) {
  if (e.type().is_float())
    return builder.CreateFDiv(expr(a), expr(b));
  auto divisor = as_const_int(b);
  if (!e.type().is_int() || !divisor || *divisor <= 0)
    return refuse("a division of integers", e.type());
  Value *left = expr(a), *right = expr(b), *zero = llvm::Constant::getNullValue(left->getType());
  Value *quotient = builder.CreateSDiv(left, right), *rest = builder.CreateSRem(left, right);
  Value *one = llvm::ConstantInt::get(left->getType(), 1);
  return builder.CreateSelect(builder.CreateICmpSLT(rest, zero),
                              builder.CreateNSWSub(quotient, one), quotient);
}

/// Never negative.
llvm::Value *LoweredKernel::remainder(const Expr &e, const Expr &a, const Expr &b) {
  auto divisor = as_const_int(b);
  if (!e.type().is_int() || !divisor || *divisor <= 0)
    return refuse("a remainder", e.type());
  Value *right = expr(b), *rest = builder.CreateSRem(expr(a), right);
  Value *zero = llvm::Constant::getNullValue(rest->getType());
  return builder.CreateSelect(builder.CreateICmpSLT(rest, zero), builder.CreateNSWAdd(rest, right),
                              rest);
}

llvm::Value *LoweredKernel::fma(Value *a, Value *b, Value *c) {
  return builder.CreateIntrinsic(llvm::Intrinsic::fma, {c->getType()}, {a, b, c});
}

/// The two operands of a node that is one of `Ops`.
template <typename... Ops>
static std::optional<std::pair<Halide::Expr, Halide::Expr>> operandsOf(const Halide::Expr &e) {
  std::optional<std::pair<Halide::Expr, Halide::Expr>> found;
  auto take = [&](auto *op) {
    if (op)
      found.emplace(op->a, op->b);
  };
  (take(e.as<Ops>()), ...);
  return found;
}

llvm::Value *LoweredKernel::arithmetic(const Expr &e) {
  if (auto *negated = e.as<Not>())
    return builder.CreateNot(expr(negated->a));
  if (auto *quotient = e.as<Div>())
    return divide(e, quotient->a, quotient->b);
  if (auto *rest = e.as<Mod>())
    return remainder(e, rest->a, rest->b);
  auto operands = operandsOf<Add, Sub, Mul, And, Or, Min, Max, EQ, NE, LT, LE, GT, GE>(e);
  if (!operands)
    return refuse("an expression " + std::to_string(int(e.node_type())), e.type());
  Value *a = expr(operands->first), *b = expr(operands->second);
  switch (e.node_type()) {
  case IRNodeType::Add:
    return add(e.type(), a, b);
  case IRNodeType::Sub:
    return subtract(e.type(), a, b);
  case IRNodeType::Mul:
    return multiply(e.type(), a, b);
  case IRNodeType::And:
    return builder.CreateAnd(a, b);
  case IRNodeType::Or:
    return builder.CreateOr(a, b);
  default:
    return compare(e.node_type(), operands->first.type(), a, b);
  }
}

//===--- Comparisons --------------------------------------------------------------------------===//

/// Of floats: false where one is no number, but for `NE`. The larger and the smaller of two are the
/// second where they do not compare, as processors have it; of a value and a constant that is the
/// value, so that what is no number stays so.
llvm::Value *LoweredKernel::compare(IRNodeType kind, const Halide::Type &type, Value *a, Value *b) {
  using P = llvm::CmpInst::Predicate;
  struct Row {
    IRNodeType kind;
    P ofFloats, ofInts, ofUnsigned;
  };
  static constexpr Row rows[] = {
      {IRNodeType::EQ, P::FCMP_OEQ, P::ICMP_EQ, P::ICMP_EQ},
      {IRNodeType::NE, P::FCMP_UNE, P::ICMP_NE, P::ICMP_NE},
      {IRNodeType::LT, P::FCMP_OLT, P::ICMP_SLT, P::ICMP_ULT},
      {IRNodeType::LE, P::FCMP_OLE, P::ICMP_SLE, P::ICMP_ULE},
      {IRNodeType::GT, P::FCMP_OGT, P::ICMP_SGT, P::ICMP_UGT},
      {IRNodeType::GE, P::FCMP_OGE, P::ICMP_SGE, P::ICMP_UGE},
      {IRNodeType::Max, P::FCMP_OGT, P::ICMP_SGT, P::ICMP_UGT},
      {IRNodeType::Min, P::FCMP_OLT, P::ICMP_SLT, P::ICMP_ULT},
  };
  bool selects = kind == IRNodeType::Max || kind == IRNodeType::Min;
  if (selects && type.is_float() && isa<llvm::Constant>(b))
    std::swap(a, b);
  const Row *row = llvm::find_if(rows, [&](const Row &r) { return r.kind == kind; });
  Value *test = type.is_float()
                    ? builder.CreateFCmp(row->ofFloats, a, b)
                    : builder.CreateICmp(type.is_uint() ? row->ofUnsigned : row->ofInts, a, b);
  return selects ? builder.CreateSelect(test, a, b) : test;
}

//===--- Vectors and types --------------------------------------------------------------------===//

llvm::Value *LoweredKernel::cast(const Cast &op) {
  const Halide::Type from = op.value.type(), to = op.type;
  Value *value = expr(op.value);
  llvm::Type *type = typeOf(to);
  if (to.is_handle())
    return value;
  if (to.is_bool())
    return from.is_float() ? refuse("the truth of a float", to) : builder.CreateIsNotNull(value);
  if (from.is_float() && to.is_float())
    return value;
  if (from.is_float())
    return to.is_int() ? builder.CreateFPToSI(value, type) : builder.CreateFPToUI(value, type);
  if (to.is_float())
    return from.is_int() ? builder.CreateSIToFP(value, type) : builder.CreateUIToFP(value, type);
  return builder.CreateIntCast(value, type, from.is_int());
}

llvm::Value *LoweredKernel::broadcast(const Broadcast &op) {
  Value *value = expr(op.value);
  unsigned lanes = unsigned(op.value.type().lanes());
  if (lanes == 1)
    return builder.CreateVectorSplat(unsigned(op.lanes), value);
  llvm::SmallVector<int> mask;
  for (int lane = 0; lane < op.type.lanes(); ++lane)
    mask.push_back(lane % int(lanes));
  return builder.CreateShuffleVector(value, mask);
}

llvm::Value *LoweredKernel::ramp(const Ramp &op) {
  if (op.base.type().is_vector())
    return refuse("a ramp of vectors", op.type);
  unsigned lanes = unsigned(op.lanes);
  llvm::SmallVector<llvm::Constant *> steps;
  llvm::Type *element = typeOf(op.base.type());
  for (unsigned lane = 0; lane < lanes; ++lane)
    steps.push_back(llvm::ConstantInt::get(element, lane));
  Value *step = builder.CreateVectorSplat(lanes, expr(op.stride));
  Value *start = builder.CreateVectorSplat(lanes, expr(op.base));
  return add(op.type, start, multiply(op.type, llvm::ConstantVector::get(steps), step));
}

/// Picks lanes of all vectors, one after the other.
llvm::Value *LoweredKernel::shuffle(const Shuffle &op) {
  llvm::SmallVector<Value *> lanes;
  for (const Expr &vector : op.vectors) {
    Value *value = expr(vector);
    for (int lane = 0; lane < vector.type().lanes(); ++lane)
      lanes.push_back(
          vector.type().is_scalar() ? value : builder.CreateExtractElement(value, uint64_t(lane)));
  }
  if (op.indices.size() == 1)
    return lanes[size_t(op.indices.front())];
  Value *result = llvm::PoisonValue::get(typeOf(op.type));
  for (auto [lane, index] : llvm::enumerate(op.indices))
    result = builder.CreateInsertElement(result, lanes[size_t(index)], uint64_t(lane));
  return result;
}

//===--- Calls --------------------------------------------------------------------------------===//

llvm::Value *LoweredKernel::call(const Call &op) {
  if (op.is_strict_float_intrinsic())
    return expr(unstrictify_float(&op));
  if (op.name == kFma) {
    Value *a = expr(op.args[0]), *b = expr(op.args[1]);
    return fma(a, b, expr(op.args[2]));
  }
  if (op.name == "is_nan_f32") {
    Value *number = expr(op.args[0]);
    return builder.CreateFCmpUNO(number, number);
  }
  if (op.name == "sqrt_f32")
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, expr(op.args[0]));
  return intrinsic(op);
}

llvm::Value *LoweredKernel::intrinsic(const Call &op) {
  if (op.is_tag() || op.is_intrinsic({Call::promise_clamped, Call::unsafe_promise_clamped}))
    return expr(op.args[0]);
  if (op.is_intrinsic(Call::abs) && op.type.is_float())
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, expr(op.args[0]));
  if (op.is_intrinsic(Call::round))
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, expr(op.args[0]));
  if (op.is_intrinsic(Call::bitwise_not))
    return builder.CreateNot(expr(op.args[0]));
  if (op.args.size() != 2 || op.type.is_float())
    return refuse("a call of " + op.name, op.type);
  Value *a = expr(op.args[0]), *b = expr(op.args[1]);
  if (op.is_intrinsic(Call::bitwise_and))
    return builder.CreateAnd(a, b);
  if (op.is_intrinsic(Call::bitwise_or))
    return builder.CreateOr(a, b);
  if (op.is_intrinsic(Call::bitwise_xor))
    return builder.CreateXor(a, b);
  // Kernels shift by constants alone.
  const llvm::APInt *distance = nullptr;
  bool isConstant = llvm::PatternMatch::match(b, llvm::PatternMatch::m_APInt(distance)) &&
                    distance->ult(unsigned(op.type.bits()));
  if (isConstant && op.is_intrinsic(Call::shift_left))
    return builder.CreateShl(a, b);
  if (isConstant && op.is_intrinsic(Call::shift_right))
    return op.type.is_int() ? builder.CreateAShr(a, b) : builder.CreateLShr(a, b);
  return refuse("a call of " + op.name, op.type);
}

} // namespace ccm
