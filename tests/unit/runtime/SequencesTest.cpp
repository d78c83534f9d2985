// SPDX-License-Identifier: Apache-2.0
// Sequences of a model written by hand, whose scores are known.
#include "ccm/runtime.h"
#include "tests/unit/runtime/AllocationCount.h"
#include "tests/unit/runtime/LinearModel.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace ccm::test {
namespace {

constexpr int32_t kVocabulary = 4, kLength = 6;

/// What the model scores: the element after the one before, or fixed shares.
enum class Scores { Next, Shares, Broken };
Scores scoring = Scores::Next;
constexpr double kShares[kVocabulary] = {0.15, 0.5, 0.05, 0.3};

/// Calls of prefill, and what the last one was told is before each element of the first sample.
int prefills = 0;
std::vector<int32_t> told;

int32_t sizesOf(int64_t batch, int32_t, ccm_sizes *out, ccm_error *) {
  out->params = out->delta = out->state = 64;
  out->cache = static_cast<uint64_t>(batch) * 64;
  return CCM_OK;
}

int32_t initialize(void *, void *, uint64_t, ccm_error *) { return CCM_OK; }

int32_t infer(const void *, const ccm_batch *, const ccm_buffers *, const ccm_runner *,
              ccm_error *) {
  return CCM_OK;
}

int32_t prefill(const void *, const ccm_batch *batch, void *cache, const ccm_buffers *,
                const ccm_runner *, ccm_error *) {
  const auto *before = static_cast<const int32_t *>(batch->inputs[0]);
  ++prefills;
  told.assign(before, before + kLength);
  std::memset(cache, 0, static_cast<size_t>(batch->count) * 64);
  return CCM_OK;
}

int32_t decode(const void *, const ccm_decode *element, const ccm_buffers *, const ccm_runner *,
               ccm_error *) {
  for (int64_t sample = 0; sample < element->count; ++sample)
    for (int32_t k = 0; k < kVocabulary; ++k) {
      float &score = element->scores[sample * kVocabulary + k];
      if (scoring == Scores::Next)
        score = k == (element->before[sample] + 1) % (kVocabulary + 1) ? 10.0f : 0.0f;
      else
        score = scoring == Scores::Shares ? static_cast<float>(std::log(kShares[k])) : NAN;
    }
  return CCM_OK;
}

/// Which index each element of the sequence follows.
ccm_port shiftedPort() {
  ccm_port port = {};
  port.name = "t_before";
  port.dtype = port.target_dtype = CCM_I32;
  port.rank = 1;
  port.extents[0] = kLength;
  port.bytes = kLength * 4;
  port.vocabulary = kVocabulary + 1;
  port.draw = CCM_SHIFTED;
  port.partner = 1;
  return port;
}

ccm_port sequencePort() {
  ccm_port port = {};
  port.name = "t";
  port.rank = 2;
  port.extents[0] = port.target_extents[0] = kLength;
  port.extents[1] = port.vocabulary = kVocabulary;
  port.bytes = kLength * kVocabulary * 4;
  port.target_dtype = CCM_I32;
  port.target_rank = 1;
  port.target_bytes = kLength * 4;
  return port;
}

const ccm_model &table() {
  static const ccm_port before = shiftedPort(), output = sequencePort();
  static const ccm_model model = [] {
    ccm_model made = {};
    made.abi_major = CCM_ABI_MAJOR;
    made.name = "hand";
    made.describe = "{}";
    made.target = "test";
    made.input_count = made.output_count = 1;
    made.inputs = &before;
    made.outputs = &output;
    made.sizes = sizesOf;
    made.init = initialize;
    made.infer = infer;
    made.prefill = prefill;
    made.decode = decode;
    return made;
  }();
  return model;
}

class SequencesTest : public testing::Test {
protected:
  void SetUp() override {
    scoring = Scores::Next;
    prefills = 0;
    Result<std::shared_ptr<const Artifact>> artifact = Artifact::wrap(&table());
    ASSERT_TRUE(artifact) << artifact.error().message;
    session = std::move(*Session::create(*artifact));
    sequences = std::make_unique<Sequences>(std::move(*Sequences::create(*session, 3)));
  }

  std::vector<int32_t> sequence(int64_t sample) const {
    const auto *start = static_cast<const int32_t *>(sequences->batch().target(0));
    return {start + sample * kLength, start + (sample + 1) * kLength};
  }
  void know(std::vector<int32_t> elements, int64_t sample) {
    std::copy(elements.begin(), elements.end(),
              static_cast<int32_t *>(sequences->batch().target(0)) + sample * kLength);
  }
  /// How often each element was made of 3 * 2000 samples.
  std::map<int32_t, int> count(const Choosing &choosing) {
    std::map<int32_t, int> counts;
    for (int64_t batch = 0; batch < 2000; ++batch) {
      EXPECT_TRUE(sequences->begin(3, 0, batch * 3));
      EXPECT_TRUE(sequences->next(choosing));
      for (int64_t sample = 0; sample < 3; ++sample)
        ++counts[sequence(sample)[0]];
    }
    return counts;
  }
  static void expectShare(int found, double share) {
    const double all = 6000;
    EXPECT_NEAR(found, all * share, 4 * std::sqrt(all * share * (1 - share)));
  }
  static void expectRefused(const Status &status, const std::string &message) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, message);
  }

  std::unique_ptr<Session> session;
  std::unique_ptr<Sequences> sequences;
};

