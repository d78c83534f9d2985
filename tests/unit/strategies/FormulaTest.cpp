// SPDX-License-Identifier: Apache-2.0
// The closed formulas of the strategies against what is counted on the nests that they build.
#include "tests/unit/strategies/TestModel.h"

using namespace ccm;
using namespace ccm::test;

namespace {

const std::string kImage = "high : tensor<?x28x28x1xf32>";
const std::string kOdd = "high : tensor<?x29x31x3xf32>";
const std::string kSound = "high : tensor<?x2003x1xf32>";
const std::string kVolume = "high : tensor<?x16x15x16x1xf32>";
const std::string kText = "low vocabulary 64 : tensor<?x48xi32>";
const std::string kNumber = "pointwise : tensor<?x13xf32>";
const std::string kClasses = "pointwise vocabulary 16 loss(\"cross_entropy\") : tensor<?x16xf32>";

/// L blocks over n tokens of width d: 12 n d² + 2 n² d each.
int64_t transformerMacs(int64_t n, int64_t d, int64_t depth) {
  return depth * (12 * n * d * d + 2 * n * n * d);
}

/// 12 d² weights, and with them 9 d biases (four of the attention, 4 d and d of the dense pair) and
/// two norms of 2 d.
int64_t transformerParameters(int64_t d, int64_t depth) { return depth * (12 * d * d + 13 * d); }

} // namespace

// R2: n' P^r C d, then L T(n', d).
TEST(Formula, PatchEmbed) {
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "patch-embed", "{depth = 0, patch = 4, width = 32}");
  EXPECT_EQ(cost.macs, 49 * 16 * 1 * 32);
  EXPECT_EQ(cost.parameters, 16 * 32 + 32);
  cost = image.cost(image.reduce(), "patch-embed", "{depth = 3, patch = 4, width = 64}");
  EXPECT_EQ(cost.macs, 49 * 16 * 64 + transformerMacs(49, 64, 3));
  EXPECT_EQ(cost.parameters, 16 * 64 + 64 + 49 * 64 + transformerParameters(64, 3));
}

// Extents that the window does not divide round up.
TEST(Formula, PatchEmbedOfPrimeExtents) {
  TestModel image(kOdd, kClasses);
  Cost cost = image.cost(image.reduce(), "patch-embed", "{depth = 0, patch = 8, width = 16}");
  EXPECT_EQ(cost.macs, 4 * 4 * (8 * 8 * 3) * 16);
}

// R3 with full convolutions: sum over stages of hw depth k² c², and 4 c c' hw' between them.
TEST(Formula, ConvPyramid) {
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "conv-pyramid",
                         "{depth = 2, stem = 1, widths = array<i64: 16, 32, 64>}");
  int64_t stage0 = 28 * 28 * 9 * (1 * 16 + 16 * 16);
  int64_t stage1 = 14 * 14 * (4 * 16 * 32 + 2 * 9 * 32 * 32);
  int64_t stage2 = 7 * 7 * (4 * 32 * 64 + 2 * 9 * 64 * 64);
  EXPECT_EQ(cost.macs, stage0 + stage1 + stage2);
}

TEST(Formula, ConvPyramidWithStem) {
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "conv-pyramid",
                         "{depth = 5, stem = 2, widths = array<i64: 32, 32>}");
  int64_t stage0 = 14 * 14 * (4 * 1 * 32 + 5 * 9 * 32 * 32);
  int64_t stage1 = 7 * 7 * (4 * 32 * 32 + 5 * 9 * 32 * 32);
  EXPECT_EQ(cost.macs, stage0 + stage1);
}

// One dimension shrinks by 4 between stages, so that the formula keeps its form.
TEST(Formula, ConvPyramidOverSignal) {
  TestModel sound(kSound, kClasses);
  Cost cost = sound.cost(sound.reduce(), "conv-pyramid",
                         "{depth = 1, stem = 8, widths = array<i64: 16, 32>}");
  EXPECT_EQ(cost.macs, 251 * (8 * 16 + 3 * 16 * 16) + 63 * (4 * 16 * 32 + 3 * 32 * 32));
}

