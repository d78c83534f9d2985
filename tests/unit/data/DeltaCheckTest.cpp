// SPDX-License-Identifier: Apache-2.0
// The check of deltas: a right model passes for every seed, each wrong one fails where it is wrong.
#include "tools/ccm-run/DeltaCheck.h"
#include "tests/unit/data/PairModel.h"
#include "tests/unit/data/TestData.h"

#include <cmath>

namespace ccm::run {
namespace {

/// What a sabotaged backward does to the deltas.
using Sabotage = void (*)(float *delta, const ccm_batch &batch);
Sabotage sabotage = nullptr;

const ccm_parameter &parameterOf(const char *name) {
  const ccm_model &model = *ccm_model_pair();
  for (int32_t i = 0; i < model.parameter_count; ++i)
    if (std::string(name) == model.parameters[i].name)
      return model.parameters[i];
  return model.parameters[0];
}

std::span<float> valuesOf(float *delta, const char *name) {
  const ccm_parameter &parameter = parameterOf(name);
  return {delta + parameter.offset / 4, size_t(parameter.bytes / 4)};
}

/// A part of the loss that rises and falls within a displacement: depth * sin(steepness * value),
/// of one value; none where the depth is 0.
struct Wave {
  double depth = 0, steepness = 0;
} wave;

double waveAt(const void *params, double (*function)(double)) {
  const ccm_parameter &parameter = parameterOf("token");
  float value = 0;
  std::memcpy(&value, static_cast<const char *>(params) + parameter.offset, sizeof value);
  return wave.depth * function(wave.steepness * double(value));
}

int32_t wavyLoss(const void *params, const ccm_batch *batch, double *loss, double *losses,
                 const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  const int32_t status =
      ccm_model_pair()->loss(params, batch, loss, losses, buffers, runner, error);
  *loss = float(*loss + waveAt(params, std::sin)); // as coarse as losses are
  return status;
}

int32_t sabotagedBackward(const void *params, const ccm_batch *batch, void *delta,
                          const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  const int32_t status = ccm_model_pair()->backward(params, batch, delta, buffers, runner, error);
  valuesOf(static_cast<float *>(delta), "token")[0] -=
      float(double(batch->count) * wave.steepness * waveAt(params, std::cos));
  if (sabotage)
    sabotage(static_cast<float *>(delta), *batch);
  return status;
}

std::vector<DeltaFinding> findingsOf(Sabotage how, uint64_t seed) {
  sabotage = how;
  ccm_model model = *ccm_model_pair();
  model.backward = sabotagedBackward;
  model.loss = wavyLoss;
  auto artifact = *Artifact::wrap(&model);
  SessionOptions options;
  options.seed = seed;
  Result<std::unique_ptr<Session>> made = Session::create(artifact, options);
  Session &session = **made;
  data::Dataset data = *data::openDataset("synthetic:9", artifact->inputs(), artifact->outputs());
  Result<Batch> room =
      Batch::create(artifact, 9, kInputs | kTargets | kOutputs | kOutputDeltas | kInputDeltas);
  Batch &batch = *room;
  for (int32_t i = 0; i < 2; ++i) {
    std::memcpy(batch.input(i), data.inputs[size_t(i)].samples->data(),
                data.inputs[size_t(i)].samples->size());
    std::memcpy(batch.target(i), data.targets[size_t(i)].samples->data(),
                data.targets[size_t(i)].samples->size());
  }
  Result<DeltaCheck> check = DeltaCheck::create(session, batch, seed);
  EXPECT_TRUE(check);
  std::vector<DeltaFinding> findings;
  for (size_t i = 0; i < check->count(); ++i)
    findings.push_back(*check->check(i));
  return findings;
}

/// An element of "curve" whose hidden value is not cut off.
constexpr size_t kElement = 4;

/// Names of what is wrong, joined by blanks.
std::string wrongOnes(Sabotage how, uint64_t seed = 1) {
  std::string names;
  for (const DeltaFinding &finding : findingsOf(how, seed))
    if (!(finding.error() <= 1))
      names += (names.empty() ? "" : " ") + finding.name;
  return names;
}

TEST(DeltaCheck, PassesARightModel) {
  for (uint64_t seed = 0; seed < 60; ++seed)
    EXPECT_EQ(wrongOnes(nullptr, seed), "") << seed;
}

TEST(DeltaCheck, CoversParametersAndContinuousInputs) {
  std::vector<std::string> names;
  for (const DeltaFinding &finding : findingsOf(nullptr, 0))
    names.push_back(finding.name);
  EXPECT_EQ(names, (std::vector<std::string>{"weight", "token", "bias", "kind", "curve",
                                             "input numbers"}));
}

TEST(DeltaCheck, SeesFinelyEnough) {
  for (const DeltaFinding &finding : findingsOf(nullptr, 0))
    EXPECT_LT(finding.bound, 0.01 * std::abs(finding.measured)) << finding.name;
}

TEST(DeltaCheck, FindsAWrongFactor) {
  auto more = [](float *delta, const ccm_batch &) {
    for (float &value : valuesOf(delta, "kind"))
      value *= 1.02f;
  };
  EXPECT_EQ(wrongOnes(more), "kind");
}

TEST(DeltaCheck, FindsAWrongSign) {
  auto turned = [](float *delta, const ccm_batch &) {
    for (float &value : valuesOf(delta, "bias"))
      value = -value;
  };
  EXPECT_EQ(wrongOnes(turned), "bias");
}

TEST(DeltaCheck, FindsAMissingElement) {
  auto missing = [](float *delta, const ccm_batch &) { valuesOf(delta, "curve")[kElement] = 0; };
  EXPECT_EQ(wrongOnes(missing), "curve");
}

TEST(DeltaCheck, FindsAMissingDelta) {
  auto missing = [](float *delta, const ccm_batch &) {
    for (float &value : valuesOf(delta, "token"))
      value = 0;
  };
  EXPECT_EQ(wrongOnes(missing), "token");
}

TEST(DeltaCheck, FindsAWrongInputDelta) {
  auto wrong = [](float *, const ccm_batch &batch) {
    for (int64_t i = 0; i < batch.count * 3; ++i)
      batch.input_deltas[0][i] *= 0.95f;
  };
  EXPECT_EQ(wrongOnes(wrong), "input numbers");
}

TEST(DeltaCheck, NoisyDeltasDoNotExcuseThemselves) {
  auto noisy = [](float *delta, const ccm_batch &) {
    static uint32_t state = 1;
    for (float &value : valuesOf(delta, "weight")) {
      state = state * 1664525 + 1013904223;
      value += float(int32_t(state)) * 0x1p-31f * 20;
    }
  };
  EXPECT_EQ(wrongOnes(noisy), "weight");
}

/// Nodes that are close see a loss that rises and falls between others, and deltas that do not.
TEST(DeltaCheck, WavesAreSeenByMoreNodes) {
  auto halved = [](float *delta, const ccm_batch &) {
    for (float &value : valuesOf(delta, "token"))
      value *= 0.5f;
  };
  for (double steepness : {1000, 2000, 4000, 8000})
    for (double depth : {1e-5, 1e-4, 1e-3}) {
      wave = {depth, steepness};
      EXPECT_EQ(wrongOnes(nullptr), "") << steepness << ", " << depth;
      EXPECT_EQ(wrongOnes(halved), "token") << steepness << ", " << depth;
    }
  wave = {};
}

TEST(DeltaCheck, NotANumberIsWrong) {
  auto invalid = [](float *delta, const ccm_batch &) { valuesOf(delta, "curve")[0] = NAN; };
  EXPECT_NE(wrongOnes(invalid).find("curve"), std::string::npos);
}

TEST(Noise, IsTheDeviationOfIndependentErrors) {
  std::vector<double> values;
  uint64_t state = 7;
  for (int i = 0; i < 400; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const double uniform = double(state >> 11) * 0x1p-53 - 0.5;
    values.push_back(3 + 1e-3 * i + 1e-6 * i * i + 1e-4 * uniform * std::sqrt(12.0));
  }
  EXPECT_NEAR(noiseOf(values), 1e-4, 3e-5);
}

TEST(Noise, SmoothValuesHaveNone) { EXPECT_LT(noiseOf({1, 2, 4, 7, 11, 16, 22, 29}), 1e-12); }

} // namespace
} // namespace ccm::run
