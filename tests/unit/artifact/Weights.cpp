// SPDX-License-Identifier: Apache-2.0
// What a loss counts: weights of indices and of samples, and scores that are calibrated.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

constexpr int64_t kClasses = 3;

/// Scores are the input; k is compared with indices that are balanced, y with weighed numbers.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  %yw = ccm.input "y_weight" pointwise drawn weight of "y" [] : tensor<?x1xf32>
  %b = ccm.parameter "b" shape [3] init("zeros", 0.0) : tensor<3xf32>
  %w = ccm.parameter "w" shape [3, 3] init("zeros", 0.0) : tensor<3x3xf32>
  %cw = ccm.parameter "output.k.class_weights" shape [3] init("constant", 1.0) frozen : tensor<3xf32>
  %o = ccm.parameter "output.k.offset" shape [3] init("constant", 0.0) frozen : tensor<3xf32>
  %t = ccm.parameter "output.k.factor" shape [3] init("constant", 1.0) frozen : tensor<3xf32>
  %0 = ccm.unscale %x, %o, %t : tensor<?x3xf32>, tensor<3xf32>
  ccm.output "k" %0 pointwise vocabulary 3 loss("cross_entropy") balanced scale calibrated scaled(%o, %t : tensor<3xf32>, tensor<3xf32>) weighed(%cw : tensor<3xf32>) : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}
)mlir";

const ccm_model &weighedModel() {
  static const ccm_model *model = loadEmitted(kModel);
  return *model;
}

class Weighed {
public:
  explicit Weighed(int64_t count)
      : count(count), sizes(sizesOf(count)), params(sizes.params), statistics(sizes.statistics),
        x(size_t(count * kClasses)), y(x.size()), deltas{std::vector<float>(x.size()), y} {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(std::sin(double(i)));
    for (int64_t i = 0; i < count; ++i)
      k.push_back(i % 4 == 3 ? 2 : 0); // three of four are 0, none is 1
    EXPECT_EQ(weighedModel().init(params.as(), nullptr, 1, nullptr), CCM_OK);
    std::fill_n(statistics.as<char>(), statistics.size(), 0);
  }

  float *parameter(int32_t number) {
    return reinterpret_cast<float *>(params.as<char>() +
                                     weighedModel().parameters[number - 1].offset);
  }

  void balance() {
    ccm_batch batch = batchOf(nullptr);
    EXPECT_EQ(weighedModel().gather(statistics.as(), &batch, nullptr), CCM_OK);
    EXPECT_EQ(weighedModel().set_statistics(params.as(), statistics.as(), nullptr), CCM_OK);
  }