// A volume shrinks by 2 along every axis: k³ c² at an eighth of the positions.
TEST(Formula, ConvPyramidOverVolume) {
  TestModel volume(kVolume, kClasses);
  Cost cost = volume.cost(volume.reduce(), "conv-pyramid",
                          "{depth = 2, stem = 1, widths = array<i64: 16, 32>}");
  int64_t stage0 = 16 * 15 * 16 * 27 * (1 * 16 + 16 * 16);
  int64_t stage1 = 8 * 8 * 8 * (8 * 16 * 32 + 2 * 27 * 32 * 32);
  EXPECT_EQ(cost.macs, stage0 + stage1);
  EXPECT_EQ(cost.parameters,
            27 * 16 + 16 + (27 * 16 * 16 + 16) + (8 * 16 * 32 + 32) + 2 * (27 * 32 * 32 + 32));
}

// R4: two stages of R3, then L T(n', d).
TEST(Formula, ConvAttention) {
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "conv-attention",
                         "{depth = 3, stem = 2, widths = array<i64: 16, 32>}");
  int64_t stage0 = 14 * 14 * (4 * 1 * 16 + 2 * 9 * 16 * 16);
  int64_t stage1 = 7 * 7 * (4 * 16 * 32 + 2 * 9 * 32 * 32);
  EXPECT_EQ(cost.macs, stage0 + stage1 + transformerMacs(49, 32, 3));
  int64_t weights0 = 4 * 16 + 16 + 2 * (9 * 16 * 16 + 16);
  int64_t weights1 = 4 * 16 * 32 + 32 + 2 * (9 * 32 * 32 + 32);
  EXPECT_EQ(cost.parameters, weights0 + weights1 + 49 * 32 + transformerParameters(32, 3));
}

TEST(Formula, ConvAttentionOverVolume) {
  TestModel volume(kVolume, kClasses);
  Cost cost = volume.cost(volume.reduce(), "conv-attention",
                          "{depth = 1, stem = 4, widths = array<i64: 32>}");
  EXPECT_EQ(cost.macs, 64 * (64 * 32 + 2 * 27 * 32 * 32) + transformerMacs(64, 32, 1));
}

// R15: 12 n d² + 2 n W d a block, around it the maps of the patches and of what merges.
TEST(Formula, WindowAttention) {
  constexpr int64_t n = 14 * 14, d = 32, W = 7 * 7;
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "window-attention",
                         "{depth = 1, merge = 2, patch = 2, width = 32, window = 7}");
  EXPECT_EQ(cost.macs, n * 4 * d + 12 * n * d * d + 2 * n * W * d + 49 * (4 * d) * (2 * d));
  EXPECT_EQ(cost.parameters,
            (4 * d + d) + n * d + transformerParameters(d, 1) + (4 * d * 2 * d + 2 * d));
}

// Windows of every second block start half a window ahead: 3 instead of 2 along each axis, whose
// queries are counted whole.
TEST(Formula, WindowAttentionShifts) {
  constexpr int64_t n = 14 * 14, shifted = 21 * 21, d = 32, W = 7 * 7;
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.reduce(), "window-attention",
                         "{depth = 5, merge = 1, patch = 2, width = 32, window = 7}");
  EXPECT_EQ(cost.macs,
            n * 4 * d + 5 * 12 * n * d * d + (3 * n + 2 * shifted) * 2 * W * d + n * d * (2 * d));
}

// 501 positions in windows of at most 64: 8 of 63, and 9 where they start 31 ahead.
TEST(Formula, WindowAttentionOverSignal) {
  constexpr int64_t n = 501, d = 16, W = 63;
  TestModel sound(kSound, kClasses);
  Cost cost = sound.cost(sound.reduce(), "window-attention",
                         "{depth = 2, merge = 4, patch = 4, width = 16, window = 64}");
  EXPECT_EQ(cost.macs,
            n * 4 * d + 2 * 12 * n * d * d + (8 + 9) * W * 2 * W * d + 126 * (4 * d) * (2 * d));
}

TEST(Formula, WindowAttentionOverVolume) {
  constexpr int64_t n = 8 * 8 * 8, shifted = 12 * 12 * 12, d = 16, W = 4 * 4 * 4;
  TestModel volume(kVolume, kClasses);
  Cost cost = volume.cost(volume.reduce(), "window-attention",
                          "{depth = 2, merge = 2, patch = 2, width = 16, window = 4}");
  EXPECT_EQ(cost.macs,
            n * 8 * d + 2 * 12 * n * d * d + (n + shifted) * 2 * W * d + 64 * (8 * d) * (2 * d));
}

// R13: sum of L k c c'.
TEST(Formula, StridedConv) {
  TestModel sound(kSound, kClasses);
  Cost cost = sound.cost(sound.reduce(), "strided-conv", "{stages = 3, width = 32}");
  EXPECT_EQ(cost.macs, 399 * 10 * 32 + (199 + 99 + 49) * 3 * 32 * 32);
}

