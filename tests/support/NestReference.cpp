// SPDX-License-Identifier: Apache-2.0
// Naive evaluation of loop nests.
#include "tests/support/NestReference.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace ccm::test {

namespace {

using Shape = ArrayRef<int64_t>;

Shape shapeOfValue(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// Steps an index through a shape in row-major order. False at the end.
bool advance(MutableArrayRef<int64_t> index, Shape shape) {
  for (size_t dim = shape.size(); dim-- > 0;) {
    if (++index[dim] < shape[dim])
      return true;
    index[dim] = 0;
  }
  return false;
}

int64_t flatten(ArrayRef<int64_t> index, Shape shape) {
  int64_t at = 0;
  for (auto [i, extent] : llvm::zip(index, shape))
    at = at * extent + i;
  return at;
}

/// One operation of a body: reads three registers (unused ones are any) and writes one.
struct Step {
  double (*apply)(double, double, double) = nullptr;
  unsigned operands[3] = {0, 0, 0};
  unsigned result = 0;
  int loop = -1;                   ///< `linalg.index`: the loop
  const Elements *table = nullptr; ///< `tensor.extract`: what from
  SmallVector<int64_t> shape;      ///< of the table
  SmallVector<unsigned> tableIndices;
};

using Formula = double (*)(double, double, double);

Formula comparison(int64_t predicate, bool isFloat) {
  static const Formula equal = [](double a, double b, double) { return double(a == b); };
  static const Formula unequal = [](double a, double b, double) { return double(a != b); };
  static const Formula greater = [](double a, double b, double) { return double(a > b); };
  static const Formula greaterEqual = [](double a, double b, double) { return double(a >= b); };
  static const Formula less = [](double a, double b, double) { return double(a < b); };
  static const Formula lessEqual = [](double a, double b, double) { return double(a <= b); };
  static const Formula ordered = [](double a, double b, double) {
    return double(!std::isnan(a) && !std::isnan(b));
  };
  if (isFloat)
    switch (arith::CmpFPredicate(predicate)) {
    case arith::CmpFPredicate::ORD:
      return ordered;
    case arith::CmpFPredicate::OEQ:
      return equal;
    case arith::CmpFPredicate::OGT:
      return greater;
    case arith::CmpFPredicate::OGE:
      return greaterEqual;
    case arith::CmpFPredicate::OLT:
      return less;
    case arith::CmpFPredicate::OLE:
      return lessEqual;
    default:
      return nullptr;
    }
  switch (arith::CmpIPredicate(predicate)) {
  case arith::CmpIPredicate::eq:
    return equal;
  case arith::CmpIPredicate::ne:
    return unequal;
  case arith::CmpIPredicate::sgt:
    return greater;
  case arith::CmpIPredicate::sge:
    return greaterEqual;
  case arith::CmpIPredicate::slt:
    return less;
  case arith::CmpIPredicate::sle:
    return lessEqual;
  default:
    return nullptr;
  }
}

Formula formulaOf(Operation *op) {
  using namespace arith;
  using namespace math;
  return llvm::TypeSwitch<Operation *, Formula>(op)
      .Case<AddFOp, AddIOp>([](auto) { return [](double a, double b, double) { return a + b; }; })
      .Case<SubFOp, SubIOp>([](auto) { return [](double a, double b, double) { return a - b; }; })
      .Case<MulFOp, MulIOp>([](auto) { return [](double a, double b, double) { return a * b; }; })
      .Case<DivFOp>([](auto) { return [](double a, double b, double) { return a / b; }; })
      .Case<NegFOp>([](auto) { return [](double a, double, double) { return -a; }; })
      .Case<MaximumFOp>(
          [](auto) { return [](double a, double b, double) { return a > b ? a : b; }; })
      .Case<MinimumFOp>(
          [](auto) { return [](double a, double b, double) { return a < b ? a : b; }; })
      .Case<AndIOp>([](auto) { return [](double a, double b, double) { return double(a && b); }; })
      .Case<SelectOp>(
          [](auto) { return [](double a, double b, double c) { return a != 0 ? b : c; }; })
      .Case<CmpFOp>([](auto o) { return comparison(int64_t(o.getPredicate()), true); })
      .Case<CmpIOp>([](auto o) { return comparison(int64_t(o.getPredicate()), false); })
      .Case<IndexCastOp, SIToFPOp, UIToFPOp>(
          [](auto) { return [](double a, double, double) { return a; }; })
      .Case<ExpOp>([](auto) { return [](double a, double, double) { return std::exp(a); }; })
      .Case<LogOp>([](auto) { return [](double a, double, double) { return std::log(a); }; })
      .Case<math::TanhOp>(
          [](auto) { return [](double a, double, double) { return std::tanh(a); }; })
      .Case<SqrtOp>([](auto) { return [](double a, double, double) { return std::sqrt(a); }; })
      .Case<RsqrtOp>([](auto) { return [](double a, double, double) { return 1 / std::sqrt(a); }; })
      .Case<AbsFOp>([](auto) { return [](double a, double, double) { return std::fabs(a); }; })
      .Default([](Operation *) { return nullptr; });
}

std::optional<double> numberOf(Attribute value) {
  if (auto splat = dyn_cast<SplatElementsAttr>(value))
    value = splat.getSplatValue<Attribute>();
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(value))
    return double(number.getInt());
  return std::nullopt;
}

class Evaluator {
public:
  LogicalResult run(Operation &op) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
        .Case<arith::ConstantOp>([&](auto o) { return fill(o, o.getValue()); })
        .Case<tensor::EmptyOp>([&](auto o) { return fill(o, Builder(&op).getF64FloatAttr(NAN)); })
        .Case<linalg::FillOp>([&](auto o) { return splat(o); })
        .Case<linalg::LinalgOp>([&](auto o) { return nest(o); })
        .Case<tensor::ExtractSliceOp>([&](auto o) { return slice(o); })
        .Case<tensor::PadOp>([&](auto o) { return pad(o); })
        .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp>([&](auto o) {
          values[o.getResult()] = values[o.getSrc()];
          return success();
        })
        .Default([](Operation *o) { return o->emitError("is not known to the reference"); });
  }

