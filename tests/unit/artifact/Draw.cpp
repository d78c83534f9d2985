// SPDX-License-Identifier: Apache-2.0
// Inputs that a batch may lack: what stands in for them, and what is drawn.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

/// The output is the input where that is there, and zero else; targets of zero make the loss of a
/// batch of ones the part of it that is there.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %x = ccm.input "x" pointwise : tensor<?x1xf32>
  %p = ccm.input "x_present" pointwise drawn presence of "x" [3.0e-01] : tensor<?x1xf32>
  %v = ccm.parameter "v" shape [1] init("zeros", 0.0) : tensor<1xf32>
  %0 = ccm.stand_in %x, %p, %v : tensor<?x1xf32>, tensor<?x1xf32>, tensor<1xf32>
  ccm.output "y" %0 pointwise loss("mse") : tensor<?x1xf32>
}
)mlir";

const ccm_model *drawnModel() {
  static const ccm_model *model = loadEmitted(kModel);
  return model;
}

/// A batch of ones.
class Ones {
public:
  explicit Ones(int64_t count, int32_t workers = 1)
      : count(count), threads(workers), x(count * 4), present(count * 4), target(count * 4),
        y(count * 4), params(64), state(64) {
    sizes.bytes = sizeof(sizes);
    ok(model.sizes(count, workers, &sizes, nullptr));
    std::fill_n(x.floats().begin(), count, 1.0f);
    std::fill_n(target.floats().begin(), count, 0.0f);
    ok(model.init(params.as(), nullptr, 5, nullptr));
  }

  std::vector<float> infer(bool isGiven, const std::vector<float> &presence = {}) {
    std::copy(presence.begin(), presence.end(), present.floats().begin());
    const void *inputs[] = {isGiven ? x.as() : nullptr, presence.empty() ? nullptr : present.as()};
    float *outputs[] = {y.as<float>()};
    ccm_batch batch = {sizeof(batch), count, inputs, nullptr, outputs, nullptr, nullptr, 0};
    Guarded workspace(sizes.infer);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    ok(model.infer(params.as(), &batch, &buffers, threads.runner(), nullptr));
    return {y.floats().begin(), y.floats().end()};
  }

  /// The part of the samples that a step has; without a presence's array it is drawn.
  double step(uint64_t seed, int64_t index) {
    const void *inputs[] = {x.as(), nullptr}, *targets[] = {target.as()};
    ccm_batch batch = {sizeof(batch), count, inputs, targets, nullptr, nullptr, nullptr, seed};
    ccm_update update = {sizeof(update), 0.0f, 0.0f, index};
    Guarded workspace(sizes.step);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    double loss = 0;
    ok(model.step(params.as(), state.as(), &batch, &update, &loss, &buffers, threads.runner(),
                  nullptr));
    return loss;
  }

private:
  static void ok(int32_t status) { EXPECT_EQ(status, CCM_OK); }
  const ccm_model &model = *drawnModel();
  int64_t count;
  Threads threads;
  ccm_sizes sizes = {};
  Guarded x, present, target, y, params, state;
};

TEST(Draw, TableHasPartners) {
  const ccm_model &model = *drawnModel();
  ASSERT_EQ(model.input_count, 2);
  EXPECT_EQ(model.inputs[0].partner, 2);
  EXPECT_EQ(model.inputs[0].draw, CCM_GIVEN);
  EXPECT_EQ(model.inputs[1].partner, 1);
  EXPECT_EQ(model.inputs[1].draw, CCM_PRESENCE);
  EXPECT_EQ(model.inputs[1].numbers[0], 0.3);
  EXPECT_EQ(model.outputs[0].partner, 0);
}

TEST(Draw, WhatIsNotGivenIsNotThere) {
  for (int64_t count : {1, 2, 7, 19}) {
    Ones ones(count);
    EXPECT_EQ(ones.infer(true), std::vector<float>(count, 1));
    EXPECT_EQ(ones.infer(false), std::vector<float>(count, 0));
    EXPECT_EQ(ones.infer(false, std::vector<float>(count, 1)), std::vector<float>(count, 0));
    std::vector<float> half(count, 0.5f);
    EXPECT_EQ(ones.infer(true, half), half);
  }
}

TEST(Draw, HasTheDeclaredProbability) {
  constexpr int64_t kSamples = 20000;
  double present = Ones(kSamples).step(1, 0);
  EXPECT_NEAR(present, 0.7, 4 * std::sqrt(0.3 * 0.7 / kSamples));
}

