// SPDX-License-Identifier: Apache-2.0
// Training steps: against plain arithmetic, and with the same bits whoever runs them.
#include "tests/unit/artifact/Reference.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

namespace ccm::test {
namespace {

int32_t step(Call &call, int64_t index, float clip, double &loss) {
  ccm_batch batch = call.batch();
  batch.outputs = nullptr;
  batch.output_deltas = nullptr;
  batch.input_deltas = nullptr;
  ccm_buffers buffers = {sizeof(ccm_buffers), nullptr, call.workspace.as(), call.workspace.size()};
  ccm_update update = {sizeof(update), 0.01f, clip, index};
  return tinyModel().step(call.params.as(), call.state.as(), &batch, &update, &loss, &buffers,
                          call.threads.runner(), &call.error);
}

void compareSteps(int64_t count, float clip) {
  Call call(count, 2);
  std::array<Values, 2> state;
  for (int64_t index = 0; index < 5; ++index) {
    Reference reference(call);
    Values expected = unpack(call.params.floats());
    double loss = 0;
    ASSERT_EQ(step(call, index, clip, loss), CCM_OK) << call.message;
    EXPECT_NEAR(loss, 3 * reference.loss, 1e-5 * loss);
    updateReference(expected, state, reference.delta, count, index, 0.01f, clip);
    expectClose(unpack(call.params.floats()), expected, "params");
    auto states = call.state.floats();
    for (size_t i = 0; i < 2; ++i) {
      Values found = unpack(states.subspan(i * states.size() / 2, states.size() / 2));
      expectClose(found, state[i], "state");
      state[i] = found;
    }
  }
}

TEST(Step, MatchesReference) {
  for (int64_t count : {1, 3, 4, 10, 33, 40})
    compareSteps(count, 0);
}

TEST(Step, ClipsTheNorm) {
  compareSteps(10, 1.5f);
  compareSteps(10, 1e6f);
}

TEST(Step, SameBitsForAnyWorkers) {
  for (float clip : {0.0f, 2.0f}) {
    std::string params, state;
    double first = 0;
    for (int32_t workers = 1; workers <= 4; ++workers) {
      Call call(427, workers);
      EXPECT_GT(call.sizes.shards, 2u); // else there is but one order
      double loss = 0;
      for (int64_t index = 0; index < 4; ++index)
        ASSERT_EQ(step(call, index, clip, loss), CCM_OK) << call.message;
      if (workers == 1)
        params = call.params.copy(), state = call.state.copy(), first = loss;
      EXPECT_TRUE(call.params.copy() == params) << workers;
      EXPECT_TRUE(call.state.copy() == state) << workers;
      EXPECT_EQ(loss, first);
    }
  }
}

int64_t beginOf(int64_t total, int32_t shard) {
  int64_t sample = -1;
  EXPECT_EQ(tinyModel().shard_begin(total, shard, &sample, nullptr), CCM_OK);
  return sample;
}

/// What one process does: the shards [first, first + count) of a batch, from their samples alone.
void computeShards(Call &all, int32_t first, int32_t count, char *deltas, double *losses) {
  const ccm_model &model = tinyModel();
  int64_t begin = beginOf(all.count, first), end = beginOf(all.count, first + count);
  const void *inputs[] = {all.x.as<float>() + begin * 3, all.id.as<int32_t>() + begin,
                          all.p.as<uint8_t>() + begin * 2};
  const void *targets[] = {all.target.as<float>() + begin * 2};
  ccm_batch batch = {};
  batch.bytes = sizeof(batch);
  batch.count = end - begin;
  batch.inputs = inputs;
  batch.targets = targets;
  ccm_shards shards = {sizeof(shards), first, count, all.count, deltas, losses, 0};
  ccm_buffers buffers = {sizeof(buffers), nullptr, all.workspace.as(), all.workspace.size()};
  ASSERT_EQ(
      model.shards(all.params.as(), &batch, &shards, &buffers, all.threads.runner(), &all.error),
      CCM_OK)
      << all.message;
}

/// A step whose shards are computed in two calls and summed by the caller.
void stepInParts(Call &call, int64_t index, float clip, double &loss) {
  const ccm_model &model = tinyModel();
  int32_t count = int32_t(call.sizes.shards), half = (count + 1) / 2;
  Guarded deltas(count * call.sizes.delta);
  std::vector<double> losses(static_cast<size_t>(count));
  auto delta = [&](int32_t shard) { return deltas.as<char>() + shard * call.sizes.delta; };
  computeShards(call, 0, half, delta(0), losses.data());
  if (half < count)
    computeShards(call, half, count - half, delta(half), losses.data() + half);
  for (int32_t d = 1; d < count; d *= 2)
    for (int32_t i = 0; i + d < count; i += 2 * d)
      ASSERT_EQ(model.delta_add(delta(i), delta(i + d), nullptr), CCM_OK);
  loss = 3 * (std::accumulate(losses.begin(), losses.end(), 0.0) / double(call.count));
  ccm_update update = {sizeof(update), 0.01f, clip, index};
  ccm_buffers buffers = {sizeof(buffers), nullptr, call.workspace.as(), call.workspace.size()};
  ASSERT_EQ(model.update(call.params.as(), call.state.as(), delta(0), call.count, &update, &buffers,
                         call.threads.runner(), &call.error),
            CCM_OK)
      << call.message;
}

TEST(Step, EqualsItsPartsInTwoProcessesBitForBit) {
  for (int64_t count : {1, 4, 5, 9, 33, 70, 107, 407})
    for (float clip : {0.0f, 2.0f}) {
      Call whole(count, 2), parts(count, 2);
      for (int64_t index = 0; index < 3; ++index) {
        double loss = 0, sum = 0;
        ASSERT_EQ(step(whole, index, clip, loss), CCM_OK) << whole.message;
        stepInParts(parts, index, clip, sum);
        EXPECT_EQ(loss, sum) << count;
        EXPECT_TRUE(parts.params.copy() == whole.params.copy()) << count;
        EXPECT_TRUE(parts.state.copy() == whole.state.copy()) << count;
      }
    }
}

TEST(Step, ShardsOfABatchAreRunsOfSamples) {
  for (int64_t count : {1, 4, 5, 33, 107, 1000}) {
    Call call(count, 1);
    int32_t shards = int32_t(call.sizes.shards);
    EXPECT_EQ(beginOf(count, 0), 0);
    EXPECT_EQ(beginOf(count, shards), count);
    for (int32_t i = 0; i < shards; ++i)
      EXPECT_LT(beginOf(count, i), beginOf(count, i + 1));
  }
  int64_t sample = 0;
  Call call(5, 1);
  EXPECT_EQ(tinyModel().shard_begin(5, 3, &sample, &call.error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(call.message, "expected a shard from 0 to 1 of 5 samples, found 3");
}

TEST(Step, RefusesShardsThatAreNotTheBatch) {
  Call call(1616, 1); // 16 shards
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  Guarded deltas(3 * call.sizes.delta);
  double losses[3];
  ccm_shards shards = {sizeof(shards), 1, 2, 1616, deltas.as(), losses, 0};
  auto run = [&] {
    EXPECT_EQ(tinyModel().shards(call.params.as(), &batch, &shards, &buffers, nullptr, &call.error),
              CCM_BAD_ARGUMENT);
    return std::string(call.message);
  };
  EXPECT_EQ(run(), "expected the " + std::to_string(beginOf(1616, 3) - beginOf(1616, 1)) +
                       " samples of 2 shards from shard 1 on, found 1616");
  shards.first = 15;
  EXPECT_EQ(run(), "expected shards below 16 of 1616 samples, found 2 from shard 15 on");
  shards = {sizeof(shards), 0, 16, 1616, nullptr, losses, 0};
  EXPECT_EQ(run(), "expected 'deltas' of 160256 bytes, found null");
  shards.bytes = 8;
  EXPECT_EQ(run(), "expected a 'ccm_shards' of at least 40 bytes, found 8; set its member 'bytes' "
                   "to its size");
}

TEST(Step, SameBitsWhenShardsRunInWaves) {
  std::string params;
  for (int32_t workers : {1, 2, 3, 8, 16}) {
    Call call(4 * 404 + 3, workers);
    EXPECT_EQ(call.sizes.shards, 16u);
    double loss = 0;
    ASSERT_EQ(step(call, 0, 0, loss), CCM_OK) << call.message;
    params = params.empty() ? call.params.copy() : params;
    EXPECT_TRUE(call.params.copy() == params) << workers;
  }
}

/// Whole deltas that fit into a workspace.
uint64_t deltasIn(const ccm_sizes &sizes, uint64_t workspace) { return workspace / sizes.delta; }

TEST(Step, NeedsTheDeltasThatLiveAtOnce) {
  auto sizes = [](int64_t count, int32_t workers) { return Call(count, workers).sizes; };
  EXPECT_EQ(deltasIn(sizes(4, 1), sizes(4, 1).step), 1u);
  EXPECT_EQ(sizes(1616, 1).shards, 16u);
  EXPECT_EQ(deltasIn(sizes(1616, 1), sizes(1616, 1).step), 5u); // one, and one per level
  EXPECT_EQ(deltasIn(sizes(1616, 2), sizes(1616, 2).step), 5u); // two, and one per level above
  EXPECT_EQ(deltasIn(sizes(1616, 16), sizes(1616, 16).step), 16u);
  EXPECT_EQ(deltasIn(sizes(1616, 2), sizes(1616, 2).backward), 4u); // one more is the caller's
  for (uint64_t bytes : {sizes(1616, 4).infer, sizes(1616, 4).forward, sizes(1616, 4).loss})
    EXPECT_EQ(deltasIn(sizes(1616, 4), bytes), 0u);
}

TEST(Step, ShardsAreWorthTheirDeltas) {
  auto shards = [](int64_t count) { return Call(count, 1).sizes.shards; };
  EXPECT_EQ(shards(1), 1u);
  EXPECT_EQ(shards(32), 1u);
  EXPECT_GT(shards(640), 2u);
  EXPECT_LT(shards(640), 10u);
}

TEST(Step, LossFalls) {
  Call call(40, 2);
  double first = 0, last = 0;
  ASSERT_EQ(step(call, 0, 0, first), CCM_OK);
  for (int64_t index = 1; index < 100; ++index)
    ASSERT_EQ(step(call, index, 0, last), CCM_OK);
  EXPECT_LT(last, first / 4);
}

TEST(Step, LossThatIsNotFiniteChangesNothing) {
  Call call(7, 2);
  call.target.floats()[9] = std::numeric_limits<float>::quiet_NaN();
  std::string params = call.params.copy(), state = call.state.copy();
  double loss = 0;
  EXPECT_EQ(step(call, 3, 0, loss), CCM_DIVERGED);
  EXPECT_STREQ(call.message, "expected a finite loss in step 3, found one that is not; nothing was "
                             "changed");
  EXPECT_TRUE(std::isnan(loss));
  EXPECT_TRUE(call.params.copy() == params && call.state.copy() == state);
}

TEST(Step, DeltaThatIsNotFiniteChangesNothing) {
  Call call(4, 1);
  call.target.floats()[0] = 1e18f; // the loss is finite, its product with x is not
  call.x.floats()[0] = 1e30f;
  call.params.floats()[0] = 0;
  call.params.floats()[1] = 0;
  std::string params = call.params.copy();
  double loss = 0;
  for (float clip : {0.0f, 1.0f}) {
    EXPECT_EQ(step(call, 0, clip, loss), CCM_DIVERGED) << loss;
    EXPECT_STREQ(call.message,
                 "expected a finite delta, found one that is not; nothing was changed");
    EXPECT_TRUE(call.params.copy() == params);
  }
}

} // namespace
} // namespace ccm::test