  struct Values {
    std::map<void *, Elements> map;
    Elements &operator[](Value value) { return map[value.getAsOpaquePointer()]; }
  } values;

private:
  LogicalResult fill(Operation *op, Attribute value) {
    auto number = numberOf(value);
    if (!number)
      return op->emitError("is not known to the reference");
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    values[op->getResult(0)].assign(type ? type.getNumElements() : 1, *number);
    return success();
  }

  LogicalResult splat(linalg::FillOp op) {
    double number = values[op.getInputs()[0]].front();
    Value result = op->getResult(0);
    values[result].assign(cast<RankedTensorType>(result.getType()).getNumElements(), number);
    return success();
  }

  LogicalResult slice(tensor::ExtractSliceOp op) {
    Shape from = op.getSourceType().getShape(), to = op.getStaticSizes();
    SmallVector<int64_t> index(to.size(), 0), at(to.size());
    Elements &result = values[op.getResult()];
    result.clear();
    do {
      for (size_t dim = 0; dim < to.size(); ++dim)
        at[dim] = index[dim] * op.getStaticStride(dim) + op.getStaticOffset(dim);
      result.push_back(values[op.getSource()][flatten(at, from)]);
    } while (advance(index, to));
    return success();
  }

  LogicalResult pad(tensor::PadOp op) {
    Shape from = op.getSourceType().getShape(), to = op.getType().getShape();
    double padding = values[op.getConstantPaddingValue()].front();
    SmallVector<int64_t> index(to.size(), 0), at(to.size());
    Elements &result = values[op.getResult()];
    result.clear();
    do {
      bool inside = true;
      for (size_t dim = 0; dim < to.size(); ++dim) {
        at[dim] = index[dim] - op.getStaticLow()[dim];
        inside &= at[dim] >= 0 && at[dim] < from[dim];
      }
      result.push_back(inside ? values[op.getSource()][flatten(at, from)] : padding);
    } while (advance(index, to));
    return success();
  }