TEST_F(SequencesTest, EveryElementFollowsFromTheOneBefore) {
  ASSERT_TRUE(sequences->generate(2, 0, {.temperature = 0}));
  EXPECT_EQ(sequence(0), (std::vector<int32_t>{0, 1, 2, 3, 0, 1}));
  EXPECT_EQ(sequence(1), sequence(0));
  EXPECT_EQ(sequences->made(), kLength);
  EXPECT_EQ(prefills, 0) << "there is nothing to look back on";
}

TEST_F(SequencesTest, WhatIsKnownIsToldAndStays) {
  know({2, 2}, 0);
  know({1, 1}, 1);
  ASSERT_TRUE(sequences->generate(2, 2, {.temperature = 0}));
  EXPECT_EQ(sequence(0), (std::vector<int32_t>{2, 2, 3, 0, 1, 2}));
  EXPECT_EQ(sequence(1), (std::vector<int32_t>{1, 1, 2, 3, 0, 1}));
  EXPECT_EQ(prefills, 1);
  EXPECT_EQ(told, (std::vector<int32_t>{4, 2, 2, 4, 4, 4}));
}

TEST_F(SequencesTest, SharesAreThoseOfTheScores) {
  scoring = Scores::Shares;
  std::map<int32_t, int> counts = count({});
  for (int32_t k = 0; k < kVocabulary; ++k)
    expectShare(counts[k], kShares[k]);
}

TEST_F(SequencesTest, OnlyTheLikeliestAreTaken) {
  scoring = Scores::Shares;
  for (const Choosing &choosing : {Choosing{.topK = 2}, Choosing{.topP = 0.7}}) {
    std::map<int32_t, int> counts = count(choosing);
    EXPECT_EQ(counts.size(), 2u);
    expectShare(counts[1], 0.5 / 0.8);
    expectShare(counts[3], 0.3 / 0.8);
  }
  EXPECT_EQ(count({.topP = 0.81}).size(), 3u);
  EXPECT_EQ(count({.topK = 3, .topP = 1e-9}).size(), 1u);
}

TEST_F(SequencesTest, TemperatureSharpens) {
  scoring = Scores::Shares;
  std::map<int32_t, int> counts = count({.temperature = 0.5});
  expectShare(counts[1], 0.25 / (0.25 + 0.09 + 0.0225 + 0.0025));
  EXPECT_EQ(count({.temperature = 0}), (std::map<int32_t, int>{{1, 6000}}));
}

TEST_F(SequencesTest, ChoicesDependOnSeedSampleAndPositionAlone) {
  scoring = Scores::Shares;
  std::vector<std::vector<int32_t>> together, alone;
  ASSERT_TRUE(sequences->generate(3, 0, {.seed = 8}, 5));
  for (int64_t sample = 0; sample < 3; ++sample)
    together.push_back(sequence(sample));
  for (int64_t sample = 0; sample < 3; ++sample) {
    ASSERT_TRUE(sequences->generate(1, 0, {.seed = 8}, 5 + sample));
    alone.push_back(sequence(0));
  }
  EXPECT_EQ(together, alone);
  EXPECT_EQ(std::set(together.begin(), together.end()).size(), 3u);
  ASSERT_TRUE(sequences->generate(1, 0, {.seed = 9}, 5));
  EXPECT_NE(sequence(0), alone[0]);
}

TEST_F(SequencesTest, AllocatesNothing) {
  scoring = Scores::Shares;
  ASSERT_TRUE(sequences->generate(3));
  const int64_t before = allocationCount();
  ASSERT_TRUE(sequences->generate(3, 0, {.topK = 3, .topP = 0.9}));
  EXPECT_EQ(allocationCount(), before);
}

TEST_F(SequencesTest, RefusesWhatItCannotMake) {
  expectRefused(sequences->next(), "expected sequences with an element left to make, found 0 of 0 "
                                   "elements");
  expectRefused(sequences->begin(4), "expected 1 to 3 samples, found 4");
  expectRefused(sequences->begin(0), "expected 1 to 3 samples, found 0");
  expectRefused(sequences->begin(1, 7), "expected 0 to 6 known elements, found 7");
  expectRefused(sequences->begin(1, -1), "expected 0 to 6 known elements, found -1");
  know({3, 4}, 1);
  expectRefused(sequences->begin(2, 2), "expected elements from 0 to 3, found 4 in sample 1");
  ASSERT_TRUE(sequences->begin(1));
  expectRefused(sequences->next({.temperature = -1}),
                "expected a temperature of 0 or more, found -1.000000");
  expectRefused(sequences->next({.topK = -2}),
                "expected a number of the likeliest of 0 or more, found -2");
  expectRefused(sequences->next({.topP = 0}),
                "expected a share of the likeliest above 0 and up to 1, found 0.000000");
  ASSERT_TRUE(sequences->generate(1));
  expectRefused(sequences->next(), "expected sequences with an element left to make, found 1 of 6 "
                                   "elements");
  scoring = Scores::Broken;
  expectRefused(sequences->generate(1),
                "expected finite scores at element 0, found some that are not");
}

TEST(Sequences, RefusesOtherModels) {
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::wrap(ccm_model_linear());
  ASSERT_TRUE(artifact);
  std::unique_ptr<Session> session = std::move(*Session::create(*artifact));
  Result<Sequences> made = Sequences::create(*session, 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "'linear' has no autoregressive output");
}

} // namespace
} // namespace ccm::test
