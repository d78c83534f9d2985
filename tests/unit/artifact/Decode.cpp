// SPDX-License-Identifier: Apache-2.0
// Sequences of an autoregressive model: what is before each element, and elements one by one.
#include "tests/unit/artifact/Emitted.h"

#include <cfloat>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace ccm::test {
namespace {

constexpr int64_t kLength = 70, kVocabulary = 5, kWidth = 16;

/// A token of an input, then those of a sequence that is longer than the shortest context; keys,
/// queries and values are all the tokens themselves.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "sgd", learning_rate = 1.0e-2} blocks [1, 4] {
  %x = ccm.input "x" pointwise : tensor<?x16xf32>
  %before = ccm.input "t_before" low vocabulary 6 drawn shifted of "t" [] : tensor<?x70xi32>
  %table = ccm.parameter "table" shape [6, 16] init("normal", 1.0) : tensor<6x16xf32>
  %places = ccm.parameter "places" shape [71, 16] init("normal", 1.0) : tensor<71x16xf32>
  %w = ccm.parameter "w" shape [5, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 1.0) : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [5] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  %0 = ccm.reshape %x : tensor<?x16xf32> -> tensor<?x1x16xf32>
  %1 = ccm.embedding %before, %table : tensor<?x70xi32>, tensor<6x16xf32> -> tensor<?x70x16xf32>
  %2 = ccm.concat 1 %0, %1 : (tensor<?x1x16xf32>, tensor<?x70x16xf32>) -> tensor<?x71x16xf32>
  %3 = ccm.positions %2, %places : tensor<?x71x16xf32>, tensor<71x16xf32>
  %4 = ccm.attention %3, %3, %3 heads 2 causal : tensor<?x71x16xf32>, tensor<?x71x16xf32>
  %5 = ccm.frame %4 start [1] : tensor<?x71x16xf32> -> tensor<?x70x16xf32>
  %6 = ccm.dense %5, %w, %b : tensor<?x70x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x70x5xf32>
  ccm.output "t" %6 low vocabulary 5 loss("cross_entropy") : tensor<?x70x5xf32>
}
)mlir";

const ccm_model &sequenceModel() {
  static const ccm_model *model = loadEmitted(kModel);
  return *model;
}

/// Sequences of several samples and everything that entries need for them.
class Sequences {
public:
  explicit Sequences(int64_t count, int32_t workers = 1)
      : count(count), threads(workers), sizes(sizesFor(count, workers)), params(sizes.params),
        x(count * kWidth * 4), before(count * kLength * 4),
        scores(count * kLength * kVocabulary * 4), cache(sizes.cache), row(count * kVocabulary * 4),
        elements(count * 4), positions(count * 4) {
    ok(model.init(params.as(), nullptr, 7, nullptr));
    for (int64_t i = 0; i < count * kWidth; ++i)
      x.floats()[i] = std::sin(float(i));
    for (int64_t i = 0; i < count * kLength; ++i)
      beforeAt()[i] = i % kLength ? int32_t((i * i + i / 7) % kVocabulary) : kVocabulary;
  }

  int32_t *beforeAt() { return before.as<int32_t>(); }

  /// Scores of all elements at once.
  std::vector<float> infer() {
    const void *inputs[] = {x.as(), before.as()};
    float *outputs[] = {scores.as<float>()};
    ccm_batch batch = {sizeof(batch), count, inputs, nullptr, outputs, nullptr, nullptr, 0};
    Guarded workspace(sizes.infer);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    ok(model.infer(params.as(), &batch, &buffers, threads.runner(), nullptr));
    return {scores.floats().begin(), scores.floats().end()};
  }

  /// Fills the cache with the first `known` elements; of what comes after them it is told nothing.
  void prefill(int64_t known) {
    Guarded told(count * kLength * 4);
    for (int64_t i = 0; i < count * kLength; ++i)
      told.as<int32_t>()[i] = i % kLength <= known ? beforeAt()[i] : 0;
    const void *inputs[] = {x.as(), told.as()};
    ccm_batch batch = {sizeof(batch), count, inputs, nullptr, nullptr, nullptr, nullptr, 0};
    Guarded workspace(sizes.prefill);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    ok(model.prefill(params.as(), &batch, cache.as(), &buffers, threads.runner(), nullptr));
  }

