// SPDX-License-Identifier: Apache-2.0
// Scales of ports: what is gathered of values, and what is made of it.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

/// Gives the sum of the scaled inputs, in the unit of the output; z may be missing.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %x = ccm.input "x" pointwise scale standard : tensor<?x2xf32>
  %z = ccm.input "z" pointwise scale robust : tensor<?x2xf32>
  %p = ccm.input "z_present" pointwise drawn presence of "z" [3.0e-01] : tensor<?x1xf32>
  %xo = ccm.parameter "input.x.offset" shape [2] init("constant", 0.0) frozen : tensor<2xf32>
  %xf = ccm.parameter "input.x.factor" shape [2] init("constant", 1.0) frozen : tensor<2xf32>
  %zo = ccm.parameter "input.z.offset" shape [2] init("constant", 0.0) frozen : tensor<2xf32>
  %zf = ccm.parameter "input.z.factor" shape [2] init("constant", 1.0) frozen : tensor<2xf32>
  %yo = ccm.parameter "output.y.offset" shape [2] init("constant", 0.0) values [3.0, 4.0] frozen : tensor<2xf32>
  %yf = ccm.parameter "output.y.factor" shape [2] init("constant", 1.0) values [2.0, 0.5] frozen : tensor<2xf32>
  %v = ccm.parameter "v" shape [2] init("zeros", 0.0) : tensor<2xf32>
  %0 = ccm.scale %x, %xo, %xf : tensor<?x2xf32>, tensor<2xf32>
  %1 = ccm.scale %z, %zo, %zf : tensor<?x2xf32>, tensor<2xf32>
  %2 = ccm.stand_in %1, %p, %v : tensor<?x2xf32>, tensor<?x1xf32>, tensor<2xf32>
  %3 = ccm.add %0, %2 : tensor<?x2xf32>
  %4 = ccm.unscale %3, %yo, %yf : tensor<?x2xf32>, tensor<2xf32>
  ccm.output "y" %4 pointwise loss("mse") scale fixed by [3.0, 4.0] [2.0, 0.5] scaled(%yo, %yf : tensor<2xf32>, tensor<2xf32>) : tensor<?x2xf32>
}
)mlir";

const ccm_model &scaledModel() {
  static const ccm_model *model = loadEmitted(kModel);
  return *model;
}

using Rows = std::vector<float>; ///< two channels per row

/// A model whose scales follow from rows of x or z.
class Scaled {
public:
  Scaled() : params(sizes().params), statistics(sizes().statistics) {
    EXPECT_EQ(scaledModel().init(params.as(), nullptr, 1, nullptr), CCM_OK);
    std::fill_n(statistics.as<char>(), statistics.size(), 0);
  }

  static ccm_sizes sizes(int64_t count = 1) {
    ccm_sizes sizes = {};
    sizes.bytes = sizeof sizes;
    EXPECT_EQ(scaledModel().sizes(count, 1, &sizes, nullptr), CCM_OK);
    return sizes;
  }

  void gather(const float *x, const float *z, int64_t count, const float *presence = nullptr) {
    const void *inputs[] = {x, z, presence};
    ccm_batch batch = {sizeof(batch), count, inputs, nullptr, nullptr, nullptr, nullptr, 0};
    EXPECT_EQ(scaledModel().gather(statistics.as(), &batch, nullptr), CCM_OK);
  }

  void set() {
    EXPECT_EQ(scaledModel().set_statistics(params.as(), statistics.as(), nullptr), CCM_OK);
  }

  float parameter(const std::string &name, size_t channel) {
    for (int32_t i = 0; i < scaledModel().parameter_count; ++i)
      if (const ccm_parameter &p = scaledModel().parameters[i]; p.name == name)
        return reinterpret_cast<float *>(params.as<char>() + p.offset)[channel];
    ADD_FAILURE() << "no parameter " << name;
    return 0;
  }

  Guarded params, statistics;
};

TEST(Statistics, PortsSayTheirScale) {
  const ccm_model &model = scaledModel();
  EXPECT_EQ(model.inputs[0].scale, CCM_STANDARD);
  EXPECT_EQ(model.inputs[1].scale, CCM_ROBUST);
  EXPECT_EQ(model.inputs[2].scale, CCM_UNSCALED);
  EXPECT_EQ(model.outputs[0].scale, CCM_FIXED);
  EXPECT_STREQ(model.parameters[model.inputs[1].factor - 1].name, "input.z.factor");
  EXPECT_STREQ(model.parameters[model.outputs[0].offset - 1].name, "output.y.offset");
  EXPECT_EQ(model.trained_count, 1);
}

TEST(Statistics, StandardIsMeanAndDeviation) {
  Scaled scaled;
  // Years, whose squares a float cannot tell apart, and what is the same everywhere.
  Rows rows;
  double sum = 0, squares = 0;
  for (int i = 0; i < 101; ++i) {
    double year = 1900 + (i * 37) % 101;
    rows.insert(rows.end(), {float(year), 1e5f});
    sum += year, squares += (year - 1950) * (year - 1950);
  }
  scaled.gather(rows.data(), nullptr, 101);
  scaled.set();
  EXPECT_FLOAT_EQ(scaled.parameter("input.x.offset", 0), float(sum / 101));
  EXPECT_FLOAT_EQ(scaled.parameter("input.x.factor", 0), float(1 / std::sqrt(squares / 101)));
  EXPECT_EQ(scaled.parameter("input.x.offset", 1), 1e5f);
  EXPECT_EQ(scaled.parameter("input.x.factor", 1), 1.0f);
  EXPECT_EQ(scaled.parameter("input.z.offset", 0), 0.0f) << "of which nothing was gathered";
  EXPECT_EQ(scaled.parameter("input.z.factor", 0), 1.0f);
  EXPECT_EQ(scaled.parameter("output.y.factor", 1), 0.5f) << "fixed";
}

