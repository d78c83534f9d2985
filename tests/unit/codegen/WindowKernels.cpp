// SPDX-License-Identifier: Apache-2.0
// Convolutions: forward, input deltas and weight deltas, of one to three axes, with strides.
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static Scalar biasRelu(ArrayRef<Scalar> s) { return max(s[0] + s[1], 0.0); }
static Scalar first(ArrayRef<Scalar> s) { return s[0]; }

namespace {
struct Conv {
  int64_t batch, height, width, inputs, panels, kernelY, kernelX, strideY, strideX;
};
} // namespace

static const Conv kConvs[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1},    {1, 8, 8, 16, 1, 3, 3, 1, 1},  {2, 5, 7, 3, 1, 3, 3, 1, 1},
    {1, 14, 14, 16, 2, 3, 3, 1, 1}, {1, 7, 7, 32, 2, 3, 3, 2, 2},  {2, 4, 13, 5, 3, 2, 5, 1, 3},
    {1, 3, 3, 8, 4, 1, 1, 1, 1},    {3, 1, 20, 4, 2, 1, 10, 1, 5}, {1, 6, 16, 2, 1, 4, 4, 4, 4},
    {1, 9, 2, 1, 1, 7, 7, 1, 1},
};

static std::string describe(const Conv &c) {
  std::string text;
  for (int64_t number :
       {c.batch, c.height, c.width, c.inputs, c.panels, c.kernelY, c.kernelX, c.strideY, c.strideX})
    text += std::to_string(number) + " ";
  return text;
}

static std::string at(const char *position, int64_t stride, const char *tap) {
  return std::string(position) + (stride == 1 ? "" : "*" + std::to_string(stride)) + "+" + tap;
}

/// Taps with the positions that the input is read at: "b y*2+j x*2+i c".
static std::string inputIndex(const Conv &c) {
  return "b " + at("y", c.strideY, "j") + " " + at("x", c.strideX, "i") + " c";
}

static int64_t inputExtent(int64_t positions, int64_t stride, int64_t taps) {
  return (positions - 1) * stride + taps;
}

TEST(WindowKernels, Forward) {
  for (const Conv &c : kConvs) {
    SCOPED_TRACE(describe(c));
    KernelFixture fixture;
    NestBuilder::Sizes sizes;
    sizes["y"] = c.height;
    sizes["x"] = c.width;
    Type x = fixture.tensor({c.batch, inputExtent(c.height, c.strideY, c.kernelY),
                             inputExtent(c.width, c.strideX, c.kernelX), c.inputs});
    Type w = fixture.tensor({c.panels, c.kernelY, c.inputs, c.kernelX, 16});
    checkKernel(fixture.build({x, w, fixture.tensor({c.panels, 16})}, [&](NestBuilder &b,
                                                                          ValueRange in) {
      Value sums = b.contract(inputIndex(c) + ", q j c i v -> b y x q v", in[0], in[1], {}, sizes);
      return SmallVector<Value>{b.map("b y x q v, q v -> b y x q v", {sums, in[2]}, biasRelu)};
    }));
  }
}

/// Output positions of a padded convolution are stored into the interior of the next one's input.
TEST(WindowKernels, StoresBetweenHalos) {
  KernelFixture fixture;
  NestBuilder::Sizes sizes;
  sizes["y"] = sizes["x"] = 8;
  KernelOp kernel =
      fixture.build({fixture.tensor({1, 10, 10, 4}), fixture.tensor({2, 3, 4, 3, 16})},
                    [&](NestBuilder &b, ValueRange in) {
                      return SmallVector<Value>{b.contract("b y+j x+i c, q j c i v -> b y x q v",
                                                           in[0], in[1], {}, sizes)};
                    });
  Builder builder(&fixture.context);
  kernel.setResultStridesAttr(
      builder.getArrayAttr(builder.getDenseI64ArrayAttr({3200, 320, 32, 16, 1})));
  checkKernel(kernel, {.schedule = "window"});
}

TEST(WindowKernels, OneAxis) {
  for (auto [positions, channels, taps, stride] :
       {std::array<int64_t, 4>{16, 1, 10, 5}, {25, 32, 3, 2}, {8, 64, 8, 4}, {40, 16, 2, 2}}) {
    KernelFixture fixture;
    NestBuilder::Sizes sizes;
    sizes["x"] = positions;
    checkKernel(fixture.build({fixture.tensor({2, inputExtent(positions, stride, taps), channels}),
                               fixture.tensor({2, channels, taps, 16})},
                              [&, stride = stride](NestBuilder &b, ValueRange in) {
                                return SmallVector<Value>{b.contract("b " + at("x", stride, "i") +
                                                                         " c, q c i v -> b x q v",
                                                                     in[0], in[1], {}, sizes)};
                              }));
  }
}

