// SPDX-License-Identifier: Apache-2.0
// Samples that training changes.
#include "tests/unit/artifact/Emitted.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

namespace ccm::test {
namespace {

constexpr int64_t kRows = 3, kColumns = 5, kChannels = 2, kElements = kRows * kColumns * kChannels;

/// The output is the input, which training changes; targets of zero make the loss the mean square
/// of what it sees.
std::string modelOf(const std::string &numbers, const std::string &kind = "") {
  return R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %x = ccm.input "x" low )mlir" +
         kind + R"mlir( {augment = {)mlir" + numbers + R"mlir(}} : tensor<?x3x5x2xf32>
  %0 = ccm.reshape %x : tensor<?x3x5x2xf32> -> tensor<?x15x2xf32>
  %w = ccm.parameter "w" shape [15, 2] init("zeros", 0.0) : tensor<15x2xf32>
  %1 = ccm.positions %0, %w : tensor<?x15x2xf32>, tensor<15x2xf32>
  ccm.output "y" %1 low loss("mse") : tensor<?x15x2xf32>
}
)mlir";
}

/// A model of a kind of change, and samples that it is given.
template <typename Value>
class Changed {
public:
  explicit Changed(const std::string &numbers)
      : model(*loadEmitted(modelOf(numbers, sizeof(Value) == 1 ? "bytes" : ""))) {}

  std::vector<Value> draw(const std::vector<Value> &given, uint64_t seed = 1, int64_t step = 0,
                          int64_t first = 0) const {
    std::vector<Value> drawn(given.size());
    const void *inputs[] = {given.data()};
    ccm_batch batch = {sizeof(batch), int64_t(given.size()) / kElements,
                       inputs,        nullptr,
                       nullptr,       nullptr,
                       nullptr,       seed};
    void *arrays[] = {drawn.data()};
    EXPECT_EQ(model.draw(&batch, step, first, arrays, nullptr), CCM_OK);
    return drawn;
  }

  /// Mean square of what a step sees.
  double step(const std::vector<Value> &given, uint64_t seed, int64_t index, int32_t workers) {
    const int64_t count = int64_t(given.size()) / kElements;
    ccm_sizes sizes = {};
    sizes.bytes = sizeof sizes;
    EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
    Guarded params(sizes.params), state(sizes.state + 64), workspace(sizes.step);
    EXPECT_EQ(model.init(params.as(), nullptr, 5, nullptr), CCM_OK);
    const std::vector<float> zeros(given.size());
    const void *inputs[] = {given.data()}, *targets[] = {zeros.data()};
    ccm_batch batch = {sizeof(batch), count, inputs, targets, nullptr, nullptr, nullptr, seed};
    ccm_update update = {sizeof(update), 0.0f, 0.0f, index};
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    Threads threads(workers);
    double loss = 0;
    EXPECT_EQ(model.step(params.as(), state.as(), &batch, &update, &loss, &buffers,
                         threads.runner(), nullptr),
              CCM_OK);
    return loss;
  }

  const ccm_model &model;
};

/// Every value of a sample is another.
template <typename Value = float>
std::vector<Value> samples(int64_t count) {
  std::vector<Value> values(size_t(count * kElements));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = Value(i % size_t(kElements));
  return values;
}

float at(const std::vector<float> &values, int64_t sample, int64_t row, int64_t column, int64_t c) {
  return values[size_t(((sample * kRows + row) * kColumns + column) * kChannels + c)];
}

TEST(Augment, TableSaysHow) {
  const ccm_augment &by =
      Changed<float>("flip = 1.0, shift = 2.0, crop = 0.25, noise = 0.5").model.inputs[0].augment;
  EXPECT_EQ(by.flip, 1);
  EXPECT_EQ(by.shift, 2);
  EXPECT_EQ(by.crop, 0.25);
  EXPECT_EQ(by.gain, 0);
  EXPECT_EQ(by.noise, 0.5);
}

TEST(Augment, HalfOfTheSamplesAreMirrored) {
  constexpr int64_t kSamples = 400;
  const std::vector<float> given = samples(kSamples),
                           drawn = Changed<float>("flip = 1.0").draw(given);
  int64_t mirrored = 0;
  for (int64_t n = 0; n < kSamples; ++n) {
    const bool is = at(drawn, n, 0, 0, 0) != at(given, n, 0, 0, 0);
    mirrored += is;
    for (int64_t row = 0; row < kRows; ++row)
      for (int64_t column = 0; column < kColumns; ++column)
        for (int64_t c = 0; c < kChannels; ++c)
          ASSERT_EQ(at(drawn, n, row, column, c),
                    at(given, n, row, is ? kColumns - 1 - column : column, c));
  }
  EXPECT_NEAR(double(mirrored), kSamples / 2.0, 4 * std::sqrt(kSamples / 4.0));
}

TEST(Augment, ShiftsRepeatTheEnds) {
  constexpr int64_t kSamples = 300;
  const std::vector<float> given = samples(kSamples),
                           drawn = Changed<float>("shift = 2.0").draw(given);
  std::set<std::pair<int64_t, int64_t>> seen;
  for (int64_t n = 0; n < kSamples; ++n) {
    int64_t found = 0;
    for (int64_t down = -2; down <= 2; ++down)
      for (int64_t right = -2; right <= 2; ++right) {
        bool same = true;
        for (int64_t row = 0; row < kRows; ++row)
          for (int64_t column = 0; column < kColumns; ++column)
            same &= at(drawn, n, row, column, 1) ==
                    at(given, n, std::clamp<int64_t>(row + down, 0, kRows - 1),
                       std::clamp<int64_t>(column + right, 0, kColumns - 1), 1);
        found += same;
        if (same)
          seen.insert({down, right});
      }
    ASSERT_GE(found, 1) << "sample " << n;
  }
  EXPECT_EQ(seen.size(), 25u);
}

