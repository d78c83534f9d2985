// SPDX-License-Identifier: Apache-2.0
// infer, forward and loss of every batch size against plain arithmetic.
#include "tests/unit/artifact/Reference.h"

#include <gtest/gtest.h>

namespace ccm::test {
namespace {

class EveryBatch : public testing::TestWithParam<std::tuple<int, int>> {
protected:
  Call call{std::get<0>(GetParam()), std::get<1>(GetParam())};
  const ccm_model &model = tinyModel();
};

TEST_P(EveryBatch, InferMatchesReference) {
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  ASSERT_EQ(model.infer(call.params.as(), &batch, &buffers, call.threads.runner(), &call.error),
            CCM_OK)
      << call.message;
  expectClose(call.y.floats(), Reference(call).y, "output");
}

TEST_P(EveryBatch, ForwardAndLossMatchReference) {
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  ASSERT_EQ(model.forward(call.params.as(), &batch, &buffers, call.threads.runner(), &call.error),
            CCM_OK)
      << call.message;
  Reference reference(call);
  expectClose(call.y.floats(), reference.y, "output");
  double loss = 0, losses[1] = {0};
  ASSERT_EQ(model.loss(&batch, &loss, losses, &buffers, call.threads.runner(), &call.error), CCM_OK)
      << call.message;
  expectClose(call.dy.floats(), reference.dy, "output delta");
  EXPECT_NEAR(losses[0], reference.loss, 1e-5 * reference.loss);
  EXPECT_EQ(loss, 3 * losses[0]);
}

INSTANTIATE_TEST_SUITE_P(Artifact, EveryBatch,
                         testing::Combine(testing::Range(1, 41), testing::Values(1, 3)));

TEST(Forward, RunsWithoutARunner) {
  Call call(6, 1);
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
  expectClose(call.y.floats(), Reference(call).y, "output");
  ccm_runner serial = {sizeof(ccm_runner), 1, nullptr, nullptr, nullptr};
  ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, &serial, nullptr), CCM_OK);
}

TEST(Forward, NeedsNoLosses) {
  Call call(5, 1);
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  double loss = 0;
  ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
  ASSERT_EQ(tinyModel().loss(&batch, &loss, nullptr, &buffers, nullptr, nullptr), CCM_OK);
  EXPECT_GT(loss, 0);
}

} // namespace
} // namespace ccm::test
