// SPDX-License-Identifier: Apache-2.0
// Gathers, scatters, and kernels of several stages.
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static Scalar first(ArrayRef<Scalar> s) { return s[0]; }

TEST(IndexKernels, Gather) {
  for (int64_t width : {1, 7, 16, 100}) {
    KernelFixture fixture;
    checkKernel(
        fixture.build(
            {fixture.tensor({3, 5}, 'i'), fixture.tensor({11, width}), fixture.tensor({5, width})},
            [](NestBuilder &b, ValueRange in) {
              Value rows = b.gather("b t -> b t c", in[0], in[1]);
              return SmallVector<Value>{b.map("b t c, t c -> b t c", {rows, in[2]},
                                              [](ArrayRef<Scalar> s) { return s[0] + s[1]; })};
            }),
        {.indexLimit = 11});
  }
}

TEST(IndexKernels, ScatterInPlace) {
  for (int64_t width : {1, 7, 16, 48, 100}) {
    KernelFixture fixture;
    checkKernel(fixture.build({fixture.tensor({3, 5}, 'i'), fixture.tensor({3, 5, width}),
                               fixture.tensor({11, width})},
                              [](NestBuilder &b, ValueRange in) {
                                return SmallVector<Value>{
                                    b.scatterAdd("b t, b t c -> v c", in[0], in[1], in[2])};
                              }),
                {.indexLimit = 11, .schedule = "scatter"});
  }
}

TEST(IndexKernels, ScatterIntoNewBuffer) {
  for (int64_t width : {20, 48}) {
    KernelFixture fixture;
    checkKernel(fixture.build({fixture.tensor({9}, 'i'), fixture.tensor({9, width})},
                              [&](NestBuilder &b, ValueRange in) {
                                return SmallVector<Value>{b.scatterAdd(
                                    "t, t c -> v c", in[0], in[1], b.fill({5, width}, 0.0))};
                              }),
                {.indexLimit = 5, .schedule = "scatter"});
  }
}

/// Rows outside the table count for nothing and touch nothing.
TEST(IndexKernels, ScatterIgnoresIndicesOutside) {
  KernelFixture fixture;
  checkKernel(
      fixture.build({fixture.tensor({9}, 'i'), fixture.tensor({9, 20}), fixture.tensor({6, 20})},
                    [](NestBuilder &b, ValueRange in) {
                      return SmallVector<Value>{b.scatterAdd("t, t c -> v c", in[0], in[1], in[2])};
                    }),
      {.indexLimit = 1 << 20});
}

TEST(IndexKernels, MaxPoolAndItsDelta) {
  KernelFixture fixture;
  NestBuilder::Sizes sizes;
  sizes["j"] = sizes["i"] = 2;
  sizes["y"] = sizes["x"] = 4;
  checkKernel(fixture.build(
      {fixture.tensor({8, 8, 24}), fixture.tensor({4, 4, 24})}, [&](NestBuilder &b, ValueRange in) {
        Value top = b.maximum("y*2+j x*2+i c -> y x c", in[0], first, sizes);
        Value dx = b.map(
            "y*2+j x*2+i c, y x c, y x c -> y j x i c", {in[0], top, in[1]},
            [](ArrayRef<Scalar> s) { return select(s[0] < s[1], 0.0, s[2]); }, sizes);
        return SmallVector<Value>{top, b.reshape(dx, {8, 8, 24})};
      }));
}

/// Scores, softmax and the weighted values of every head in one kernel.
TEST(IndexKernels, Attention) {
  for (int64_t tokens : {1, 5, 16, 49, 64}) {
    SCOPED_TRACE(tokens);
    KernelFixture fixture;
    Type type = fixture.tensor({2, tokens, 3, 16});
    checkKernel(fixture.build({type, type, type}, [](NestBuilder &b, ValueRange in) {
      Value turned =
          b.map("b i h d -> b h d i", in[0], [](ArrayRef<Scalar> s) { return s[0] * 0.25; });
      Value scores = b.contract("b j h d, b h d i -> b h j i", in[1], turned);
      Value top = b.maximum("b h j i -> b h i", scores, first);
      Value power = b.map("b h j i, b h i -> b h j i", {scores, top},
                          [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
      Value total = b.sum("b h j i -> b h i", power, first);
      Value factor = b.map("b h i -> b h i", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
      Value sums = b.contract("b h j i, b j h d -> b i h d", power, in[2]);
      return SmallVector<Value>{b.map("b i h d, b h i -> b i h d", {sums, factor},
                                      [](ArrayRef<Scalar> s) { return s[0] * s[1]; })};
    }));
  }
}

/// A later result reads an earlier one of another shape.
TEST(IndexKernels, ResultsThatReadResults) {
  KernelFixture fixture;
  checkKernel(fixture.build(
      {fixture.tensor({7, 20}), fixture.tensor({1, 20, 32})}, [](NestBuilder &b, ValueRange in) {
        Value y = b.contract("r k, n k v -> r n v", in[0], in[1]);
        Value norm = b.sum("r n v -> r", y, [](ArrayRef<Scalar> s) { return s[0] * s[0]; });
        return SmallVector<Value>{y, norm, b.sum("r -> ", norm, first)};
      }));
}

/// A buffer too large for the stack is not kept.
TEST(IndexKernels, LargeIntermediates) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({40, 3000})}, [](NestBuilder &b, ValueRange in) {
    Value power = b.map("r c -> r c", in[0], [](ArrayRef<Scalar> s) { return exp(s[0]); });
    Value columns = b.sum("r c -> c", power, first);
    return SmallVector<Value>{
        b.map("r c, c -> r c", {power, columns}, [](ArrayRef<Scalar> s) { return s[0] / s[1]; })};
  }));
}