/// Taps in the input: the form that strides need. The bias delta runs along.
TEST(WindowKernels, WeightDeltas) {
  for (const Conv &c : kConvs) {
    SCOPED_TRACE(describe(c));
    KernelFixture fixture;
    NestBuilder::Sizes sizes;
    sizes["j"] = c.kernelY;
    sizes["i"] = c.kernelX;
    Type x = fixture.tensor({c.batch, inputExtent(c.height, c.strideY, c.kernelY),
                             inputExtent(c.width, c.strideX, c.kernelX), c.inputs});
    Type dy = fixture.tensor({c.batch, c.height, c.width, c.panels, 16});
    Type dw = fixture.tensor({c.panels, c.kernelY, c.inputs, c.kernelX, 16});
    checkKernel(fixture.build(
        {x, dy, dw, fixture.tensor({c.panels, 16})}, [&](NestBuilder &b, ValueRange in) {
          Value weights =
              b.contract(inputIndex(c) + ", b y x q v -> q j c i v", in[0], in[1], in[2], sizes);
          return SmallVector<Value>{weights, b.sum("b y x q v -> q v", in[1], first, in[3])};
        }));
  }
}

/// Taps in the delta, which has the halo; new buffers instead of accumulation.
TEST(WindowKernels, WeightDeltasByInputPixels) {
  for (auto [height, width, inputs, panels] :
       {std::array<int64_t, 4>{8, 8, 16, 1}, {6, 9, 3, 2}, {4, 4, 32, 2}, {7, 5, 1, 1}}) {
    KernelFixture fixture;
    NestBuilder::Sizes sizes;
    sizes["j"] = sizes["i"] = 3;
    checkKernel(fixture.build({fixture.tensor({2, height, width, inputs}),
                               fixture.tensor({2, height + 2, width + 2, panels, 16})},
                              [&](NestBuilder &b, ValueRange in) {
                                return SmallVector<Value>{
                                    b.contract("b y x c, b y-j+2 x-i+2 q v -> q j c i v", in[0],
                                               in[1], {}, sizes)};
                              }));
  }
}

/// Three axes: forward, and weight deltas with taps in the input.
TEST(WindowKernels, ThreeAxes) {
  using Shape = SmallVector<int64_t>;
  for (auto [extent, inputs, panels, stride] :
       {std::array<int64_t, 4>{4, 3, 1, 1}, {3, 16, 2, 1}, {2, 5, 1, 2}, {1, 1, 1, 1}}) {
    SCOPED_TRACE(extent);
    int64_t framed = inputExtent(extent, stride, 3);
    std::string under = "b " + at("z", stride, "k") + " " + at("y", stride, "j") + " " +
                        at("x", stride, "i") + " c";
    std::string weights = "q k j c i v", result = "b z y x q v";
    NestBuilder::Sizes sizes;
    sizes["z"] = sizes["y"] = sizes["x"] = extent;
    sizes["k"] = sizes["j"] = sizes["i"] = 3;
    Shape x{2, framed, framed, framed, inputs}, w{panels, 3, 3, inputs, 3, 16};
    Shape dy{2, extent, extent, extent, panels, 16};
    KernelFixture forward, deltas;
    checkKernel(
        forward.build({forward.tensor(x), forward.tensor(w)}, [&](NestBuilder &b, ValueRange in) {
          return SmallVector<Value>{
              b.contract(under + ", " + weights + " -> " + result, in[0], in[1], {}, sizes)};
        }));
    checkKernel(deltas.build({deltas.tensor(x), deltas.tensor(dy), deltas.tensor(w)},
                             [&](NestBuilder &b, ValueRange in) {
                               return SmallVector<Value>{
                                   b.contract(under + ", " + result + " -> " + weights, in[0],
                                              in[1], in[2], sizes)};
                             }));
  }
}

/// A transposed convolution: parities are loops of their own.
TEST(WindowKernels, Upsampling) {
  KernelFixture fixture;
  NestBuilder::Sizes sizes;
  sizes["y"] = sizes["x"] = 6;
  checkKernel(fixture.build({fixture.tensor({1, 8, 8, 5}), fixture.tensor({1, 2, 2, 5, 2, 2, 16})},
                            [&](NestBuilder &b, ValueRange in) {
                              Value y =
                                  b.contract("b y+p+j x+r+i c, q p j c r i v -> b y p x r q v",
                                             in[0], in[1], {}, sizes);
                              return SmallVector<Value>{b.reshape(y, {1, 12, 12, 16})};
                            }));
}

TEST(WindowKernels, TwoSources) {
  KernelFixture fixture;
  NestBuilder::Sizes sizes;
  sizes["y"] = sizes["x"] = 8;
  const char *indices = "b y+j x+i c, q j c i v -> b y x q v";
  checkKernel(fixture.build({fixture.tensor({1, 10, 10, 4}), fixture.tensor({2, 3, 4, 3, 16}),
                             fixture.tensor({1, 10, 10, 7}), fixture.tensor({2, 3, 7, 3, 16})},
                            [&](NestBuilder &b, ValueRange in) {
                              Value one = b.contract(indices, in[0], in[1], {}, sizes);
                              return SmallVector<Value>{
                                  b.contract(indices, in[2], in[3], one, sizes)};
                            }));
}

/// Every channel has its own taps: no product in the emitter's sense.
TEST(WindowKernels, Depthwise) {
  KernelFixture fixture;
  NestBuilder::Sizes sizes;
  sizes["y"] = sizes["x"] = 7;
  checkKernel(fixture.build(
      {fixture.tensor({9, 9, 24}), fixture.tensor({3, 3, 24})}, [&](NestBuilder &b, ValueRange in) {
        return SmallVector<Value>{b.contract("y+j x+i c, j i c -> y x c", in[0], in[1], {}, sizes)};
      }));
}
