// SPDX-License-Identifier: Apache-2.0
// Nests compute what descriptions say: primitives, losses and optimizers against plain formulas,
// and compositions against other compositions of the same meaning.
#include "tests/laws/Cases.h"
#include "tests/laws/Expression.h"
#include "tests/laws/Formulas.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;

namespace ccm::laws {
namespace {

/// Formulas have 64-bit mantissas: their own rounding, over at most 2^10 terms of a similar size,
/// is below one unit of f64.
template <typename Values>
void expectWithin(const Bounded &result, const Values &expected) {
  ASSERT_EQ(result.value.data.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_LE(std::fabs(result.value.data[i] - (long double)expected[i]),
              result.error.data[i] + std::fabs((long double)expected[i]) * 0x1p-53L)
        << "element " << i << ": " << result.value.data[i] << ", expected " << double(expected[i]);
}

std::vector<Array> drawn(func::FuncOp source, int64_t batch) {
  Numbers numbers(source.getName());
  std::vector<Array> arguments;
  for (unsigned i = 0; i < source.getNumArguments(); ++i)
    arguments.push_back(numbers.argument(source, i, batch));
  return arguments;
}

LogicalResult emit(ModuleOp target, func::FuncOp source, int64_t batch) {
  std::string name = (source.getName() + "_run").str();
  Operation *op = primitiveOf(source);
  return op && isa<LossOpInterface>(op) ? emitLoss(target, source, batch, name, 1.0)
                                        : emitForward(target, source, batch, name);
}

/// What a case's formula gives, elementwise; else what the primitive means by `Formulas.cpp`.
std::optional<std::vector<long double>>
expectedOf(func::FuncOp source, const std::vector<Array> &arguments, const Array &like) {
  auto formula = source->getAttrOfType<StringAttr>("formula");
  if (!formula)
    return evaluate(primitiveOf(source), arguments, like);
  std::vector<long double> values;
  for (double element : arguments[0].data) {
    auto value = evaluate(formula.getValue(), element);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

constexpr int64_t kBatch = 2;

class Formulas : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    cases = parseCases(GetParam());
    ASSERT_TRUE(cases);
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context()));
    for (auto source : cases->getOps<func::FuncOp>())
      ASSERT_TRUE(succeeded(emit(*module, source, kBatch)));
    reference = Reference::create(std::move(module));
    ASSERT_TRUE(reference);
  }

  Bounded run(func::FuncOp source, const std::vector<Array> &arguments) {
    return reference->run((source.getName() + "_run").str(), arguments)[0];
  }

  /// A primitive against its formula.
  void checkFormula(func::FuncOp source) {
    SCOPED_TRACE(source.getName().str());
    auto arguments = drawn(source, kBatch);
    Bounded result = run(source, arguments);
    auto expected = expectedOf(source, arguments, result.value);
    ASSERT_TRUE(expected) << "no formula for " << source.getName().str();
    expectWithin(result, *expected);
  }

  /// A composition against the one named "<name>_again": arguments have the same elements.
  void checkIdentity(func::FuncOp source, func::FuncOp again) {
    SCOPED_TRACE(source.getName().str());
    auto arguments = drawn(source, kBatch), same = drawn(again, kBatch);
    for (auto [from, to] : llvm::zip_equal(arguments, same)) {
      ASSERT_EQ(from.data.size(), to.data.size());
      to.data = from.data;
    }
    Bounded left = run(source, arguments), right = run(again, same);
    ASSERT_EQ(left.value.data.size(), right.value.data.size());
    for (size_t i = 0; i < left.value.data.size(); ++i)
      EXPECT_LE(std::fabs(left.value.data[i] - right.value.data[i]),
                left.error.data[i] + right.error.data[i]);
  }

