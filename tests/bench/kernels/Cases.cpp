// SPDX-License-Identifier: Apache-2.0
// Kernels of the kind that models are made of.
#include "tests/bench/kernels/Cases.h"

using namespace mlir;
using ccm::test::KernelFixture;

namespace ccm::bench {

static Scalar first(ArrayRef<Scalar> s) { return s[0]; }
static Scalar biasRelu(ArrayRef<Scalar> s) { return max(s[0] + s[1], 0.0); }

static std::string join(std::initializer_list<int64_t> numbers) {
  std::string text;
  for (int64_t number : numbers)
    text += (text.empty() ? "" : "-") + std::to_string(number);
  return text;
}

static Case dense(int64_t rows, int64_t inputs, int64_t outputs) {
  int64_t width = panelWidth(outputs), panels = (outputs + width - 1) / width;
  return {"dense-" + join({rows, inputs, outputs}), [=](KernelFixture &f) {
            return f.build({f.tensor({rows, inputs}), f.tensor({panels, inputs, width}),
                            f.tensor({panels, width})},
                           [](NestBuilder &b, ValueRange in) {
                             Value sums = b.contract("r k, n k v -> r n v", in[0], in[1]);
                             return SmallVector<Value>{
                                 b.map("r n v, n v -> r n v", {sums, in[2]}, biasRelu)};
                           });
          }};
}

static Case gelu(int64_t rows, int64_t inputs, int64_t outputs) {
  int64_t width = panelWidth(outputs), panels = (outputs + width - 1) / width;
  return {"dense-gelu-" + join({rows, inputs, outputs}), [=](KernelFixture &f) {
            return f.build(
                {f.tensor({rows, inputs}), f.tensor({panels, inputs, width}),
                 f.tensor({panels, width})},
                [](NestBuilder &b, ValueRange in) {
                  Value sums = b.contract("r k, n k v -> r n v", in[0], in[1]);
                  auto y = b.mapMany("r n v, n v -> r n v", {sums, in[2]}, [](ArrayRef<Scalar> s) {
                    Scalar x = s[0] + s[1];
                    return SmallVector<Scalar>{x * (0.5 + 0.5 * tanh(geluArgument(x))), x};
                  });
                  return SmallVector<Value>(y);
                });
          }};
}

static Case denseWeights(int64_t rows, int64_t inputs, int64_t outputs) {
  int64_t width = panelWidth(outputs), panels = (outputs + width - 1) / width;
  return {"dense-weights-" + join({rows, inputs, outputs}), [=](KernelFixture &f) {
            return f.build({f.tensor({rows, inputs}), f.tensor({rows, panels, width}),
                            f.tensor({panels, inputs, width})},
                           [](NestBuilder &b, ValueRange in) {
                             return SmallVector<Value>{
                                 b.contract("r k, r n v -> n k v", in[0], in[1], in[2])};
                           });
          }};
}

static Case conv(int64_t batch, int64_t size, int64_t inputs, int64_t outputs, bool backward) {
  int64_t panels = outputs / 16;
  return {std::string(backward ? "conv-data-" : "conv-") + join({batch, size, inputs, outputs}),
          [=](KernelFixture &f) {
            Type y = f.tensor({batch, size, size, panels, 16});
            KernelOp kernel = f.build(
                {f.tensor({batch, size + 2, size + 2, inputs}),
                 f.tensor({panels, 3, inputs, 3, 16}), backward ? y : f.tensor({panels, 16})},
                [&](NestBuilder &b, ValueRange in) {
                  NestBuilder::Sizes sizes;
                  sizes["y"] = sizes["x"] = size;
                  Value sums =
                      b.contract("b y+j x+i c, q j c i v -> b y x q v", in[0], in[1], {}, sizes);
                  if (!backward)
                    return SmallVector<Value>{
                        b.map("b y x q v, q v -> b y x q v", {sums, in[2]}, biasRelu)};
                  return SmallVector<Value>{
                      b.map("b y x q v, b y x q v -> b y x q v", {sums, in[2]},
                            [](ArrayRef<Scalar> s) { return select(s[1] > 0.0, s[0], 0.0); })};
                });
            Builder builder(&f.context);
            int64_t row = (size + 2) * outputs;
            Attribute halo = builder.getDenseI64ArrayAttr({(size + 2) * row, row, outputs, 16, 1});
            kernel.setResultStridesAttr(builder.getArrayAttr(halo));
            return kernel;
          }};
}

/// `inDelta`: the taps move along the delta, which has the halo; else along the input.
static Case convWeights(int64_t batch, int64_t size, int64_t inputs, int64_t outputs,
                        bool inDelta) {
  int64_t panels = outputs / 16;
  std::string name = inDelta ? "conv-weights-" : "conv-weights-by-input-";
  return {name + join({batch, size, inputs, outputs}), [=](KernelFixture &f) {
            int64_t x = inDelta ? size : size + 2, y = inDelta ? size + 2 : size;
            return f.build(
                {f.tensor({batch, x, x, inputs}), f.tensor({batch, y, y, panels, 16}),
                 f.tensor({panels, 3, inputs, 3, 16}), f.tensor({panels, 16})},
                [&](NestBuilder &b, ValueRange in) {
                  NestBuilder::Sizes sizes;
                  sizes["j"] = sizes["i"] = 3;
                  const char *indices = inDelta ? "b y x c, b y-j+2 x-i+2 q v -> q j c i v"
                                                : "b y+j x+i c, b y x q v -> q j c i v";
                  Value interior = in[1];
                  if (inDelta)
                    interior = b.slice(in[1], {0, 1, 1, 0, 0}, {batch, size, size, panels, 16});
                  return SmallVector<Value>{b.contract(indices, in[0], in[1], in[2], sizes),
                                            b.sum("b y x q v -> q v", interior, first, in[3])};
                });
          }};
}

static Case softmax(int64_t rows, int64_t columns) {
  return {"softmax-" + join({rows, columns}), [=](KernelFixture &f) {
            return f.build({f.tensor({rows, columns})}, [](NestBuilder &b, ValueRange in) {
              Value top = b.maximum("r c -> r", in[0], first);
              Value power = b.map("r c, r -> r c", {in[0], top},
                                  [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
              Value total = b.sum("r c -> r", power, first);
              Value factor = b.map("r -> r", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
              return SmallVector<Value>{b.map("r c, r -> r c", {power, factor},
                                              [](ArrayRef<Scalar> s) { return s[0] * s[1]; })};
            });
          }};
}

static Case layerNorm(int64_t rows, int64_t columns) {
  return {"layer-norm-" + join({rows, columns}), [=](KernelFixture &f) {
            return f.build(
                {f.tensor({rows, columns}), f.tensor({columns}), f.tensor({columns})},
                [&](NestBuilder &b, ValueRange in) {
                  double scale = 1.0 / double(columns);
                  Value mean =
                      b.sum("r c -> r", in[0], [&](ArrayRef<Scalar> s) { return s[0] * scale; });
                  Value square = b.sum("r c, r -> r", {in[0], mean}, [&](ArrayRef<Scalar> s) {
                    Scalar d = s[0] - s[1];
                    return d * d * scale;
                  });
                  Value factor = b.map("r -> r", square,
                                       [](ArrayRef<Scalar> s) { return rsqrt(s[0] + 1e-5); });
                  return SmallVector<Value>{
                      b.map("r c, r, r, c, c -> r c", {in[0], mean, factor, in[1], in[2]},
                            [](ArrayRef<Scalar> s) { return (s[0] - s[1]) * s[2] * s[3] + s[4]; })};
                });
          }};
}

static Case attention(int64_t batch, int64_t tokens, int64_t heads, int64_t width) {
  return {"attention-" + join({batch, tokens, heads, width}), [=](KernelFixture &f) {
            Type type = f.tensor({batch, tokens, heads, width});
            return f.build({type, type, type}, [](NestBuilder &b, ValueRange in) {
              Value turned = b.map("b i h d -> b h d i", in[0],
                                   [](ArrayRef<Scalar> s) { return s[0] * 0.17677669; });
              Value scores = b.contract("b j h d, b h d i -> b h j i", in[1], turned);
              Value top = b.maximum("b h j i -> b h i", scores, first);
              Value power = b.map("b h j i, b h i -> b h j i", {scores, top},
                                  [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
              Value total = b.sum("b h j i -> b h i", power, first);
              Value factor =
                  b.map("b h i -> b h i", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
              Value sums = b.contract("b h j i, b j h d -> b i h d", power, in[2]);
              return SmallVector<Value>{b.map("b i h d, b h i -> b i h d", {sums, factor},
                                              [](ArrayRef<Scalar> s) { return s[0] * s[1]; })};
            });
          }};
}

static Case scatter(int64_t rows, int64_t vocabulary, int64_t width) {
  return {"scatter-" + join({rows, vocabulary, width}), [=](KernelFixture &f) {
            return f.build(
                {f.tensor({rows}, 'i'), f.tensor({rows, width}), f.tensor({vocabulary, width})},
                [](NestBuilder &b, ValueRange in) {
                  return SmallVector<Value>{b.scatterAdd("t, t c -> v c", in[0], in[1], in[2])};
                });
          }};
}

static Case gather(int64_t rows, int64_t vocabulary, int64_t width) {
  return {"gather-" + join({rows, vocabulary, width}), [=](KernelFixture &f) {
            return f.build({f.tensor({rows}, 'i'), f.tensor({vocabulary, width})},
                           [](NestBuilder &b, ValueRange in) {
                             return SmallVector<Value>{b.gather("t -> t c", in[0], in[1])};
                           });
          }};
}

/// Batch, extent, channels in and out: those of the Fashion-MNIST model, and of a U of 16, 32 and
/// 64 channels over 64x64, whose convolutions on the way up take what is below and a skip.
constexpr std::array<int64_t, 4> kConvolutions[] = {
    {8, 14, 32, 64}, {8, 28, 16, 16}, {8, 28, 1, 16},  {1, 64, 3, 16},  {1, 64, 16, 16},
    {1, 32, 32, 32}, {1, 16, 64, 64}, {1, 64, 32, 16}, {1, 32, 64, 32}, {1, 16, 128, 64}};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (auto [rows, inputs, outputs] : {std::array<int64_t, 3>{256, 784, 256},
                                       {512, 128, 512},
                                       {392, 64, 64},
                                       {64, 256, 256},
                                       {8, 784, 256},
                                       {1, 784, 256},
                                       {256, 256, 16}})
    all.push_back(dense(rows, inputs, outputs));
  all.push_back(gelu(512, 128, 512));
  for (auto [rows, inputs, outputs] : {std::array<int64_t, 3>{512, 128, 512},
                                       {256, 784, 256},
                                       {392, 64, 64},
                                       {64, 784, 256},
                                       {8, 784, 256},
                                       {512, 64, 16}})
    all.push_back(denseWeights(rows, inputs, outputs));
  for (auto [batch, size, inputs, outputs] : kConvolutions)
    for (bool choice : {false, true}) {
      all.push_back(conv(batch, size, inputs, outputs, choice));
      all.push_back(convWeights(batch, size, inputs, outputs, choice));
    }
  all.push_back(attention(8, 64, 4, 32));
  all.push_back(attention(8, 49, 4, 16));
  all.push_back(softmax(512, 64));
  all.push_back(layerNorm(512, 128));
  all.push_back(gather(256, 512, 128));
  all.push_back(scatter(256, 512, 128));
  return all;
}

} // namespace ccm::bench
