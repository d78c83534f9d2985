// SPDX-License-Identifier: Apache-2.0
// Kernels without reductions: formulas, broadcasts, views, several results, in place.
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static Scalar first(ArrayRef<Scalar> s) { return s[0]; }

/// Extents 1, primes, non-multiples of every vector width, multiples, and more than one vector.
static const int64_t kExtents[] = {1, 2, 3, 7, 8, 10, 16, 17, 31, 48, 49, 64, 100, 128};

TEST(ElementwiseKernels, EveryFormula) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build(
      {fixture.tensor({5, 49}), fixture.tensor({5, 49})}, [](NestBuilder &b, ValueRange in) {
        auto y = b.mapMany("r c, r c -> r c", in, [](ArrayRef<Scalar> s) {
          Scalar x = s[0] * 8.0, z = s[1];
          return SmallVector<Scalar>{exp(x),
                                     log(abs(x) + 0.001),
                                     tanh(x * 0.5),
                                     sqrt(abs(x)),
                                     rsqrt(abs(x) + 0.5),
                                     x / (z + 2.0),
                                     -min(x, z) + max(x, z),
                                     select(both(x > z, z < 0.25), x - z, z)};
        });
        return SmallVector<Value>(y);
      });
  checkKernel(kernel);
}

TEST(ElementwiseKernels, AccurateEverywhere) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build({fixture.tensor({256})}, [](NestBuilder &b, ValueRange in) {
    auto y = b.mapMany("c -> c", in, [](ArrayRef<Scalar> s) {
      return SmallVector<Scalar>{tanh(s[0] * 0.01), tanh(s[0] * 40.0),    tanh(s[0] * 1.5),
                                 exp(s[0] * 8.0),   log(abs(s[0]) + 0.9), log(abs(s[0]) * 1e-6)};
    });
    return SmallVector<Value>(y);
  });
  checkKernel(kernel, {.tolerance = 5e-7});
}

/// Far from zero exp is as exact as its argument's rounding allows, and it vanishes or stays
/// finite.
TEST(ElementwiseKernels, ExponentialsFarFromZero) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build({fixture.tensor({256})}, [](NestBuilder &b, ValueRange in) {
    auto y = b.mapMany("c -> c", in, [](ArrayRef<Scalar> s) {
      return SmallVector<Scalar>{exp(s[0] * 160.0), exp(s[0] * 1000.0 - 600.0),
                                 min(exp(s[0] * 1000.0 + 600.0), 1.0)};
    });
    return SmallVector<Value>(y);
  });
  checkKernel(kernel, {.tolerance = 1e-5});
}

TEST(ElementwiseKernels, AnyExtent) {
  for (int64_t rows : {1, 3})
    for (int64_t columns : kExtents) {
      SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns));
      KernelFixture fixture;
      checkKernel(fixture.build({fixture.tensor({rows, columns}), fixture.tensor({columns})},
                                [](NestBuilder &b, ValueRange in) {
                                  return SmallVector<Value>{
                                      b.map("r c, c -> r c", in, [](ArrayRef<Scalar> s) {
                                        return max(s[0] + s[1], 0.0);
                                      })};
                                }));
    }
}

TEST(ElementwiseKernels, AnyRank) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({1, 3, 1, 5, 1})}, [](NestBuilder &b, ValueRange in) {
    return SmallVector<Value>{b.map("a b c d e -> e d c b a", in[0], first)};
  }));
  KernelFixture scalar;
  checkKernel(scalar.build({scalar.tensor({1})}, [](NestBuilder &b, ValueRange in) {
    return SmallVector<Value>{
        b.map("a -> a", in[0], [](ArrayRef<Scalar> s) { return s[0] + 1.0; })};
  }));
}

TEST(ElementwiseKernels, ReadsViews) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build(
      {fixture.tensor({6, 20}), fixture.tensor({40})}, [](NestBuilder &b, ValueRange in) {
        Value slice = b.slice(in[0], {1, 2}, {5, 8}, {1, 2});
        Value wide = b.reshape(in[1], {5, 8});
        Value sum =
            b.map("r c, r c -> r c", {slice, wide}, [](ArrayRef<Scalar> s) { return s[0] + s[1]; });
        Value flat = b.reshape(sum, {40});
        return SmallVector<Value>{
            b.map("i, i -> i", {flat, in[1]}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; })};
      });
  checkKernel(kernel);
}

TEST(ElementwiseKernels, ReadsPadding) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({5, 7})}, [](NestBuilder &b, ValueRange in) {
    Value padded = b.pad(in[0], {1, 2}, {2, 7});
    return SmallVector<Value>{b.map("r c -> c r", padded, first)};
  }));
}

