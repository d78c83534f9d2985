// SPDX-License-Identifier: Apache-2.0
// Sums of products over packed panels: forward, backward, epilogues, chains, accumulation.
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static Scalar bias(ArrayRef<Scalar> s) { return s[0] + s[1]; }
static Scalar biasRelu(ArrayRef<Scalar> s) { return max(s[0] + s[1], 0.0); }

/// rows x inputs times panels of `width` outputs, plus bias, rectified.
static KernelOp dense(KernelFixture &fixture, int64_t rows, int64_t inputs, int64_t panels,
                      int64_t width) {
  return fixture.build({fixture.tensor({rows, inputs}), fixture.tensor({panels, inputs, width}),
                        fixture.tensor({panels, width})},
                       [](NestBuilder &b, ValueRange in) {
                         Value sums = b.contract("r k, n k v -> r n v", in[0], in[1]);
                         return SmallVector<Value>{
                             b.map("r n v, n v -> r n v", {sums, in[2]}, biasRelu)};
                       });
}

TEST(ProductKernels, DenseOfAnyExtent) {
  for (int64_t rows : {1, 2, 7, 8, 12, 13, 37, 64})
    for (auto [inputs, panels, width] :
         {std::array<int64_t, 3>{1, 1, 16}, {3, 2, 16}, {17, 1, 32}, {20, 3, 48}, {64, 2, 64}}) {
      SCOPED_TRACE(std::to_string(rows) + " " + std::to_string(inputs) + " " +
                   std::to_string(panels) + " " + std::to_string(width));
      KernelFixture fixture;
      checkKernel(dense(fixture, rows, inputs, panels, width), {.schedule = "contraction"});
    }
}

/// A panel width that no vector divides.
TEST(ProductKernels, OddWidths) {
  for (int64_t width : {1, 2, 5, 10, 23, 49}) {
    SCOPED_TRACE(width);
    KernelFixture fixture;
    checkKernel(dense(fixture, 13, 9, 2, width));
  }
}

TEST(ProductKernels, KeepsWhatComesBeforeTheActivation) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({21, 32}), fixture.tensor({2, 32, 32}),
                             fixture.tensor({2, 32}), fixture.tensor({21, 2, 32})},
                            [](NestBuilder &b, ValueRange in) {
                              Value sums = b.contract("r k, n k v -> r n v", in[0], in[1]);
                              Value before = b.map("r n v, n v -> r n v", {sums, in[2]}, bias);
                              Value y = b.map("r n v, r n v -> r n v", {before, in[3]},
                                              [](ArrayRef<Scalar> s) {
                                                return s[0] * (0.5 + 0.5 * tanh(s[0])) + s[1];
                                              });
                              return SmallVector<Value>{b.reshape(y, {21, 64}), before};
                            }));
}

TEST(ProductKernels, AddsInPlace) {
  for (auto [rows, inputs, panels, width] : {std::array<int64_t, 4>{8, 13, 1, 16},
                                             {1, 7, 2, 32},
                                             {64, 112, 2, 64},
                                             {30, 32, 3, 48},
                                             {512, 24, 1, 16}}) {
    KernelFixture fixture;
    KernelOp kernel =
        fixture.build({fixture.tensor({rows, inputs}), fixture.tensor({rows, panels, width}),
                       fixture.tensor({panels, inputs, width}), fixture.tensor({panels * width})},
                      [&](NestBuilder &b, ValueRange in) {
                        Value weights = b.contract("r k, r n v -> n k v", in[0], in[1], in[2]);
                        Value start = b.reshape(in[3], {panels, width});
                        Value delta = b.sum(
                            "r n v -> n v", in[1], [](ArrayRef<Scalar> s) { return s[0]; }, start);
                        return SmallVector<Value>{weights, b.reshape(delta, {panels * width})};
                      });
    EXPECT_EQ(kernel.getInPlaceOperand(0), 2u);
    checkKernel(kernel);
  }
}

TEST(ProductKernels, ChainsTwoProducts) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({30, 20}), fixture.tensor({2, 20, 16}),
                             fixture.tensor({30, 7}), fixture.tensor({2, 7, 16})},
                            [](NestBuilder &b, ValueRange in) {
                              Value one = b.contract("r k, n k v -> r n v", in[0], in[1]);
                              Value two = b.contract("r k, n k v -> r n v", in[2], in[3], one);
                              return SmallVector<Value>{
                                  b.map("r n v -> r n v", two,
                                        [](ArrayRef<Scalar> s) { return max(s[0], 0.0); })};
                            }));
}

TEST(ProductKernels, Batched) {
  for (int64_t tokens : {1, 5, 16, 49}) {
    SCOPED_TRACE(tokens);
    KernelFixture fixture;
    checkKernel(fixture.build(
        {fixture.tensor({2, tokens, 3, 8}), fixture.tensor({2, 3, 8, tokens})},
        [](NestBuilder &b, ValueRange in) {
          return SmallVector<Value>{b.contract("b i h d, b h d j -> b h i j", in[0], in[1])};
        }));
  }
}

/// The operand with the lanes does not hold them side by side.
TEST(ProductKernels, TransposedOperand) {
  for (int64_t tokens : {5, 16, 49}) {
    KernelFixture fixture;
    checkKernel(fixture.build(
        {fixture.tensor({2, tokens, 3, 8}), fixture.tensor({2, tokens, 3, 8})},
        [](NestBuilder &b, ValueRange in) {
          return SmallVector<Value>{b.contract("b i h d, b j h d -> b h i j", in[0], in[1])};
        }));
  }
}

TEST(ProductKernels, ReadsBytes) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({9, 28}, 'b'), fixture.tensor({1, 28, 32})},
                            [](NestBuilder &b, ValueRange in) {
                              return SmallVector<Value>{
                                  b.sum("r k, n k v -> r n v", in, [](ArrayRef<Scalar> s) {
                                    return toFloat(s[0]) * (1.0 / 255.0) * s[1];
                                  })};
                            }));
}

TEST(ProductKernels, RowMajorWeights) {
  KernelFixture fixture;
  checkKernel(fixture.build(
      {fixture.tensor({19, 70}), fixture.tensor({70, 40})}, [](NestBuilder &b, ValueRange in) {
        return SmallVector<Value>{b.contract("r k, k o -> r o", in[0], in[1])};
      }));
}

/// What feeds a product is computed once, not for every use.
TEST(ProductKernels, Prologue) {
  KernelFixture fixture;
  checkKernel(fixture.build(
      {fixture.tensor({19, 30}), fixture.tensor({2, 30, 32})}, [](NestBuilder &b, ValueRange in) {
        Value x = b.map("r k -> r k", in[0], [](ArrayRef<Scalar> s) { return tanh(s[0]) * 2.0; });
        return SmallVector<Value>{b.contract("r k, n k v -> r n v", x, in[1])};
      }));
}