  unsigned registerOf(Value value) {
    auto [at, isNew] = registers.try_emplace(value, contents.size());
    if (isNew) {
      contents.push_back(0);
      if (auto constant = value.getDefiningOp<arith::ConstantOp>())
        contents.back() = numberOf(constant.getValue()).value_or(NAN);
    }
    return at->second;
  }

  LogicalResult compile(Operation &op, SmallVector<Step> &steps) {
    Step step;
    if (isa<arith::ConstantOp>(op))
      return success();
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      step.loop = int(index.getDim());
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      step.table = &values[extract.getTensor()];
      step.shape = SmallVector<int64_t>(extract.getTensor().getType().getShape());
      for (Value at : extract.getIndices())
        step.tableIndices.push_back(registerOf(at));
    } else {
      step.apply = formulaOf(&op);
      if (!step.apply)
        return op.emitError("is not known to the reference");
      for (auto [number, operand] : llvm::enumerate(op.getOperands()))
        step.operands[number] = registerOf(operand);
    }
    step.result = registerOf(op.getResult(0));
    steps.push_back(step);
    return success();
  }

  double runStep(const Step &step, ArrayRef<int64_t> loops) {
    if (step.loop >= 0)
      return double(loops[step.loop]);
    if (step.table) {
      SmallVector<int64_t> at;
      for (unsigned index : step.tableIndices)
        at.push_back(int64_t(contents[index]));
      return (*step.table)[flatten(at, step.shape)];
    }
    return step.apply(contents[step.operands[0]], contents[step.operands[1]],
                      contents[step.operands[2]]);
  }

  LogicalResult nest(linalg::LinalgOp op) {
    registers.clear();
    contents.clear();
    SmallVector<Step> steps;
    for (Value argument : op.getBlock()->getArguments())
      registerOf(argument);
    for (Operation &inner : op.getBlock()->without_terminator())
      if (failed(compile(inner, steps)))
        return failure();
    for (Value value : op.getBlock()->getTerminator()->getOperands())
      registerOf(value);
    for (auto [init, result] : llvm::zip(op.getDpsInits(), op->getResults()))
      values[result] = values[init];
    loop(op, steps);
    return success();
  }

  void loop(linalg::LinalgOp op, ArrayRef<Step> steps) {
    SmallVector<int64_t> extents = op.getStaticLoopRanges(), loops(extents.size(), 0);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    unsigned inputs = op.getNumDpsInputs();
    std::vector<Elements *> tensors;
    for (Value value : op.getDpsInputs())
      tensors.push_back(&values[value]);
    for (Value value : op->getResults())
      tensors.push_back(&values[value]);
    SmallVector<int64_t> at(tensors.size());
    do {
      for (size_t number = 0; number < tensors.size(); ++number) {
        at[number] = flatten(maps[number].compose(loops), shapeOfValue(op->getOperand(number)));
        contents[number] = (*tensors[number])[at[number]];
      }
      for (const Step &step : steps)
        contents[step.result] = runStep(step, loops);
      for (auto [number, value] : llvm::enumerate(op.getBlock()->getTerminator()->getOperands()))
        (*tensors[inputs + number])[at[inputs + number]] = contents[registers.lookup(value)];
    } while (advance(loops, extents));
  }

  llvm::DenseMap<Value, unsigned> registers;
  std::vector<double> contents;
};

} // namespace

FailureOr<std::vector<Elements>> evaluateKernel(KernelOp kernel, ArrayRef<Elements> operands) {
  Evaluator evaluator;
  Block &block = kernel.getBody().front();
  for (auto [argument, elements] : llvm::zip(block.getArguments(), operands))
    evaluator.values[argument] = elements;
  for (Operation &op : block.without_terminator())
    if (failed(evaluator.run(op)))
      return failure();
  std::vector<Elements> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(evaluator.values[value]);
  return results;
}

} // namespace ccm::test
