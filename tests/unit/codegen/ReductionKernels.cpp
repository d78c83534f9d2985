// SPDX-License-Identifier: Apache-2.0
// Sums and maxima along rows and columns, and chains of them.
#include "nests/NestClass.h"
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static Scalar first(ArrayRef<Scalar> s) { return s[0]; }
static Scalar product(ArrayRef<Scalar> s) { return s[0] * s[1]; }

static const int64_t kExtents[] = {1, 2, 5, 8, 10, 16, 17, 49, 64, 100, 130, 256};

TEST(ReductionKernels, Rows) {
  for (int64_t rows : {1, 3, 8})
    for (int64_t columns : kExtents) {
      SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns));
      KernelFixture fixture;
      checkKernel(
          fixture.build({fixture.tensor({rows, columns})}, [](NestBuilder &b, ValueRange in) {
            return SmallVector<Value>{b.sum("r c -> r", in[0], first),
                                      b.maximum("r c -> r", in[0], first)};
          }));
    }
}

TEST(ReductionKernels, Columns) {
  for (int64_t rows : {1, 3, 64})
    for (int64_t columns : kExtents) {
      SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns));
      KernelFixture fixture;
      checkKernel(
          fixture.build({fixture.tensor({rows, columns})}, [](NestBuilder &b, ValueRange in) {
            return SmallVector<Value>{b.sum("r c -> c", in[0], first),
                                      b.maximum("r c -> c", in[0], first)};
          }));
    }
}

/// The most roundings that one term of a kernel's only nest goes through: those of its partial
/// result, the joins of partial results, and those of the sum of all runs, which are two where each
/// addition passes on what it lost.
static int64_t longestChain(KernelOp kernel) {
  int64_t longest = 0;
  kernel.walk([&](linalg::GenericOp op) {
    const Nest nest = *classify(op);
    const PartialSums &sums = nest.partial;
    longest = sums.steps + llvm::Log2_64(uint64_t(sums.width)) +
              (nest.isCompensated ? 2 : sums.blocks + sums.rest);
  });
  return longest;
}

/// A bias's delta over many rows errs as little as that chain lets it: each addition by half a unit
/// in the last place of what it gives, which is at most the whole where all terms are positive.
TEST(ReductionKernels, LongColumns) {
  for (auto [rows, columns] : {std::pair<int64_t, int64_t>(3500, 16), {3500, 64}, {3501, 256}}) {
    KernelFixture fixture;
    Type type = fixture.tensor({rows, columns});
    Elements terms = makeElements(type, 1, 8);
    for (double &term : terms)
      term = std::abs(term);
    KernelOp kernel = fixture.build({type}, [](NestBuilder &b, ValueRange in) {
      return SmallVector<Value>{b.sum("r c -> c", in[0], first)};
    });
    int64_t longest = longestChain(kernel);
    EXPECT_LE(longest, 40) << rows << " " << columns;
    checkKernel(kernel, {.tolerance = double(longest) * 0x1p-24,
                         .reference = double(rows) * 0x1p-24,
                         .operands = {terms}});
  }
}

TEST(ReductionKernels, WholeSamples) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({3, 7, 20}), fixture.tensor({3, 7, 20})},
                            [](NestBuilder &b, ValueRange in) {
                              return SmallVector<Value>{b.sum("n r c, n r c -> n", in, product),
                                                        b.sum("n r c -> c n", in[0], first),
                                                        b.sum("n r c -> r", in[0], first)};
                            }));
}

TEST(ReductionKernels, Softmax) {
  for (int64_t columns : kExtents) {
    SCOPED_TRACE(columns);
    KernelFixture fixture;
    checkKernel(fixture.build({fixture.tensor({5, columns})}, [](NestBuilder &b, ValueRange in) {
      Value top = b.maximum("r c -> r", in[0], first);
      Value power =
          b.map("r c, r -> r c", {in[0], top}, [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
      Value total = b.sum("r c -> r", power, first);
      Value factor = b.map("r -> r", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
      return SmallVector<Value>{b.map("r c, r -> r c", {power, factor}, product)};
    }));
  }
}

/// Softmax along a middle axis: lanes over the queries.
TEST(ReductionKernels, ColumnSoftmax) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({2, 9, 33})}, [](NestBuilder &b, ValueRange in) {
    Value top = b.maximum("h j i -> h i", in[0], first);
    Value power = b.map("h j i, h i -> h j i", {in[0], top},
                        [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
    Value total = b.sum("h j i -> h i", power, first);
    return SmallVector<Value>{b.map("h j i, h i -> h j i", {power, total},
                                    [](ArrayRef<Scalar> s) { return s[0] / s[1]; })};
  }));
}

static SmallVector<Value> statistics(NestBuilder &b, Value x, int64_t columns) {
  double scale = 1.0 / double(columns);
  Value sum = b.sum("r c -> r", x, first);
  Value mean = b.map("r -> r", sum, [&](ArrayRef<Scalar> s) { return s[0] * scale; });
  Value square = b.sum("r c, r -> r", {x, mean}, [](ArrayRef<Scalar> s) {
    Scalar d = s[0] - s[1];
    return d * d;
  });
  Value factor =
      b.map("r -> r", square, [&](ArrayRef<Scalar> s) { return rsqrt(s[0] * scale + 1e-5); });
  return {mean, factor};
}

TEST(ReductionKernels, LayerNorm) {
  for (auto [rows, columns] : {std::array<int64_t, 2>{1, 7}, {5, 16}, {8, 128}, {37, 50}}) {
    SCOPED_TRACE(columns);
    KernelFixture fixture;
    checkKernel(fixture.build(
        {fixture.tensor({rows, columns}), fixture.tensor({columns}), fixture.tensor({columns})},
        [&, columns = columns](NestBuilder &b, ValueRange in) {
          auto s = statistics(b, in[0], columns);
          return SmallVector<Value>{
              b.map("r c, r, r, c, c -> r c", {in[0], s[0], s[1], in[1], in[2]},
                    [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2] * s[3] + s[4]; }),
              s[0], s[1]};
        }));
  }
}

