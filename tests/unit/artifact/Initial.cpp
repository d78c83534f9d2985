// SPDX-License-Identifier: Apache-2.0
// First parameters: the same bits everywhere, of the declared distribution.
#include "tests/unit/artifact/Reference.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

Guarded initialized(uint64_t seed) {
  Guarded params(tinyModel().sizes ? 160256 : 0);
  EXPECT_EQ(tinyModel().init(params.as(), nullptr, seed, nullptr), CCM_OK);
  return params;
}

TEST(Init, DependsOnTheSeedAlone) {
  EXPECT_TRUE(initialized(3).copy() == initialized(3).copy());
  EXPECT_FALSE(initialized(3).copy() == initialized(4).copy());
}

TEST(Init, HasTheDeclaredDistribution) {
  Guarded params = initialized(11);
  Values values = unpack(params.floats());
  for (double value : values.e)
    EXPECT_EQ(value, 1);
  double sum = 0, squares = 0;
  int64_t beyond = 0;
  for (double value : values.big) {
    sum += value;
    squares += value * value;
    beyond += std::fabs(value) > 0.2; // two deviations: 4.55 % of a normal distribution
  }
  double n = double(values.big.size());
  EXPECT_NEAR(sum / n, 0, 0.1 * 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 0.01, 0.01 * 4 * std::sqrt(2 / n));
  EXPECT_NEAR(double(beyond) / n, 0.0455, 4 * std::sqrt(0.0455 / n));
}

TEST(Init, ZeroesTheState) {
  Call call(1, 1);
  EXPECT_EQ(call.sizes.state, 2 * call.sizes.params);
  for (float value : call.state.floats())
    ASSERT_EQ(value, 0);
}

} // namespace
} // namespace ccm::test
