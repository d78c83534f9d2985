// SPDX-License-Identifier: Apache-2.0
// The bits of a value do not depend on what it is computed with, nor on how many at once.
#include "tests/support/KernelHarness.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

namespace {

using Numbers = std::vector<float>;
using Form = std::function<Value(NestBuilder &, ValueRange)>;

int64_t elementsOf(Type type) { return cast<ShapedType>(type).getNumElements(); }

/// Numbers in (-4, 4), the same for equal arguments.
Numbers numbers(int64_t count, uint32_t seed) {
  Numbers values;
  for (int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    values.push_back(float(int32_t(seed)) * 0x1p-29f);
  }
  return values;
}

/// The one result of a kernel of `form` for operands of `shapes`.
Numbers compute(const Target &target, ArrayRef<SmallVector<int64_t>> shapes, const Form &form,
                std::vector<Numbers> operands) {
  KernelFixture fixture;
  SmallVector<Type> types;
  for (ArrayRef<int64_t> shape : shapes)
    types.push_back(fixture.tensor(shape));
  KernelOp kernel = fixture.build(
      types, [&](NestBuilder &b, ValueRange in) { return SmallVector<Value>{form(b, in)}; });
  auto object = emitKernel(kernel, target, "kernel");
  EXPECT_TRUE(succeeded(object));
  EXPECT_EQ(object->schedule.find("plain, because"), std::string::npos) << object->schedule;
  Numbers result(size_t(elementsOf(kernel.getOutputs()[0].getType())));
  SmallVector<void *> hosts;
  for (const KernelArgument &argument : object->arguments)
    hosts.push_back(argument.isResult ? result.data() : operands[argument.number].data());
  LoadedKernel(*object).call(hosts);
  return result;
}

void expectSameBits(const Numbers &expected, const Numbers &found, size_t offset = 0) {
  ASSERT_LE(offset + found.size(), expected.size());
  size_t different = 0;
  for (size_t i = 0; i < found.size(); ++i)
    different += std::memcmp(&expected[offset + i], &found[i], sizeof(float)) != 0;
  EXPECT_EQ(different, 0u) << "of " << found.size();
}

struct Formula {
  const char *name;
  Scalar (*value)(Scalar);
};

Scalar logistic(Scalar x) { return 1.0 / (1.0 + exp(-x)); }

const Formula kFormulas[] = {
    {"shifted product", [](Scalar x) { return x * x + x * 0.3; }},
    {"silu", [](Scalar x) { return x * logistic(x); }},
    {"gelu", [](Scalar x) { return x * (0.5 + 0.5 * tanh(x * (0.8 + x * x * 0.035))); }},
    {"relu", [](Scalar x) { return max(x, 0.0); }},
    {"softplus", [](Scalar x) { return log(1.0 + exp(x)); }},
    {"norm", [](Scalar x) { return x * rsqrt(x * x + 1e-5); }},
};

struct Reader {
  const char *name;
  Form form; ///< of a value of [24, 32] and an operand of [32, 16]
};

Scalar product(ArrayRef<Scalar> s) { return s[0] * s[1]; }
Scalar first(ArrayRef<Scalar> s) { return s[0]; }

const Reader kReaders[] = {
    {"factor and term",
     [](NestBuilder &b, ValueRange in) {
       return b.map("r c -> r c", in[0], [](ArrayRef<Scalar> s) { return s[0] * 1.7 + 0.1; });
     }},
    {"product",
     [](NestBuilder &b, ValueRange in) { return b.contract("r k, k v -> r v", in[0], in[1]); }},
    {"row sum",
     [](NestBuilder &b, ValueRange in) { return b.sum("r c, r c -> r", {in[0], in[0]}, product); }},
    {"column sum", [](NestBuilder &b, ValueRange in) { return b.sum("r c -> c", in[0], first); }},
};

} // namespace

TEST(OneNumber, KeptOrComputedAgain) {
  const SmallVector<int64_t> shape{24, 32}, other{32, 16};
  for (const Target &target : targets())
    for (const Formula &formula : kFormulas)
      for (const Reader &reader : kReaders) {
        if (!isRunnable(target))
          continue;
        SCOPED_TRACE(std::string(formula.name) + ", " + reader.name);
        Form alone = [&](NestBuilder &b, ValueRange in) {
          return b.map("r c -> r c", in[0],
                       [&](ArrayRef<Scalar> s) { return formula.value(s[0]); });
        };
        Form together = [&](NestBuilder &b, ValueRange in) {
          SmallVector<Value> read{alone(b, in), in[1]};
          return reader.form(b, read);
        };
        Numbers x = numbers(24 * 32, 1), w = numbers(32 * 16, 2);
        Numbers kept = compute(target, {shape, other}, alone, {x, w});
        expectSameBits(compute(target, {shape, other}, reader.form, {kept, w}),
                       compute(target, {shape, other}, together, {x, w}));
      }
}

/// Rows of [r, 48] with an operand of [2, 48, 16].
static const Reader kRows[] = {
    {"dense and gelu",
     [](NestBuilder &b, ValueRange in) {
       Value sums = b.contract("r k, n k v -> r n v", in[0], in[1]);
       return b.map("r n v -> r n v", sums,
                    [](ArrayRef<Scalar> s) { return kFormulas[2].value(s[0]); });
     }},
    {"softmax",
     [](NestBuilder &b, ValueRange in) {
       Value top = b.maximum("r c -> r", in[0], first);
       Value power = b.map("r c, r -> r c", {in[0], top},
                           [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
       Value total = b.sum("r c -> r", power, first);
       return b.map("r c, r -> r c", {power, total},
                    [](ArrayRef<Scalar> s) { return s[0] / s[1]; });
     }},
    {"one number a row",
     [](NestBuilder &b, ValueRange in) { return b.sum("r c, r c -> r", {in[0], in[0]}, product); }},
};

TEST(OneNumber, AloneOrInABlock) {
  constexpr int64_t kMost = 33;
  for (const Target &target : targets())
    for (const Reader &form : kRows) {
      if (!isRunnable(target))
        continue;
      SCOPED_TRACE(form.name);
      Numbers x = numbers(kMost * 48, 3), w = numbers(2 * 48 * 16, 4);
      Numbers whole = compute(target, {{kMost, 48}, {2, 48, 16}}, form.form, {x, w});
      size_t row = whole.size() / kMost;
      for (int64_t rows : {1, 2, 3, 8, 16, 17}) {
        size_t at = size_t(kMost - rows);
        Numbers part(x.begin() + int64_t(at) * 48, x.end());
        expectSameBits(whole, compute(target, {{rows, 48}, {2, 48, 16}}, form.form, {part, w}),
                       at * row);
      }
    }
}