// R12: F w² for the transform of F frames of w samples, F w b into b bands, then F 3 b c and half
// as many 3 c². Of the parameters the transform's and the bands' are frozen.
TEST(Formula, LogMel) {
  TestModel sound(kSound, kClasses);
  Cost cost = sound.cost(sound.reduce(), "log-mel", "{bands = 32, hop = 64, width = 48}");
  int64_t frames = 31, window = 160;
  EXPECT_EQ(cost.macs, frames * (window * window + window * 32 + 3 * 32 * 48) + 16 * 3 * 48 * 48);
  EXPECT_EQ(cost.parameters,
            window * window + window + 32 * window + 32 + (3 * 32 * 48 + 48) + (3 * 48 * 48 + 48));
}

// R16: a gather multiplies nothing; windows join by an affine map.
TEST(Formula, Embedding) {
  TestModel text(kText, kClasses);
  EXPECT_EQ(text.cost(text.reduce(), "embedding", "{depth = 0, width = 32, window = 1}").macs, 0);
  Cost cost = text.cost(text.reduce(), "embedding", "{depth = 2, width = 32, window = 4}");
  EXPECT_EQ(cost.macs, 12 * (4 * 32) * 32 + transformerMacs(12, 32, 2));
  EXPECT_EQ(cost.parameters, 64 * 32 + (4 * 32 * 32 + 32) + 12 * 32 + transformerParameters(32, 2));
}

// R6: M C q to embed, 2 M N q of scores and mixing and N q² after them, with one map for keys and
// values of all heads in place of the catalogue's two; then L T(N, d).
TEST(Formula, LatentAttention) {
  constexpr int64_t M = 28 * 28, N = 32, d = 64;
  TestModel image(kImage, kClasses);
  Cost cost =
      image.cost(image.reduce(), "latent-attention", "{depth = 2, latents = 32, width = 64}");
  EXPECT_EQ(cost.macs, M * 1 * d + 2 * M * N * d + N * d * d + transformerMacs(N, d, 2));
  EXPECT_EQ(cost.parameters,
            (1 * d + d) + M * d + 2 * d + N * d + (d * d + d) + transformerParameters(d, 2));
}

// Rows of a table take the place of the map.
TEST(Formula, LatentAttentionOfIndices) {
  TestModel text(kText, kClasses);
  Cost cost = text.cost(text.reduce(), "latent-attention", "{depth = 0, latents = 8, width = 32}");
  EXPECT_EQ(cost.macs, 2 * 48 * 8 * 32 + 8 * 32 * 32);
  EXPECT_EQ(cost.parameters, 64 * 32 + 48 * 32 + 2 * 32 + 8 * 32 + 32 * 32 + 32);
}

TEST(Formula, DenseEmbed) {
  TestModel numbers(kNumber, kClasses);
  Cost cost = numbers.cost(numbers.reduce(), "dense-embed", "{depth = 2, width = 48}");
  EXPECT_EQ(cost.macs, 13 * 48 + 2 * 48 * 48);
  EXPECT_EQ(cost.parameters, 13 * 48 + 48 + 2 * (48 * 48 + 48));
}

// T(n, d) of the catalogue, and the maps of the groups.
TEST(Formula, Transformer) {
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.core(49, 32), "transformer", "{depth = 4, width = 64}");
  EXPECT_EQ(cost.macs, 49 * 32 * 64 + transformerMacs(49, 64, 4));
  EXPECT_EQ(cost.parameters, 32 * 64 + 64 + 49 * 64 + transformerParameters(64, 4) + 2 * 64);
}

// L (2 n D_S d + 2 n d D_C) of the catalogue, and the maps of the groups.
TEST(Formula, Mixer) {
  constexpr int64_t n = 48, d = 64, depth = 3, overTokens = d / 2, overChannels = 4 * d;
  TestModel image(kImage, kClasses);
  Cost cost = image.cost(image.core(n, 32), "mixer", "{depth = 3, width = 64}");
  EXPECT_EQ(cost.macs, n * 32 * d + depth * (2 * n * overTokens * d + 2 * n * d * overChannels));
  EXPECT_EQ(cost.parameters, 32 * d + d + 2 * d +
                                 depth * (2 * n * overTokens + overTokens + n +
                                          2 * d * overChannels + overChannels + d + 4 * d));
}