  /// Scores of the element that every sample has at its place of `positions`.
  std::vector<float> decode() {
    for (int64_t sample = 0; sample < count; ++sample)
      elements.as<int32_t>()[sample] = beforeAt()[sample * kLength + at()[sample]];
    EXPECT_EQ(tryDecode(element()), CCM_OK) << message;
    return {row.floats().begin(), row.floats().end()};
  }

  int32_t *at() { return positions.as<int32_t>(); }
  ccm_decode element() {
    return {sizeof(ccm_decode), count, cache.as(), elements.as<int32_t>(), at(), row.as<float>()};
  }
  int32_t tryDecode(const ccm_decode &element) {
    Guarded workspace(sizes.decode);
    ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
    return model.decode(params.as(), &element, &buffers, threads.runner(), &error);
  }

  /// Scores of elements from `known` on, made one by one, of all samples.
  std::vector<float> decodeFrom(int64_t known) {
    std::vector<float> all(count * kLength * kVocabulary);
    prefill(known);
    for (int64_t position = known; position < kLength; ++position) {
      std::fill_n(at(), count, int32_t(position));
      std::vector<float> some = decode();
      for (int64_t i = 0; i < count * kVocabulary; ++i)
        all[(i / kVocabulary * kLength + position) * kVocabulary + i % kVocabulary] = some[i];
    }
    return all;
  }

  /// What a score may be off by: weights of a mean of n values are sums of n terms in any order,
  /// each to a relative (n + 3) epsilon, so that a mean of two orders differs by twice that of the
  /// largest value; products with the columns of w, in one order, add no more than their own
  /// rounding.
  float bound() {
    float largest = 0, column = 0;
    for (float value : params.floats())
      largest = std::max(largest, std::fabs(value));
    for (int64_t i = 0; i < kWidth; ++i)
      column += largest;
    const float value = 2 * largest + 1; // a row of the table or a sine, and a place
    return 2 * (kLength + 1 + 3 + kWidth) * FLT_EPSILON * value * column;
  }

  const ccm_model &model = sequenceModel();
  int64_t count;
  Threads threads;
  ccm_sizes sizes;
  char message[256] = "";
  ccm_error error{message, sizeof(message)};
  Guarded params, x, before, scores, cache, row, elements, positions;

private:
  static ccm_sizes sizesFor(int64_t count, int32_t workers) {
    ccm_sizes sizes = {};
    sizes.bytes = sizeof(sizes);
    ok(sequenceModel().sizes(count, workers, &sizes, nullptr));
    return sizes;
  }
  static void ok(int32_t status) { ASSERT_EQ(status, CCM_OK); }
};

TEST(Decode, TableSaysWhatIsBefore) {
  const ccm_model &model = sequenceModel();
  ASSERT_EQ(model.input_count, 2);
  EXPECT_EQ(model.inputs[1].draw, CCM_SHIFTED);
  EXPECT_EQ(model.inputs[1].partner, 1);
  EXPECT_EQ(model.inputs[1].vocabulary, kVocabulary + 1);
  EXPECT_NE(model.prefill, nullptr);
  EXPECT_NE(model.decode, nullptr);
  EXPECT_EQ(tinyModel().prefill, nullptr);
  EXPECT_EQ(tinyModel().decode, nullptr);
}

TEST(Decode, OtherModelsHaveNoCache) {
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  ASSERT_EQ(tinyModel().sizes(3, 1, &sizes, nullptr), CCM_OK);
  EXPECT_EQ(sizes.cache + sizes.prefill + sizes.decode, 0u);
}

TEST(Decode, WhatIsBeforeIsDrawnFromTheTarget) {
  std::vector<int32_t> target(2 * kLength), before(2 * kLength);
  for (size_t i = 0; i < target.size(); ++i)
    target[i] = int32_t(i * 3 % kVocabulary);
  target[4] = kVocabulary; // none of its indices
  const void *targets[] = {target.data()};
  void *arrays[] = {nullptr, before.data()};
  ccm_batch batch = {sizeof(batch), 2, nullptr, targets, nullptr, nullptr, nullptr, 0};
  ASSERT_EQ(sequenceModel().draw(&batch, 0, 0, arrays, nullptr), CCM_OK);
  for (int64_t i = 0; i < 2 * kLength; ++i)
    EXPECT_EQ(before[i], i % kLength ? target[i - 1] : kVocabulary) << i;
}

