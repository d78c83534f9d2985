// SPDX-License-Identifier: Apache-2.0
// Where numbers that are not finite begin is named, whatever they spread to.
#include "runtime/Divergence.h"
#include "TestFiles.h"

#include <limits>

namespace ccm::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int64_t kSamples = 3;

/// The forward of the linear model with a number that overflows within the last sample's internals.
int32_t forwardWithOverflow(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                            const ccm_runner *runner, ccm_error *error) {
  int32_t status = ccm_model_linear()->forward(params, batch, buffers, runner, error);
  static_cast<float *>(buffers->internal)[(batch->count - 1) * kIn + 2] = kInfinity;
  return status;
}

int32_t lossWithOverflow(const void *, const ccm_batch *, double *mean, double *losses,
                         const ccm_buffers *, const ccm_runner *, ccm_error *) {
  *mean = losses[0] = std::numeric_limits<double>::quiet_NaN();
  return CCM_OK;
}

/// The linear model with a description of its internals: two values per sample.
ccm_model describedModel(const char *bytes = "12") {
  static std::string text;
  text = std::string("{\"internals\": [{\"samples\": 1, \"bytes\": ") + bytes +
         ", \"values\": [{\"of\": \"dense 'first'\", \"offset\": 0, \"elements\": 2}, "
         "{\"of\": \"relu after dense 'first'\", \"offset\": 8, \"elements\": 1}], "
         "\"outputs\": [\"dense 'last'\"]}]}";
  ccm_model model = *ccm_model_linear();
  model.describe = text.c_str();
  return model;
}

class Divergence : public testing::Test {
protected:
  /// Says where it begins after `change` of a session and a batch of ordinary numbers.
  template <typename Change>
  std::string found(const ccm_model &model, Change change) {
    auto artifact = Artifact::wrap(&model);
    EXPECT_TRUE(artifact) << messageOf(artifact);
    auto session = Session::create(*artifact);
    auto batch = Batch::create(*artifact, kSamples, kInputs | kTargets);
    EXPECT_TRUE(session && batch);
    for (int i = 0; i < kSamples * kIn; ++i)
      static_cast<float *>(batch->input(0))[i] = 0.25f * float(i);
    change(**session, static_cast<float *>(batch->input(0)),
           static_cast<float *>(batch->target(0)));
    return describeDivergence(**session, batch->first(kSamples));
  }

  static void setWeights(Session &session, float value) {
    EXPECT_TRUE(session.writeParameter(0, std::vector<float>(kIn * kOut, value)));
  }
};

TEST_F(Divergence, BeginsInAParameter) {
  EXPECT_EQ(found(describedModel(),
                  [](Session &session, float *x, float *) {
                    setWeights(session, kInfinity);
                    x[0] = kInfinity;
                  }),
            "loss is not finite, first in parameter 'weight'");
}

TEST_F(Divergence, BeginsInTheData) {
  EXPECT_EQ(found(describedModel(), [](Session &, float *x, float *) { x[4] = kInfinity; }),
            "loss is not finite, first in input 'x', sample 1");
  EXPECT_EQ(found(describedModel(), [](Session &, float *, float *t) { t[14] = -kInfinity; }),
            "loss is not finite, first in target 'y', sample 2");
}

TEST_F(Divergence, BeginsInAPrimitive) {
  ccm_model model = describedModel();
  model.forward = forwardWithOverflow;
  EXPECT_EQ(found(model, [](Session &, float *, float *) {}),
            "loss is not finite, first in the values of relu after dense 'first'");
}

TEST_F(Divergence, BeginsInAnOutput) {
  auto overflow = [](Session &session, float *x, float *) {
    setWeights(session, 1e30f);
    x[7] = 1e30f;
  };
  EXPECT_EQ(found(describedModel(), overflow),
            "loss is not finite, first in output 'y', sample 2, of dense 'last'");
  EXPECT_EQ(found(*ccm_model_linear(), overflow),
            "loss is not finite, first in output 'y', sample 2");
}

TEST_F(Divergence, BeginsInALoss) {
  ccm_model model = describedModel();
  model.loss = lossWithOverflow;
  EXPECT_EQ(found(model, [](Session &, float *, float *) {}),
            "loss is not finite, first in the loss of output 'y'");
}

TEST_F(Divergence, BeginsInADelta) {
  EXPECT_EQ(found(describedModel(),
                  [](Session &, float *x, float *t) {
                    x[0] = 1e30f;
                    t[0] = 1e18f;
                  }),
            "delta is not finite, first in parameter 'weight'");
}

/// A description that does not fit the buffers is not followed.
TEST_F(Divergence, WrongDescriptionsAreIgnored) {
  for (const char *bytes : {"18446744073709551615", "4", "-1", "\"12\""}) {
    ccm_model model = describedModel(bytes);
    model.forward = forwardWithOverflow;
    EXPECT_EQ(found(model, [](Session &, float *, float *) {}),
              "delta is not finite, first in parameter 'weight'")
        << bytes;
  }
}

} // namespace
} // namespace ccm::test