TEST(Draw, DependsOnSeedAndStepButNotOnWorkers) {
  constexpr int64_t kSamples = 501;
  double present = Ones(kSamples).step(1, 0);
  for (int32_t workers = 2; workers <= 4; ++workers)
    EXPECT_EQ(Ones(kSamples, workers).step(1, 0), present);
  EXPECT_NE(Ones(kSamples).step(2, 0), present);
  EXPECT_NE(Ones(kSamples).step(1, 1), present);
}

/// Sums of the losses of the shards, each run on its own samples alone.
std::vector<double> lossesOfShards(int64_t total, uint64_t seed, int64_t index) {
  const ccm_model &model = *drawnModel();
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  EXPECT_EQ(model.sizes(total, 1, &sizes, nullptr), CCM_OK);
  Guarded params(sizes.params);
  EXPECT_EQ(model.init(params.as(), nullptr, 5, nullptr), CCM_OK);
  std::vector<double> losses;
  for (int32_t shard = 0; shard < int32_t(sizes.shards); ++shard) {
    int64_t begin = 0, end = 0;
    EXPECT_EQ(model.shard_begin(total, shard, &begin, nullptr), CCM_OK);
    EXPECT_EQ(model.shard_begin(total, shard + 1, &end, nullptr), CCM_OK);
    Guarded x((end - begin) * 4), target((end - begin) * 4), delta(sizes.delta);
    Guarded workspace(sizes.step);
    std::fill_n(x.floats().begin(), end - begin, 1.0f);
    std::fill_n(target.floats().begin(), end - begin, 0.0f);
    const void *inputs[] = {x.as(), nullptr}, *targets[] = {target.as()};
    ccm_batch batch = {sizeof(batch), end - begin, inputs,  targets,
                       nullptr,       nullptr,     nullptr, seed};
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    losses.push_back(0);
    ccm_shards part = {sizeof(part), shard, 1, total, delta.as(), &losses.back(), index};
    EXPECT_EQ(model.shards(params.as(), &batch, &part, &buffers, nullptr, nullptr), CCM_OK);
  }
  return losses;
}

TEST(Draw, ShardsDrawWhatTheStepDraws) {
  constexpr int64_t kSamples = 40001;
  double sum = 0;
  std::vector<double> losses = lossesOfShards(kSamples, 9, 3);
  ASSERT_GT(losses.size(), 1u);
  for (double loss : losses)
    sum += loss;
  EXPECT_EQ(sum / kSamples, Ones(kSamples).step(9, 3));
}

// ---- Noise and times ----------------------------------------------------------------------------

/// The output is what is noised, so that its loss against targets of zero tells of the draw.
constexpr const char *kNoisedModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %z = ccm.input "z" low drawn noised of "y" [5.0e-01, 2.0] : tensor<?x3x1xf32>
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  %0 = ccm.denoise %z, %t, %z : tensor<?x3x1xf32>, tensor<?x1xf32>
  ccm.output "y" %z low bytes loss("mse") : tensor<?x3x1xf32>
}
)mlir";

const ccm_model *noisedModel() {
  static const ccm_model *model = loadEmitted(kNoisedModel);
  return model;
}

struct Drawn {
  std::vector<float> noised, times;
};

/// What is drawn for `count` samples from number `first` on. With `time` at or above 0 that is the
/// time of all.
Drawn drawNoised(int64_t count, int64_t first = 0, uint64_t seed = 4, int64_t step = 2,
                 float time = -1, const uint8_t *target = nullptr) {
  Drawn drawn{std::vector<float>(count * 3), std::vector<float>(count, time)};
  const void *inputs[] = {nullptr, time < 0 ? nullptr : drawn.times.data()};
  const void *targets[] = {target};
  ccm_batch batch = {sizeof(batch), count,   inputs,  target ? targets : nullptr,
                     nullptr,       nullptr, nullptr, seed};
  void *arrays[] = {drawn.noised.data(), time < 0 ? drawn.times.data() : nullptr};
  EXPECT_EQ(noisedModel()->draw(&batch, step, first, arrays, nullptr), CCM_OK);
  return drawn;
}

TEST(Draw, NoiseHasItsMeanAndDeviation) {
  constexpr int64_t kSamples = 20000;
  std::vector<float> noise = drawNoised(kSamples, 0, 4, 2, 1).noised;
  double sum = 0, squares = 0, count = double(noise.size());
  for (float value : noise) {
    sum += value;
    squares += (value - 0.5) * (value - 0.5);
  }
  EXPECT_NEAR(sum / count, 0.5, 4 * 2 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 4, 4 * 4 * std::sqrt(2 / count));
}