TEST(Decode, GivesWhatInferGives) {
  for (int64_t count : {1, 3, 9}) {
    Sequences sequences(count);
    const std::vector<float> all = sequences.infer(), one = sequences.decodeFrom(0);
    const float bound = sequences.bound();
    for (size_t i = 0; i < all.size(); ++i)
      ASSERT_LE(std::fabs(all[i] - one[i]), bound) << count << " samples, score " << i;
  }
}

TEST(Decode, SeesWhatIsKnownAsWhatIsMade) {
  Sequences sequences(2);
  const std::vector<float> made = sequences.decodeFrom(0);
  for (int64_t known : {1, 40, 63, 64, 69}) {
    const std::vector<float> rest = sequences.decodeFrom(known);
    for (size_t i = 0; i < made.size(); ++i)
      if (int64_t(i) / kVocabulary % kLength >= known) {
        ASSERT_LE(std::fabs(made[i] - rest[i]), sequences.bound())
            << known << " known, score " << i;
      }
  }
}

TEST(Decode, BitsDoNotDependOnBatchOrWorkers) {
  const std::vector<float> alone = Sequences(1).decodeFrom(5);
  for (int64_t count : {2, 4, 7})
    for (int32_t workers : {1, 3}) {
      std::vector<float> many = Sequences(count, workers).decodeFrom(5);
      many.resize(alone.size());
      EXPECT_EQ(many, alone) << count << " samples, " << workers << " workers";
    }
}

/// The context follows from the largest position of the batch; it must change no bit.
TEST(Decode, SamplesMayBeAtDifferentPositions) {
  Sequences sequences(2);
  const std::vector<float> same = sequences.decodeFrom(0);
  sequences.prefill(kLength - 1);
  sequences.at()[0] = 20;
  sequences.at()[1] = 68;
  const std::vector<float> row = sequences.decode();
  sequences.at()[1] = 20;
  const std::vector<float> shorter = sequences.decode();
  for (int64_t k = 0; k < kVocabulary; ++k) {
    EXPECT_EQ(row[k], shorter[k]);
    EXPECT_LE(std::fabs(row[k] - same[20 * kVocabulary + k]), sequences.bound());
    EXPECT_LE(std::fabs(row[kVocabulary + k] - same[(kLength + 68) * kVocabulary + k]),
              sequences.bound());
  }
}

TEST(Decode, RefusesWhatIsNotThere) {
  Sequences sequences(2);
  sequences.prefill(0);
  std::fill_n(sequences.at(), 2, 0);
  std::fill_n(sequences.elements.as<int32_t>(), 2, 0);
  auto refused = [&](const ccm_decode &element, int32_t status, const std::string &message) {
    EXPECT_EQ(sequences.tryDecode(element), status);
    EXPECT_EQ(std::string(sequences.message), message);
  };
  sequences.at()[1] = kLength;
  refused(sequences.element(), CCM_BAD_VALUE,
          "expected a position from 0 to 69, found 70 in sample 1");
  sequences.at()[1] = -1;
  refused(sequences.element(), CCM_BAD_VALUE,
          "expected a position from 0 to 69, found -1 in sample 1");
  sequences.at()[1] = 0;
  sequences.elements.as<int32_t>()[0] = kVocabulary + 1;
  refused(sequences.element(), CCM_BAD_VALUE,
          "expected an element before from 0 to 5, found 6 in sample 0");
  sequences.elements.as<int32_t>()[0] = 0;
  ccm_decode element = sequences.element();
  element.scores = nullptr;
  refused(element, CCM_BAD_ARGUMENT,
          "expected arrays of what is before, positions and scores, found null");
  element = sequences.element();
  element.cache = nullptr;
  refused(element, CCM_BAD_ARGUMENT,
          "expected 'cache' of " + std::to_string(sequences.sizes.cache) + " bytes, found null");
  element = sequences.element();
  element.count = 0;
  refused(element, CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found 0");
}

} // namespace
} // namespace ccm::test