/// Between positions values are linear: of a ramp a part of it is left, as even as before.
TEST(Augment, CropsStretchWhatIsLeft) {
  constexpr int64_t kSamples = 200;
  std::vector<float> given = samples(kSamples);
  for (int64_t i = 0; i < kSamples * kElements; ++i)
    given[size_t(i)] = float((i / kChannels) % kColumns);
  const std::vector<float> drawn = Changed<float>("crop = 0.5").draw(given);
  double least = 1, most = 0;
  for (int64_t n = 0; n < kSamples; ++n) {
    const double step = at(drawn, n, 1, 2, 0) - at(drawn, n, 1, 1, 0);
    least = std::min(least, step), most = std::max(most, step);
    EXPECT_NEAR(at(drawn, n, 1, 3, 0) - at(drawn, n, 1, 2, 0), step, 1e-5);
    EXPECT_EQ(at(drawn, n, 0, 2, 1), at(drawn, n, 2, 2, 1));
  }
  EXPECT_GE(least, 0.5 - 1e-6);
  EXPECT_LT(least, 0.55);
  EXPECT_LE(most, 1 + 1e-6);
  EXPECT_GT(most, 0.95);
}

TEST(Augment, ValuesAreLightenedAndNoisy) {
  constexpr int64_t kSamples = 2000;
  const std::vector<float> ones(size_t(kSamples * kElements), 1.0f);
  for (const auto &[numbers, each] :
       {std::pair("gain = 0.25", false), {"brightness = 0.25", false}, {"noise = 0.25", true}}) {
    const std::vector<float> drawn = Changed<float>(numbers).draw(ones);
    double sum = 0, squares = 0;
    for (float value : drawn)
      sum += value - 1, squares += (value - 1) * (value - 1);
    const double rows = each ? double(drawn.size()) : kSamples;
    const double deviation = std::sqrt(squares / double(drawn.size()));
    const double expected = each ? 0.25 : 0.25 / std::sqrt(3.0);
    EXPECT_NEAR(sum / double(drawn.size()), 0, 4 * expected / std::sqrt(rows)) << numbers;
    EXPECT_NEAR(deviation, expected, 4 * expected / std::sqrt(rows)) << numbers;
    EXPECT_EQ(drawn[0] == drawn[1], !each) << numbers;
  }
}

TEST(Augment, BytesStayBytes) {
  const std::vector<uint8_t> given = samples<uint8_t>(50);
  EXPECT_EQ(Changed<uint8_t>("flip = 0.0").draw(given), given);
  const std::vector<uint8_t> drawn = Changed<uint8_t>("brightness = 1.0, noise = 0.5").draw(given);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 255) > 100, true);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 0) > 100, true);
}

TEST(Augment, DependsOnSeedStepAndSampleAlone) {
  const Changed<float> changed("flip = 1.0, shift = 1.0, crop = 0.3, gain = 0.2, noise = 0.1");
  const std::vector<float> given = samples(20), all = changed.draw(given);
  EXPECT_EQ(changed.draw(given), all);
  EXPECT_NE(changed.draw(given, 2), all);
  EXPECT_NE(changed.draw(given, 1, 1), all);
  const std::vector<float> last = changed.draw(samples(3), 1, 0, 17);
  EXPECT_TRUE(std::equal(last.begin(), last.end(), all.end() - 3 * kElements));
}

/// A step sees what `draw` shows, whatever blocks and workers it has; nothing else changes samples.
TEST(Augment, StepsSeeWhatIsDrawn) {
  Changed<float> changed("flip = 1.0, shift = 1.0, crop = 0.3, gain = 0.2, noise = 0.1");
  Changed<float> plain("flip = 0.0");
  for (int64_t count : {1, 2, 3, 8, 21, 70}) {
    const std::vector<float> given = samples(count);
    const double seen = plain.step(changed.draw(given, 7, 3), 7, 3, 1);
    for (int32_t workers = 1; workers <= 3; ++workers)
      EXPECT_EQ(changed.step(given, 7, 3, workers), seen) << count << ", " << workers;
  }
}

TEST(Augment, OnlyTrainingChanges) {
  const Changed<float> changed("noise = 1.0");
  const std::vector<float> given = samples(5);
  ccm_sizes sizes = {};
  sizes.bytes = sizeof sizes;
  ASSERT_EQ(changed.model.sizes(5, 1, &sizes, nullptr), CCM_OK);
  Guarded params(sizes.params), workspace(sizes.infer);
  ASSERT_EQ(changed.model.init(params.as(), nullptr, 5, nullptr), CCM_OK);
  std::vector<float> answered(given.size());
  const void *inputs[] = {given.data()};
  float *outputs[] = {answered.data()};
  ccm_batch batch = {sizeof(batch), 5, inputs, nullptr, outputs, nullptr, nullptr, 0};
  ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
  ASSERT_EQ(changed.model.infer(params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
  EXPECT_EQ(answered, given);
}

} // namespace
} // namespace ccm::test