TEST(Draw, TimesAreSquaresOfUniformNumbers) {
  constexpr int64_t kSamples = 20000;
  double sum = 0, squares = 0;
  for (float time : drawNoised(kSamples).times) {
    EXPECT_TRUE(time > 0 && time < 1);
    sum += std::sqrt(double(time));
    squares += time;
  }
  EXPECT_NEAR(sum / kSamples, 0.5, 4 * std::sqrt(1 / 12.0 / kSamples));
  EXPECT_NEAR(squares / kSamples, 1 / 3.0, 4 * std::sqrt(4 / 45.0 / kSamples));
}

TEST(Draw, MixesTheTargetWithNoise) {
  const uint8_t target[] = {0, 51, 255};
  std::vector<float> noise = drawNoised(1, 0, 4, 2, 1).noised;
  for (float time : {0.0f, 0.25f, 1.0f}) {
    std::vector<float> mixed = drawNoised(1, 0, 4, 2, time, target).noised;
    for (int i = 0; i < 3; ++i)
      EXPECT_FLOAT_EQ(mixed[i], (1 - time) * float(target[i]) / 255 + time * noise[i]);
  }
}

TEST(Draw, SamplesAreKnownByTheirNumber) {
  Drawn whole = drawNoised(9), rest = drawNoised(4, 5);
  EXPECT_EQ(rest.times, std::vector<float>(whole.times.begin() + 5, whole.times.end()));
  EXPECT_EQ(rest.noised, std::vector<float>(whole.noised.begin() + 15, whole.noised.end()));
  EXPECT_NE(drawNoised(9, 0, 5).noised, whole.noised);
  EXPECT_NE(drawNoised(9, 0, 4, 3).noised, whole.noised);
}

/// The mean loss of a step on targets of zero.
double noisedStep(int64_t count, int32_t workers) {
  const ccm_model &model = *noisedModel();
  Threads threads(workers);
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
  Guarded params(64), state(64), workspace(sizes.step);
  std::vector<uint8_t> target(count * 3);
  const void *inputs[] = {nullptr, nullptr}, *targets[] = {target.data()};
  ccm_batch batch = {sizeof(batch), count, inputs, targets, nullptr, nullptr, nullptr, 4};
  ccm_update update = {sizeof(update), 0.0f, 0.0f, 2};
  ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
  double loss = 0;
  EXPECT_EQ(model.step(params.as(), state.as(), &batch, &update, &loss, &buffers, threads.runner(),
                       nullptr),
            CCM_OK);
  return loss;
}

TEST(Draw, StepsUseWhatTheEntryDraws) {
  constexpr int64_t kSamples = 37;
  const uint8_t target[kSamples * 3] = {};
  Drawn drawn = drawNoised(kSamples, 0, 4, 2, -1, target);
  double sum = 0;
  for (float value : drawn.noised)
    sum += double(value) * value / 3;
  // A sample's loss is a sum of three squares in float: five roundings.
  EXPECT_NEAR(noisedStep(kSamples, 1), sum / kSamples, 5 * 0x1p-24 * sum / kSamples);
  EXPECT_EQ(noisedStep(kSamples, 1), noisedStep(kSamples, 2));
  EXPECT_EQ(noisedStep(kSamples, 1), noisedStep(kSamples, 3));
}

TEST(Draw, RefusesWhatItCannotFill) {
  const ccm_model &model = *noisedModel();
  char text[200] = "";
  ccm_error error = {text, sizeof(text)};
  float values[3] = {};
  ccm_batch batch = {sizeof(batch), 1, nullptr, nullptr, nullptr, nullptr, nullptr, 0};
  EXPECT_EQ(model.draw(&batch, 0, 0, nullptr, &error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(text, "expected a list of 2 arrays, found null");
  void *arrays[] = {values, nullptr};
  EXPECT_EQ(model.draw(&batch, 0, 0, arrays, &error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(text, "expected an array of 't' for 'z', found null");
  batch.count = 0;
  EXPECT_EQ(model.draw(&batch, 0, 0, arrays, &error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(text, "expected a batch of at least 1 sample, found 0");
}

TEST(Draw, InferNeedsWhatIsNoised) {
  const ccm_model &model = *noisedModel();
  char text[200] = "";
  ccm_error error = {text, sizeof(text)};
  const void *inputs[] = {nullptr, nullptr};
  float y[3] = {}, *outputs[] = {y};
  ccm_batch batch = {sizeof(batch), 1, inputs, nullptr, outputs, nullptr, nullptr, 0};
  Guarded params(64), workspace(1 << 16);
  ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
  EXPECT_EQ(model.infer(params.as(), &batch, &buffers, nullptr, &error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(text, "expected an array of 1 samples as input 'z', found null");
}

} // namespace
} // namespace ccm::test