TEST(Formula, Mlp) {
  TestModel numbers(kNumber, kClasses);
  Cost cost = numbers.cost(numbers.core(1, 48), "mlp", "{depth = 3, width = 64}");
  EXPECT_EQ(cost.macs, 48 * 64 + 2 * 64 * 64);
}

// X7: n d O of the catalogue, after pooling n to 1.
TEST(Formula, PoolDense) {
  TestModel image(kImage, kClasses);
  EXPECT_EQ(image.cost(image.expand(49, 64), "pool-dense", "{hidden = 0}").macs, 64 * 16);
  EXPECT_EQ(image.cost(image.expand(49, 64), "pool-dense", "{hidden = 128}").macs,
            64 * 128 + 128 * 16);
}

TEST(Formula, TokenDense) {
  TestModel text(kText, "low vocabulary 16 loss(\"cross_entropy\") : tensor<?x48x16xf32>");
  EXPECT_EQ(text.cost(text.expand(48, 64), "token-dense", "{hidden = 0}").macs, 48 * 64 * 16);
}

// R8: scores and mixing are n k d each; the catalogue's k d² is the map after them.
TEST(Formula, AttentionPool) {
  TestModel image(kImage, "low loss(\"mse\") : tensor<?x10x16xf32>");
  EXPECT_EQ(image.cost(image.expand(49, 64), "attention-pool", "{hidden = 0}").macs,
            2 * 49 * 10 * 64 + 10 * 64 * 64 + 10 * 64 * 16);
}

// X1: n d P^r C, after the spreading of the tokens.
TEST(Formula, Unpatch) {
  TestModel image(kImage, "high loss(\"mse\") : tensor<?x32x32x1xf32>");
  Cost pooled =
      image.cost(image.expand(49, 64), "unpatch", "{depth = 0, patch = 4, pooled = 1, width = 32}");
  EXPECT_EQ(pooled.macs, 64 * (64 * 32) + 64 * 32 * (4 * 4));
  Cost queried =
      image.cost(image.expand(49, 64), "unpatch", "{depth = 1, patch = 4, pooled = 0, width = 32}");
  int64_t spread = 2 * 49 * 64 * 64 + 64 * 64 * 64 + 64 * 64 * 32;
  EXPECT_EQ(queried.macs, spread + transformerMacs(64, 32, 1) + 64 * 32 * (4 * 4));
}

// X3: per stage (L + 1) s (k/s) C C': the catalogue's D (k/s) C C', and one more window of the
// stride, since a kernel of two strides reaches over both ends.
TEST(Formula, TransposedConv) {
  TestModel image(kImage, "high loss(\"mse\") : tensor<?x1600x16xf32>");
  Cost cost = image.cost(image.expand(49, 64), "transposed-conv",
                         "{pooled = 1, strides = array<i64: 8, 4>, width = 64}");
  int64_t up0 = (50 + 1) * 8 * 2 * 64 * 32, up1 = (400 + 1) * 4 * 2 * 32 * 16;
  EXPECT_EQ(cost.macs, 64 * (50 * 64) + up0 + up1);
}

// Along r axes: (L + 1) s (k/s) for each of them.
TEST(Formula, TransposedConvOfSeveralAxes) {
  TestModel plane(kImage, "high loss(\"mse\") : tensor<?x32x32x16xf32>");
  Cost cost = plane.cost(plane.expand(49, 64), "transposed-conv",
                         "{pooled = 1, strides = array<i64: 4, 2>, width = 64}");
  int64_t up0 = (5 * 5) * (4 * 4) * (2 * 2) * 64 * 32,
          up1 = (17 * 17) * (2 * 2) * (2 * 2) * 32 * 16;
  EXPECT_EQ(cost.macs, 64 * (16 * 64) + up0 + up1);
  TestModel volume(kImage, "high loss(\"mse\") : tensor<?x16x16x16x2xf32>");
  cost = volume.cost(volume.expand(49, 64), "transposed-conv",
                     "{pooled = 1, strides = array<i64: 4>, width = 32}");
  EXPECT_EQ(cost.macs, 64 * (64 * 32) + (5 * 5 * 5) * (4 * 4 * 4) * (2 * 2 * 2) * 32 * 2);
  EXPECT_EQ(cost.parameters, (64 * 64 * 32 + 64 * 32) + (8 * 8 * 8) * 32 * 2 + 2);
}