  std::vector<float> infer() {
    std::vector<float> scores(x.size());
    float *outputs[] = {scores.data(), y.data()};
    ccm_batch batch = batchOf(nullptr);
    batch.outputs = outputs;
    Guarded workspace(sizes.infer);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    EXPECT_EQ(weighedModel().infer(params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
    return scores;
  }

  /// The mean losses of k and y; without a list of inputs where `hasInputs` is false.
  std::vector<double> losses(const float *weights, bool hasInputs = true) {
    std::vector<float> scores = infer();
    float *outputs[] = {scores.data(), y.data()};
    float *out[] = {deltas[0].data(), deltas[1].data()};
    ccm_batch batch = batchOf(weights);
    batch.outputs = outputs;
    batch.output_deltas = out;
    if (!hasInputs)
      batch.inputs = nullptr;
    Guarded workspace(sizes.loss);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    std::vector<double> all(2);
    double loss = 0;
    EXPECT_EQ(
        weighedModel().loss(params.as(), &batch, &loss, all.data(), &buffers, nullptr, nullptr),
        CCM_OK);
    return all;
  }

  int64_t count;

private:
  static ccm_sizes sizesOf(int64_t count) {
    ccm_sizes sizes = {};
    sizes.bytes = sizeof sizes;
    EXPECT_EQ(weighedModel().sizes(count, 1, &sizes, nullptr), CCM_OK);
    return sizes;
  }
  ccm_batch batchOf(const float *weights) {
    inputs[0] = x.data(), inputs[1] = weights;
    targets[0] = k.data(), targets[1] = zeros(x.size());
    return {sizeof(ccm_batch), count, inputs, targets, nullptr, nullptr, nullptr, 0};
  }
  const float *zeros(size_t size) {
    none.assign(size, 0.0f);
    return none.data();
  }

  ccm_sizes sizes;
  Guarded params, statistics;
  const void *inputs[2], *targets[2];
  std::vector<float> none;

public:
  std::vector<float> x, y;
  std::vector<int32_t> k;
  std::vector<float> deltas[2];
};

TEST(Weights, PortsSayThem) {
  const ccm_model &model = weighedModel();
  EXPECT_EQ(model.inputs[1].draw, CCM_WEIGHT);
  EXPECT_EQ(model.inputs[1].partner, 2);
  EXPECT_STREQ(model.parameters[model.outputs[0].class_weights - 1].name, "output.k.class_weights");
  EXPECT_EQ(model.outputs[0].balanced, 1);
  EXPECT_EQ(model.outputs[0].scale, CCM_CALIBRATED);
  EXPECT_EQ(model.outputs[1].class_weights, 0);
}

TEST(Weights, BalancedOnesMakeIndicesWeighTheSame) {
  Weighed weighed(40);
  const float *weights = weighed.parameter(weighedModel().outputs[0].class_weights);
  EXPECT_EQ(weights[0], 1.0f);
  weighed.balance();
  EXPECT_EQ(weights[0], float(40.0 / (2 * 30)));
  EXPECT_EQ(weights[1], 1.0f) << "which no target has";
  EXPECT_EQ(weights[2], 2.0f);
}

TEST(Weights, IndicesMultiplyLossAndDelta) {
  Weighed weighed(8);
  weighed.losses(nullptr);
  const std::vector<float> before = weighed.deltas[0];
  float *weights = weighed.parameter(weighedModel().outputs[0].class_weights);
  weights[0] = 4, weights[2] = 0;
  weighed.losses(nullptr);
  for (int64_t n = 0; n < 8; ++n)
    for (int64_t c = 0; c < kClasses; ++c) {
      const size_t i = size_t(n * kClasses + c);
      EXPECT_EQ(weighed.deltas[0][i], weighed.k[size_t(n)] == 0 ? 4 * before[i] : 0.0f);
    }
}

TEST(Weights, SamplesMultiplyLossAndDelta) {
  for (int64_t count : {1, 2, 9, 21}) {
    Weighed weighed(count);
    const double plain = weighed.losses(nullptr)[1];
    const std::vector<float> before = weighed.deltas[1];
    EXPECT_EQ(weighed.losses(nullptr, false)[1], plain) << "no inputs are weights of 1";
    EXPECT_EQ(weighed.deltas[1], before);
    std::vector<float> weights;
    for (int64_t n = 0; n < count; ++n)
      weights.push_back(float(n % 3));
    double expected = 0;
    for (int64_t n = 0; n < count; ++n)
      for (int64_t c = 0; c < kClasses; ++c) {
        const double value = weighed.x[size_t(n * kClasses + c)];
        expected += weights[size_t(n)] * value * value / double(kClasses * count);
      }
    EXPECT_NEAR(weighed.losses(weights.data())[1], expected, 1e-6);
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_EQ(weighed.deltas[1][i], before[i] * weights[i / kClasses]);
  }
}

/// Scores are divided, their loss is not.
TEST(Weights, TemperaturesDoNotReachTheLoss) {
  Weighed weighed(16);
  const std::vector<float> plain = weighed.infer();
  const double loss = weighed.losses(nullptr)[0];
  float *temperature = weighed.parameter(weighedModel().outputs[0].factor);
  std::fill_n(temperature, kClasses, 2.0f);
  const std::vector<float> divided = weighed.infer();
  for (size_t i = 0; i < plain.size(); ++i)
    EXPECT_EQ(divided[i], plain[i] / 2);
  EXPECT_EQ(weighed.losses(nullptr)[0], loss);
}

} // namespace
} // namespace ccm::test
