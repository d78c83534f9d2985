// SPDX-License-Identifier: Apache-2.0
// The delta of an input that no output depends on is zeros, whatever the caller's array held.
#include "unread.h"
#include "tests/embed/Models.h"

#include <algorithm>

namespace ccm::test {
namespace {

TEST(UnreadTest, DeltaIsZeros) {
  auto artifact = artifactOf(ccm_model_unread());
  auto session = must(Session::create(artifact));
  for (int64_t count : {1, 3, 40}) {
    Batch batch = filledBatch(artifact, count, 1);
    ASSERT_TRUE(session->forward(batch.first(count), session->workspace()));
    ASSERT_TRUE(session->loss(batch.first(count), session->workspace()));
    const std::span unread(batch.inputDelta(unread_input_unread_index),
                           size_t(count * unread_input_unread_elements));
    const std::span read(batch.inputDelta(unread_input_x_index),
                         size_t(count * unread_input_x_elements));
    auto isZero = [](float value) { return value == 0; };
    std::fill(unread.begin(), unread.end(), 7.0f);
    ASSERT_TRUE(session->backwardInput(batch.first(count), session->workspace()));
    EXPECT_TRUE(std::all_of(unread.begin(), unread.end(), isZero)) << count;
    EXPECT_FALSE(std::all_of(read.begin(), read.end(), isZero)) << count;
    std::fill(unread.begin(), unread.end(), 7.0f);
    Delta delta = must(session->makeDelta());
    ASSERT_TRUE(session->backward(batch.first(count), delta, session->workspace()));
    EXPECT_TRUE(std::all_of(unread.begin(), unread.end(), isZero)) << count;
  }
}

} // namespace
} // namespace ccm::test
