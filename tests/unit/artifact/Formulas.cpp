// SPDX-License-Identifier: Apache-2.0
// First values that formulas give: the transform of a frame, and bands of the mel scale.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

constexpr int64_t kSamples = 30, kBands = 7, kPeriods = kSamples / 2;

constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1] {
  %x = ccm.input "x" pointwise : tensor<?x1xf32>
  %f = ccm.parameter "f" shape [30, 30, 1] init("fourier", 1.0) frozen : tensor<30x30x1xf32>
  %m = ccm.parameter "m" shape [7, 30] init("mel", 2.0) frozen : tensor<7x30xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x1xf32>
}
)mlir";

struct Formulas : testing::Test {
  void SetUp() override {
    const ccm_model *model = loadEmitted(kModel);
    ASSERT_TRUE(model);
    ASSERT_EQ(model->parameter_count, 2);
    Guarded params(model->parameters[1].offset + 4096);
    ASSERT_EQ(model->init(params.as(), nullptr, 3, nullptr), CCM_OK);
    auto first = params.floats().begin();
    transform.assign(first, first + kSamples * kSamples);
    auto second = first + int64_t(model->parameters[1].offset / 4);
    bands.assign(second, second + kBands * kSamples);
  }

  /// The power of `periods` in a signal of one frame.
  double powerOf(int64_t periods, const std::vector<double> &signal) const {
    double parts[2] = {0, 0};
    for (int part = 0; part < 2; ++part)
      for (int64_t t = 0; t < kSamples; ++t)
        parts[part] += double(transform[(2 * periods - 2 + part) * kSamples + t]) * signal[t];
    return parts[0] * parts[0] + parts[1] * parts[1];
  }

  std::vector<float> transform, bands;
};

TEST_F(Formulas, TransformIsThatOfAHannWindow) {
  for (int64_t row = 0; row < kSamples; ++row)
    for (int64_t t = 0; t < kSamples; ++t) {
      double turn = 2 * M_PI * double(t) / kSamples, angle = double(row / 2 + 1) * turn;
      double wave = row % 2 ? std::sin(angle) : std::cos(angle);
      double expected = 4.0 / kSamples * (0.5 - 0.5 * std::cos(turn)) * wave;
      ASSERT_NEAR(transform[row * kSamples + t], expected, 1e-8) << row << " " << t;
    }
}

TEST_F(Formulas, ASineOfAmplitudeOneHasAPowerOfOne) {
  std::vector<double> sine(kSamples), mean(kSamples, 5);
  for (int64_t t = 0; t < kSamples; ++t)
    sine[t] = std::sin(2 * M_PI * 4 * double(t) / kSamples + 1);
  EXPECT_NEAR(powerOf(4, sine), 1, 1e-6);
  EXPECT_NEAR(powerOf(5, sine), 0.25, 1e-6); // what a Hann window lets over
  EXPECT_NEAR(powerOf(6, sine), 0, 1e-6);
  EXPECT_NEAR(powerOf(3, mean), 0, 1e-6);
}

TEST_F(Formulas, BandsAreTrianglesOnTheMelScale) {
  auto mel = [](double periods) { return std::log10(1 + 16000 * periods / kSamples / 700); };
  for (int64_t band = 0; band < kBands; ++band) {
    double sum = 0;
    for (int64_t k = 1; k <= kPeriods; ++k) {
      // The triangle's area, by many thin slices, under the scale's share of these periods.
      double low = k == 1 ? 0 : double(k) - 0.5, high = k == kPeriods ? double(k) : double(k) + 0.5;
      double from = mel(low) / mel(kPeriods), to = mel(high) / mel(kPeriods), area = 0;
      constexpr int kSlices = 20000;
      for (int i = 0; i < kSlices; ++i) {
        double at = (from + (to - from) * (i + 0.5) / kSlices) * (kBands + 1);
        area += std::max(0.0, 1 - std::abs(at - double(band + 1))) / kSlices;
      }
      area *= (to - from) * (kBands + 1);
      float cosine = bands[band * kSamples + 2 * k - 2], sine = bands[band * kSamples + 2 * k - 1];
      EXPECT_EQ(cosine, sine);
      EXPECT_NEAR(cosine, 2 * area, 1e-6) << band << " " << k;
      sum += double(cosine);
    }
    EXPECT_NEAR(sum, 2, 1e-6) << "an average, times the scale";
  }
}

} // namespace
} // namespace ccm::test
