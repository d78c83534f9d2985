// SPDX-License-Identifier: Apache-2.0
// infer, forward and loss of every batch size against plain arithmetic.
#include "tests/unit/artifact/Reference.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <immintrin.h>
#include <thread>
#include <utility>

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
  ASSERT_EQ(model.loss(call.params.as(), &batch, &loss, losses, &buffers, call.threads.runner(),
                       &call.error),
            CCM_OK)
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
  ccm_runner serial = {sizeof(serial), 1, nullptr, nullptr, nullptr};
  ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, &serial, nullptr), CCM_OK);
}

/// A host's own runner: a fresh thread per task, in the processor's usual mode.
void runOnFreshThreads(void *, ccm_task task, void *context, int64_t count) {
  auto run = [=](int64_t index) {
    _mm_setcsr(_MM_MASK_MASK); // a thread starts in the mode of the one that made it
    task(context, index, static_cast<int32_t>(index % 2));
  };
  for (int64_t index = 0; index < count; ++index)
    std::thread(run, index).join();
}

TEST(Forward, TreatsDenormalsAsZeroOnAnyRunner) {
  // Control bits alone: any arithmetic may raise the sticky exception flags.
  auto control = [] { return _mm_getcsr() & ~unsigned(_MM_EXCEPT_MASK); };
  unsigned before = control();
  ccm_runner fresh = {sizeof(fresh), 2, runOnFreshThreads, nullptr, nullptr};
  std::string expected;
  for (float x : {0.0f, 1e-40f})
    for (const ccm_runner *runner :
         {static_cast<const ccm_runner *>(nullptr), &std::as_const(fresh)}) {
      Call call(9, 2);
      ccm_batch batch = call.batch();
      ccm_buffers buffers = call.buffers();
      std::ranges::fill(call.x.floats(), x);
      std::ranges::fill(call.params.floats().first(48), 1e20f);
      ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, runner, nullptr), CCM_OK);
      expected = expected.empty() ? call.y.copy() : expected;
      EXPECT_TRUE(call.y.copy() == expected) << x;
      EXPECT_EQ(control(), before);
    }
}

TEST(Forward, NeedsNoLosses) {
  Call call(5, 1);
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  double loss = 0;
  ASSERT_EQ(tinyModel().infer(call.params.as(), &batch, &buffers, nullptr, nullptr), CCM_OK);
  ASSERT_EQ(tinyModel().loss(call.params.as(), &batch, &loss, nullptr, &buffers, nullptr, nullptr),
            CCM_OK);
  EXPECT_GT(loss, 0);
}

} // namespace
} // namespace ccm::test