TEST(Statistics, BitsDoNotDependOnBatches) {
  Rows rows;
  for (int i = 0; i < 2000; ++i)
    rows.push_back(std::sin(float(i)) * 1e-9f + (i % 2 ? 7.0f : 0.0f));
  Scaled whole, parts;
  whole.gather(rows.data(), rows.data(), 1000);
  for (int64_t at = 0, count = 1; at < 1000; at += count, count = count % 7 + 1) {
    count = std::min(count, 1000 - at);
    parts.gather(rows.data() + 2 * at, rows.data() + 2 * at, count);
  }
  whole.set(), parts.set();
  EXPECT_EQ(whole.params.copy(), parts.params.copy());
}

TEST(Statistics, MissingAndUnboundedValuesAreLeftOut) {
  Scaled scaled;
  Rows x{1, 2, NAN, INFINITY, 3, 6}, z{1, 1, 100, 100, 3, 1};
  Rows presence{1, 0, 1};
  scaled.gather(x.data(), z.data(), 3, presence.data());
  scaled.set();
  EXPECT_EQ(scaled.parameter("input.x.offset", 0), 2.0f);
  EXPECT_EQ(scaled.parameter("input.x.factor", 0), 1.0f);
  EXPECT_EQ(scaled.parameter("input.x.offset", 1), 4.0f);
  EXPECT_EQ(scaled.parameter("input.x.factor", 1), 0.5f);
  EXPECT_EQ(scaled.parameter("input.z.offset", 0), 2.0f);
  EXPECT_EQ(scaled.parameter("input.z.offset", 1), 1.0f);
}

TEST(Statistics, RobustIsMedianAndQuartiles) {
  Scaled scaled;
  Rows rows;
  for (int i = 0; i < 101; ++i)
    rows.insert(rows.end(), {i == 7 ? 1e9f : float((i * 37) % 101), i < 80 ? 5.0f : float(i)});
  scaled.gather(nullptr, rows.data(), 101);
  scaled.set();
  EXPECT_NEAR(scaled.parameter("input.z.offset", 0), 50, 1);
  EXPECT_NEAR(scaled.parameter("input.z.factor", 0), 1.34898 / 50, 1e-3);
  EXPECT_EQ(scaled.parameter("input.z.offset", 1), 5.0f);
  EXPECT_GT(scaled.parameter("input.z.factor", 1), 0.01f) << "from the deviation";
}

TEST(Statistics, QuartilesOfManyAreThoseOfSome) {
  Scaled scaled;
  constexpr int64_t kRows = 200000;
  Rows rows(2 * kRows);
  for (int64_t i = 0; i < kRows; ++i)
    rows[2 * i] = rows[2 * i + 1] = float(i);
  scaled.gather(nullptr, rows.data(), kRows);
  scaled.set();
  // A share of 16,384 values has a deviation of at most 1 / (2 sqrt(16384)); five of them.
  const double slack = 5.0 / 256;
  EXPECT_NEAR(scaled.parameter("input.z.offset", 0) / kRows, 0.5, slack);
  EXPECT_NEAR(1.34898 / scaled.parameter("input.z.factor", 0) / kRows, 0.5, 2 * slack);
}

TEST(Statistics, ValuesAreInTheirUnitAndComparedWithoutOne) {
  Scaled scaled;
  Guarded workspace(std::max(Scaled::sizes().infer, Scaled::sizes().loss));
  ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
  float x[] = {1.5f, -2.0f}, z[] = {0, 0}, t[] = {4.0f, 8.0f}, y[2], dy[2];
  const void *inputs[] = {x, z, nullptr}, *targets[] = {t};
  float *outputs[] = {y}, *deltas[] = {dy};
  ccm_batch batch = {sizeof(batch), 1, inputs, targets, outputs, deltas, nullptr, 0};
  ASSERT_EQ(scaledModel().infer(scaled.params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
  EXPECT_EQ(y[0], 1.5f / 2 + 3);
  EXPECT_EQ(y[1], -2.0f / 0.5f + 4);
  double loss = 0;
  ASSERT_EQ(
      scaledModel().loss(scaled.params.as(), &batch, &loss, nullptr, &buffers, nullptr, nullptr),
      CCM_OK);
  const float e0 = (y[0] - t[0]) * 2, e1 = (y[1] - t[1]) * 0.5f;
  EXPECT_FLOAT_EQ(float(loss), (e0 * e0 + e1 * e1) / 2);
  EXPECT_FLOAT_EQ(dy[0], -e0 * 2) << "of the value in its unit";
  EXPECT_FLOAT_EQ(dy[1], -e1 * 0.5f);
}

TEST(Statistics, RefusesWhatCannotBe) {
  Scaled scaled;
  ccm_batch batch = {sizeof(batch), 0, nullptr, nullptr, nullptr, nullptr, nullptr, 0};
  char message[200] = "";
  ccm_error error = {message, sizeof message};
  EXPECT_EQ(scaledModel().gather(scaled.statistics.as(), &batch, &error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(message, "expected a batch of at least 1 sample, found 0");
  EXPECT_EQ(scaledModel().gather(nullptr, &batch, &error), CCM_BAD_ARGUMENT);
  EXPECT_EQ(std::string(message).substr(0, 23), "expected 'statistics' o");
  EXPECT_EQ(scaledModel().set_statistics(nullptr, scaled.statistics.as(), &error),
            CCM_BAD_ARGUMENT);
}

} // namespace
} // namespace ccm::test