TEST(ElementwiseKernels, YieldsReshapes) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({4, 24})}, [](NestBuilder &b, ValueRange in) {
    Value y = b.map("r c -> r c", in[0], [](ArrayRef<Scalar> s) { return s[0] * 2.0; });
    Value z = b.map("r c -> c r", in[0], [](ArrayRef<Scalar> s) { return s[0] * 3.0; });
    return SmallVector<Value>{b.reshape(y, {96}), b.reshape(z, {2, 12, 4})};
  }));
}

TEST(ElementwiseKernels, YieldsOperandsAndConstants) {
  KernelFixture fixture;
  checkKernel(fixture.build({fixture.tensor({3, 5})}, [](NestBuilder &b, ValueRange in) {
    Value y = b.map("r c -> r c", in[0], [](ArrayRef<Scalar> s) { return s[0] * 2.0; });
    return SmallVector<Value>{b.fill({4, 9}, 1.5), y, y};
  }));
}

TEST(ElementwiseKernels, StridedOperandsAndResults) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build({fixture.tensor({4, 6, 16})}, [](NestBuilder &b, ValueRange in) {
    return SmallVector<Value>{
        b.map("y x c -> y x c", in[0], [](ArrayRef<Scalar> s) { return max(s[0], 0.0); })};
  });
  Builder builder(&fixture.context);
  kernel.setOperandStridesAttr(builder.getArrayAttr(builder.getDenseI64ArrayAttr({200, 32, 1})));
  kernel.setResultStridesAttr(builder.getArrayAttr(builder.getDenseI64ArrayAttr({128, 16, 1})));
  checkKernel(kernel);
}

TEST(ElementwiseKernels, BytesAndIntegers) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build({fixture.tensor({3, 28}, 'b'), fixture.tensor({3, 28}, 'i')},
                                  [](NestBuilder &b, ValueRange in) {
                                    Value y = b.map("r c, r c -> r c", in, [](ArrayRef<Scalar> s) {
                                      return toFloat(s[0]) * (1.0 / 255.0) + toFloat(s[1]);
                                    });
                                    Value bytes = b.map("r c -> r c", in[0], first);
                                    return SmallVector<Value>{y, bytes};
                                  });
  checkKernel(kernel);
}

/// The optimizer's form: one nest, several results, each written where an operand was.
TEST(ElementwiseKernels, InPlace) {
  for (int64_t elements : {1024, 16, 7}) {
    KernelFixture fixture;
    std::string type = "tensor<" + std::to_string(elements) + "xf32>";
    std::string text = R"(
      func.func @f(%p: T, %m: T, %d: T) {
        %0, %1 = ccm.kernel(%p, %m, %d) : (T, T, T) -> (T, T) {
        ^bb0(%a: T, %b: T, %c: T):
          %beta = arith.constant 9.0e-1 : f32
          %r:2 = linalg.generic {
              indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
              iterator_types = ["parallel"]} ins(%c : T) outs(%a, %b : T, T) {
          ^bb0(%delta: f32, %parameter: f32, %moment: f32):
            %s = arith.mulf %moment, %beta : f32
            %n = arith.addf %s, %delta : f32
            %q = arith.addf %parameter, %n : f32
            linalg.yield %q, %n : f32, f32
          } -> (T, T)
          ccm.yield %r#0, %r#1 : T, T
        }
        return
      })";
    for (size_t at; (at = text.find('T')) != std::string::npos;)
      text.replace(at, 1, type);
    KernelOp kernel = fixture.parse(text);
    ASSERT_TRUE(kernel);
    EXPECT_EQ(kernel.getInPlaceOperand(1), 1u);
    checkKernel(kernel, {.schedule = "in place"});
  }
}

TEST(ElementwiseKernels, RefusesToReadWhatItOverwrites) {
  KernelFixture fixture;
  KernelOp kernel = fixture.parse(R"(
    func.func @f(%p: tensor<8xf32>) {
      %0 = ccm.kernel(%p) : (tensor<8xf32>) -> tensor<8xf32> {
      ^bb0(%a: tensor<8xf32>):
        %r = linalg.generic {
            indexing_maps = [affine_map<(i) -> (-i + 7)>, affine_map<(i) -> (i)>],
            iterator_types = ["parallel"]} ins(%a : tensor<8xf32>) outs(%a : tensor<8xf32>) {
        ^bb0(%x: f32, %y: f32):
          %s = arith.addf %x, %y : f32
          linalg.yield %s : f32
        } -> tensor<8xf32>
        ccm.yield %r : tensor<8xf32>
      }
      return
    })");
  ASSERT_TRUE(kernel);
  std::string message;
  ScopedDiagnosticHandler handler(&fixture.context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(emitKernel(kernel, targets().front(), "kernel")));
  EXPECT_NE(message.find("expects operand 0, which result 0 overwrites"), std::string::npos);
}