/// Input delta and both parameter deltas; the parameters' are added in place.
TEST(ReductionKernels, LayerNormBackward) {
  for (auto [rows, columns] : {std::array<int64_t, 2>{1, 7}, {5, 16}, {64, 128}, {37, 50}}) {
    SCOPED_TRACE(columns);
    KernelFixture fixture;
    double scale = 1.0 / double(columns);
    Type x = fixture.tensor({rows, columns}), g = fixture.tensor({columns});
    checkKernel(
        fixture.build({x, x, g, g, g}, [&, columns = columns](NestBuilder &b, ValueRange in) {
          auto s = statistics(b, in[0], columns);
          Value hat = b.map("r c, r, r -> r c", {in[0], s[0], s[1]},
                            [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2]; });
          Value scaled = b.map("r c, c -> r c", {in[1], in[2]}, product);
          Value mean = b.sum("r c -> r", scaled, [&](ArrayRef<Scalar> s) { return s[0] * scale; });
          Value along = b.sum("r c, r c -> r", {scaled, hat},
                              [&](ArrayRef<Scalar> s) { return s[0] * s[1] * scale; });
          Value dx = b.map("r c, r c, r, r, r -> r c", {scaled, hat, mean, along, s[1]},
                           [](ArrayRef<Scalar> s) { return (s[0] - s[2] - s[1] * s[3]) * s[4]; });
          return SmallVector<Value>{dx, b.sum("r c, r c -> c", {in[1], hat}, product, in[3]),
                                    b.sum("r c -> c", in[1], first, in[4])};
        }));
  }
}

/// Loss per sample and output delta in one kernel.
TEST(ReductionKernels, CrossEntropy) {
  for (int64_t classes : {2, 10, 16, 67}) {
    SCOPED_TRACE(classes);
    KernelFixture fixture;
    checkKernel(
        fixture.build(
            {fixture.tensor({6, classes}), fixture.tensor({6}, 'i')},
            [](NestBuilder &b, ValueRange in) {
              Value top = b.maximum("r c -> r", in[0], first);
              Value power = b.map("r c, r -> r c", {in[0], top},
                                  [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
              Value total = b.sum("r c -> r", power, first);
              Value picked = b.sum("r c, r, #c -> r", in, [](ArrayRef<Scalar> s) {
                return select(equal(toIndex(s[1]), s[2]), s[0], 0.0);
              });
              Value loss = b.map("r, r, r -> r", {top, total, picked},
                                 [](ArrayRef<Scalar> s) { return s[0] + log(s[1]) - s[2]; });
              Value rows = b.sum("n p -> n", b.reshape(loss, {2, 3}), first);
              Value delta =
                  b.map("r c, r, r, #c -> r c", {power, total, in[1]}, [](ArrayRef<Scalar> s) {
                    Scalar hit = select(equal(toIndex(s[2]), s[3]), s[0].constant(1.0), 0.0);
                    return hit - s[0] / s[1];
                  });
              return SmallVector<Value>{rows, delta};
            }),
        {.indexLimit = classes});
  }
}

TEST(ReductionKernels, MeanPool) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({2, 49, 24})}, [](NestBuilder &b, ValueRange in) {
    Value total = b.sum("b p c -> b c", in[0], first);
    return SmallVector<Value>{
        b.map("b c -> b c", total, [](ArrayRef<Scalar> s) { return s[0] * (1.0 / 49); })};
  }));
}

TEST(ReductionKernels, Windows) {
  for (int64_t channels : {1, 3, 16, 40}) {
    KernelFixture fixture;
    NestBuilder::Sizes sizes;
    sizes["j"] = sizes["i"] = 2;
    sizes["y"] = 3;
    sizes["x"] = 5;
    checkKernel(
        fixture.build({fixture.tensor({6, 10, channels})}, [&](NestBuilder &b, ValueRange in) {
          return SmallVector<Value>{b.maximum("y*2+j x*2+i c -> y x c", in[0], first, sizes)};
        }));
  }
}