  OwningOpRef<ModuleOp> cases;
  std::unique_ptr<Reference> reference;
};

TEST_P(Formulas, HoldForNests) {
  for (auto source : cases->getOps<func::FuncOp>()) {
    std::string name = source.getName().str();
    if (auto again = cases->lookupSymbol<func::FuncOp>(name + "_again"))
      checkIdentity(source, again);
    else if (primitiveOf(source))
      checkFormula(source);
  }
}

std::string fileName(const testing::TestParamInfo<std::string> &info) {
  StringRef stem = StringRef(info.param).rsplit('/').second;
  return stem.drop_back(StringRef(".mlir").size()).str();
}

INSTANTIATE_TEST_SUITE_P(Cases, Formulas, testing::ValuesIn(caseFiles()), fileName);

TEST(Expressions, AreComputed) {
  EXPECT_EQ(evaluate("1 + 2 * x - -x / 4", 2.0L), 5.5L);
  EXPECT_EQ(evaluate("max(x, 0.5) * (x - 1)", 0.25L), -0.375L);
  EXPECT_EQ(evaluate("log(exp(abs(-x)))", 1.0L), 1.0L);
  for (const char *wrong : {"", "1 +", "(x", "x)", "sin(x)", "max(x)", "y", "2 x"})
    EXPECT_FALSE(evaluate(wrong, 1.0L)) << wrong;
}

//===--- Optimizers ---------------------------------------------------------------------------===//

using Real = long double;

/// Operands of one element's update and the numbers of the step.
struct Element {
  Real p, d, s0, s1;
  Real rate, correction1, correction2, decay;
};

Real f32(double number) { return float(number); }

std::vector<Real> adam(const Element &e, Real weightDecay) {
  Real m = f32(0.9) * e.s0 + f32(1 - 0.9) * e.d;
  Real v = f32(0.999) * e.s1 + f32(1 - 0.999) * e.d * e.d;
  Real step = m * e.correction1 / (std::sqrt(v * e.correction2) + f32(1e-8));
  return {e.p - e.rate * e.decay * weightDecay * e.p + e.rate * step, m, v};
}

std::optional<std::vector<Real>> updated(StringRef optimizer, const Element &e) {
  if (optimizer == "ccm.sgd")
    return std::vector<Real>{e.p + e.rate * e.d};
  if (optimizer == "ccm.momentum")
    return std::vector<Real>{e.p + e.rate * (f32(0.9) * e.s0 + e.d), f32(0.9) * e.s0 + e.d};
  if (optimizer == "ccm.adam")
    return adam(e, 0);
  if (optimizer == "ccm.adamw")
    return adam(e, f32(0.3));
  return std::nullopt;
}

void checkOptimizer(OptimizerOpInterface optimizer, double decay) {
  constexpr int64_t kCount = 13;
  StringRef name = optimizer->getName().getStringRef();
  SCOPED_TRACE(name.str());
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context()));
  ASSERT_TRUE(succeeded(emitUpdate(*module, optimizer, kCount, "update")));
  auto reference = Reference::create(std::move(module));
  ASSERT_TRUE(reference);
  Numbers numbers(name);
  Array like{{kCount}, std::vector<double>(kCount), false};
  std::vector<Array> arguments{numbers.values(like), numbers.values(like)};
  for (unsigned state = 0; state < optimizer.getStateCount(); ++state) {
    arguments.push_back(numbers.values(like));
    for (double &moment : arguments.back().data)
      moment = std::fabs(moment);
  }
  arguments.push_back({{4}, {0.125, 1.75, 3.5, decay}, false});
  auto results = reference->run("update", arguments);
  std::vector<std::vector<Real>> expected(results.size());
  for (int64_t i = 0; i < kCount; ++i) {
    auto state = [&](unsigned n) {
      return n < optimizer.getStateCount() ? arguments[2 + n].data[i] : 0;
    };
    auto values = updated(name, {arguments[0].data[i], arguments[1].data[i], state(0), state(1),
                                 0.125, 1.75, 3.5, decay});
    ASSERT_TRUE(values) << "no formula for " << name.str();
    ASSERT_EQ(values->size(), results.size());
    for (size_t n = 0; n < values->size(); ++n)
      expected[n].push_back((*values)[n]);
  }
  for (size_t n = 0; n < results.size(); ++n)
    expectWithin(results[n], expected[n]);
}

TEST(Optimizers, FollowTheirFormulas) {
  unsigned count = 0;
  for (RegisteredOperationName name : context().getRegisteredOperations())
    if (name.hasInterface<OptimizerOpInterface>()) {
      OperationState state(UnknownLoc::get(&context()), name);
      Operation *op = Operation::create(state);
      checkOptimizer(cast<OptimizerOpInterface>(op), 1.0);
      checkOptimizer(cast<OptimizerOpInterface>(op), 0.0);
      op->destroy();
      ++count;
    }
  EXPECT_GE(count, 4u);
}

} // namespace
} // namespace ccm::laws
