// SPDX-License-Identifier: Apache-2.0
// Intersection over union of scores and targets, counted by hand.
#include "tools/ccm-run/Overlap.h"

#include <gtest/gtest.h>

using namespace ccm;

namespace {

data::Field fieldOf(int32_t dtype, uint64_t bytes) {
  return {.name = "alpha", .dtype = dtype, .extents = {5, 1}, .bytes = bytes};
}

TEST(Overlap, CountsWhatBothMark) {
  const float targets[] = {1, 0.5f, 0.49f, 0, 1}, scores[] = {2, -1, 0.1f, 0, 1e-3f};
  EXPECT_EQ(run::overlapOf(fieldOf(CCM_F32, 20), std::as_bytes(std::span(targets)), scores),
            2.0 / 4);
}

TEST(Overlap, ReadsBytes) {
  const uint8_t targets[] = {255, 128, 127, 0, 0};
  const float scores[] = {1, 1, -1, -1, 1};
  EXPECT_EQ(run::overlapOf(fieldOf(CCM_U8, 5), std::as_bytes(std::span(targets)), scores), 2.0 / 3);
}

TEST(Overlap, OfNothingAndNothingIsOne) {
  const uint8_t targets[5] = {};
  const float scores[] = {0, -1, -1, -1, -1};
  EXPECT_EQ(run::overlapOf(fieldOf(CCM_U8, 5), std::as_bytes(std::span(targets)), scores), 1);
}

} // namespace
