// SPDX-License-Identifier: Apache-2.0
// backward, its halves, and the arithmetic of deltas.
#include "tests/unit/artifact/Reference.h"

#include <gtest/gtest.h>

namespace ccm::test {
namespace {

/// A call on which forward and loss have run.
struct Differentiated : Call {
  Differentiated(int64_t count, int32_t workers) : Call(count, workers) {
    ccm_batch all = batch();
    ccm_buffers memory = buffers();
    double loss = 0;
    EXPECT_EQ(model.forward(params.as(), &all, &memory, threads.runner(), &error), CCM_OK);
    EXPECT_EQ(model.loss(params.as(), &all, &loss, nullptr, &memory, threads.runner(), &error),
              CCM_OK);
  }
  const ccm_model &model = tinyModel();
};

void runBackward(Differentiated &call, bool withInputDeltas = true) {
  ccm_batch batch = call.batch(withInputDeltas);
  ccm_buffers buffers = call.buffers();
  ASSERT_EQ(call.model.backward(call.params.as(), &batch, call.delta.as(), &buffers,
                                call.threads.runner(), &call.error),
            CCM_OK)
      << call.message;
}

class BackwardOfBatch : public testing::TestWithParam<int> {};

TEST_P(BackwardOfBatch, MatchesReferenceWithSameBitsForAnyWorkers) {
  std::string bits;
  for (int32_t workers = 1; workers <= 4; ++workers) {
    Differentiated call(GetParam(), workers);
    runBackward(call);
    if (workers == 1) {
      Reference reference(call);
      expectClose(call.dx.floats(), reference.dx, "delta of x");
      expectClose(call.dp.floats(), reference.dp, "delta of p");
      expectClose(unpack(call.delta.floats()), reference.delta, "delta");
      bits = call.delta.copy();
    }
    EXPECT_TRUE(call.delta.copy() == bits) << workers << " workers";
  }
}

TEST_P(BackwardOfBatch, HalvesAreTheHalves) {
  Differentiated call(GetParam(), 2);
  runBackward(call);
  std::string delta = call.delta.copy(), dx = call.dx.copy(), dp = call.dp.copy();
  for (const Guarded *buffer : {&call.delta, &call.dx, &call.dp})
    std::memset(buffer->as(), 0x5A, buffer->size());
  std::string untouched = call.delta.copy();
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  ASSERT_EQ(call.model.backward_input(call.params.as(), &batch, &buffers, call.threads.runner(),
                                      &call.error),
            CCM_OK);
  EXPECT_TRUE(call.dx.copy() == dx && call.dp.copy() == dp);
  EXPECT_TRUE(call.delta.copy() == untouched);
  std::memset(call.dx.as(), 0x5A, call.dx.size());
  std::string noDelta = call.dx.copy();
  ASSERT_EQ(call.model.backward_train(call.params.as(), &batch, call.delta.as(), &buffers,
                                      call.threads.runner(), &call.error),
            CCM_OK);
  EXPECT_TRUE(call.delta.copy() == delta);
  EXPECT_TRUE(call.dx.copy() == noDelta);
}

INSTANTIATE_TEST_SUITE_P(Artifact, BackwardOfBatch,
                         testing::Values(1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 37, 40, 101));

TEST(Backward, InputDeltasMayBeUnwanted) {
  Differentiated call(9, 1);
  runBackward(call);
  std::string delta = call.delta.copy();
  runBackward(call, /*withInputDeltas=*/false);
  EXPECT_TRUE(call.delta.copy() == delta);
}

TEST(Backward, ScalingTheLossScalesTheDeltaExactly) {
  Differentiated call(11, 1);
  runBackward(call);
  std::vector<float> delta(call.delta.floats().begin(), call.delta.floats().end());
  for (float &value : call.dy.floats())
    value *= 4;
  runBackward(call);
  for (size_t i = 0; i < delta.size(); ++i)
    ASSERT_EQ(call.delta.floats()[i], 4 * delta[i]) << i;
}

TEST(Deltas, AddScaleZeroAndTrain) {
  Differentiated call(5, 1);
  runBackward(call);
  std::vector<float> delta(call.delta.floats().begin(), call.delta.floats().end());
  std::vector<float> params(call.params.floats().begin(), call.params.floats().end());
  Guarded other(call.sizes.delta);
  ASSERT_EQ(call.model.delta_zero(other.as(), nullptr), CCM_OK);
  ASSERT_EQ(call.model.delta_add(other.as(), call.delta.as(), nullptr), CCM_OK);
  ASSERT_EQ(call.model.delta_add(other.as(), call.delta.as(), nullptr), CCM_OK);
  ASSERT_EQ(call.model.delta_scale(other.as(), 0.25f, nullptr), CCM_OK);
  ASSERT_EQ(call.model.train(call.params.as(), other.as(), nullptr), CCM_OK);
  for (size_t i = 0; i < delta.size(); ++i) {
    ASSERT_EQ(other.floats()[i], delta[i] / 2) << i;
    ASSERT_EQ(call.params.floats()[i], params[i] + delta[i] / 2) << i;
  }
}

} // namespace
} // namespace ccm::test
