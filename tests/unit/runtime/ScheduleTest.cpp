// SPDX-License-Identifier: Apache-2.0
// Learning rates and the order of items.
#include "TestFiles.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace ccm::test {
namespace {

TEST(ScheduleTest, StaysConstant) {
  Schedule schedule{Schedule::Kind::Constant, 0.5f, 0, 100};
  for (int64_t step : {0, 1, 99, 1000})
    EXPECT_EQ(schedule.at(step), 0.5f);
}

TEST(ScheduleTest, RisesThenStays) {
  Schedule schedule{Schedule::Kind::Constant, 1.0f, 4, 100};
  EXPECT_EQ(schedule.at(0), 0.25f);
  EXPECT_EQ(schedule.at(3), 1.0f);
  EXPECT_EQ(schedule.at(4), 1.0f);
}

TEST(ScheduleTest, FollowsAHalfCosine) {
  Schedule schedule{Schedule::Kind::Cosine, 1.0f, 0, 1000};
  EXPECT_EQ(schedule.at(0), 1.0f);
  EXPECT_EQ(schedule.at(500), 0.5f);
  EXPECT_EQ(schedule.at(1000), 0.0f);
  EXPECT_EQ(schedule.at(2000), 0.0f);
  for (int64_t step = 0; step <= 1000; ++step) {
    double exact = 0.5 * (1 + std::cos(std::numbers::pi * static_cast<double>(step) / 1000));
    EXPECT_NEAR(schedule.at(step), exact, 6e-8) << step; // half a unit in the last place of 1
    EXPECT_LE(schedule.at(step + 1), schedule.at(step));
  }
}

TEST(ScheduleTest, FallsAfterTheRise) {
  Schedule schedule{Schedule::Kind::Cosine, 2.0f, 10, 110};
  EXPECT_EQ(schedule.at(9), 2.0f);
  EXPECT_EQ(schedule.at(10), 2.0f);
  EXPECT_EQ(schedule.at(60), 1.0f);
}

TEST(ScheduleTest, HasNames) {
  EXPECT_EQ(Schedule::named("constant", 1, 100)->at(50), 1.0f);
  EXPECT_EQ(Schedule::named("cosine", 1, 100)->at(50), 0.5f);
  EXPECT_EQ(Schedule::named("warmup", 1, 100)->warmup, 5);
  EXPECT_EQ(Schedule::named("warmup", 1, 3)->warmup, 1);
  EXPECT_EQ(messageOf(Schedule::named("linear", 1, 100)),
            "expected schedule 'constant', 'cosine' or 'warmup', found 'linear'");
}

std::vector<int64_t> orderOf(int64_t items, uint64_t seed, int64_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(items));
  shuffle(order, seed, epoch);
  return order;
}

TEST(ShuffleTest, VisitsEachItemOnce) {
  for (int64_t items : {1, 2, 3, 10, 1000}) {
    std::vector<int64_t> sorted = orderOf(items, 7, 3), all(sorted.size());
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(sorted, all);
  }
}

TEST(ShuffleTest, DependsOnSeedAndEpochAlone) {
  EXPECT_EQ(orderOf(100, 7, 3), orderOf(100, 7, 3));
  EXPECT_NE(orderOf(100, 7, 3), orderOf(100, 7, 4));
  EXPECT_NE(orderOf(100, 7, 3), orderOf(100, 8, 3));
  EXPECT_NE(orderOf(100, 0, 1), orderOf(100, 1, 0));
}

TEST(ShuffleTest, IsFair) {
  // Each of 24 orders of 4 items: 24,000 draws, a thousand expected of each. The bound is six
  // standard deviations of the count.
  std::vector<int> counts(24);
  for (int64_t epoch = 0; epoch < 24'000; ++epoch) {
    std::vector<int64_t> order = orderOf(4, 11, epoch), walk = {0, 1, 2, 3};
    int index = 0;
    for (; walk != order; ++index)
      std::next_permutation(walk.begin(), walk.end());
    ++counts[index];
  }
  for (int count : counts)
    EXPECT_NEAR(count, 1000, 186);
}

} // namespace
} // namespace ccm::test