// X2 with convolutions before the map that unfolds: (D / r)² k² C² each, and D C C', after the
// spreading of the tokens.
TEST(Formula, Shuffle) {
  TestModel image(kImage, "high loss(\"mse\") : tensor<?x30x32x3xf32>");
  Cost pooled = image.cost(image.expand(49, 64), "shuffle",
                           "{depth = 2, factor = 4, pooled = 1, width = 32}");
  int64_t grid = 8 * 8, unfolded = grid * 32 * (4 * 4 * 3);
  EXPECT_EQ(pooled.macs, 64 * (grid * 32) + 2 * grid * 9 * 32 * 32 + unfolded);
  Cost queried = image.cost(image.expand(49, 64), "shuffle",
                            "{depth = 5, factor = 4, pooled = 0, width = 32}");
  int64_t spread = 2 * 49 * grid * 64 + grid * 64 * 64 + grid * 64 * 32;
  EXPECT_EQ(queried.macs, spread + 5 * grid * 9 * 32 * 32 + unfolded);
  EXPECT_EQ(queried.parameters, grid * 64 + (64 * 64 + 64) + (64 * 32 + 32) +
                                    5 * (9 * 32 * 32 + 32) + 2 * 32 + (32 * 48 + 48));
}

TEST(Formula, ResizeConv) {
  TestModel image(kImage, "high loss(\"mse\") : tensor<?x30x32x3xf32>");
  Cost cost = image.cost(image.expand(49, 64), "resize-conv",
                         "{factor = 2, pooled = 1, stages = 2, width = 64}");
  int64_t coarse = 8 * 8, middle = 15 * 16, fine = 30 * 32;
  // Three columns are a panel of 16.
  EXPECT_EQ(cost.macs,
            64 * (coarse * 64) + middle * 9 * 64 * 32 + fine * 9 * 32 * 16 + fine * 16 * 16);
  EXPECT_EQ(cost.parameters, (64 + 1) * (coarse * 64) + (9 * 64 * 32 + 32) + (9 * 32 * 16 + 16) +
                                 2 * (32 + 16) + (16 * 3 + 3));
}

TEST(Formula, ShuffleOverSignal) {
  TestModel image(kImage, "low loss(\"mse\") : tensor<?x100x2xf32>");
  Cost cost = image.cost(image.expand(49, 64), "shuffle",
                         "{depth = 1, factor = 8, pooled = 1, width = 16}");
  EXPECT_EQ(cost.macs, 64 * (13 * 16) + 13 * 3 * 16 * 16 + 13 * 16 * (8 * 2));
}

TEST(Formula, ShuffleOverVolume) {
  TestModel image(kImage, "high loss(\"mse\") : tensor<?x16x15x16x1xf32>");
  Cost cost = image.cost(image.expand(49, 64), "shuffle",
                         "{depth = 2, factor = 4, pooled = 1, width = 32}");
  EXPECT_EQ(cost.macs, 64 * (64 * 32) + 2 * 64 * 27 * 32 * 32 + 64 * 32 * (4 * 4 * 4));
}

// The sum of what the model's primitives cost, and of the dense step to its width where one is
// needed.
TEST(Formula, Use) {
  const std::string twice = R"(ccm.model @twice train {} attributes {sym_visibility = "private"} {
    %x = ccm.input "tokens" low : tensor<?x6x16xf32>
    %w = ccm.parameter "w" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16],
        dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.5) : tensor<1x16x16xf32>
    %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
    %y = ccm.dense %x, %w, %b
        : tensor<?x6x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x6x16xf32>
    %z = ccm.dense %y, %w, %b
        : tensor<?x6x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x6x16xf32>
    ccm.output "values" %z low loss("l1") : tensor<?x6x16xf32>
  }
)";
  TestModel model("low : tensor<?x6x16xf32>", "low loss(\"mse\") : tensor<?x6x16xf32>", 1000000,
                  twice);
  const int64_t dense = 6 * 16 * 16;
  EXPECT_EQ(model.cost(model.reduce(), "use", "{model = @twice}").macs, 2 * dense);
  EXPECT_EQ(model.cost(model.core(6, 16), "use", "{model = @twice}").macs, 2 * dense);
  EXPECT_EQ(model.cost(model.core(6, 32), "use", "{model = @twice}").macs, 2 * dense + 6 * 32 * 16);
  Cost cost = model.cost(model.expand(6, 48), "use", "{model = @twice}");
  EXPECT_EQ(cost.macs, 2 * dense + 6 * 48 * 16);
  EXPECT_EQ(cost.parameters, 2 * (16 * 16 + 16) + 48 * 16 + 16);
}
