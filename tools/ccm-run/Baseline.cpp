// SPDX-License-Identifier: Apache-2.0
// Constant answers, put through the model's own loss.
#include "tools/ccm-run/Baseline.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace ccm::run {

namespace {

/// Reads the samples of a column one after the other.
class Sample {
public:
  explicit Sample(const data::Column &column) : column(column), bytes(size_t(column.field.bytes)) {}
  /// Valid until the next call.
  std::span<const std::byte> at(int64_t row) {
    need(column.read(row, bytes));
    return bytes;
  }

private:
  const data::Column &column;
  data::Bytes bytes;
};

/// How often every index occurs at every position, as scores.
std::vector<float> frequencies(const data::Column &column, int64_t rows) {
  Sample sample(column);
  const size_t positions = size_t(column.field.elements());
  const size_t classes = size_t(column.field.vocabulary);
  std::vector<float> scores(positions * classes, 0.5f);
  for (int64_t row = 0; row < rows; ++row) {
    const std::span<const std::byte> indices = sample.at(row);
    for (size_t p = 0; p < positions; ++p) {
      int32_t index = 0;
      std::memcpy(&index, indices.data() + 4 * p, 4);
      ++scores[p * classes + size_t(index)];
    }
  }
  for (float &score : scores)
    score = std::log(score);
  return scores;
}

std::vector<float> means(const data::Column &column, int64_t rows, bool asScores) {
  Sample sample(column);
  std::vector<double> sums(size_t(column.field.elements()), 0.0);
  for (int64_t row = 0; row < rows; ++row) {
    const std::span<const std::byte> values = sample.at(row);
    for (size_t i = 0; i < sums.size(); ++i)
      sums[i] += double(data::valueAt(column.field, values, i));
  }
  std::vector<float> values(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    const double mean = sums[i] / double(rows);
    const double share = std::clamp(mean, 1e-6, 1 - 1e-6);
    values[i] = float(asScores ? std::log(share / (1 - share)) : mean);
  }
  return values;
}

std::vector<std::vector<float>> constantAnswers(const Artifact &artifact,
                                                const data::Dataset &data) {
  std::vector<std::vector<float>> answers;
  for (size_t port = 0; port < data.targets.size(); ++port) {
    const data::Column &column = data.targets[port];
    answers.push_back(column.field.discrete()
                          ? frequencies(column, data.rows)
                          : means(column, data.rows, lossOf(artifact, port) == "bce"));
  }
  return answers;
}

} // namespace

Result<Evaluation> evaluateMean(Job &job, const data::Dataset &data, int64_t batchSize) {
  const Session &session = *job.session;
  const Source source = job.sourceOf(data);
  const int64_t capacity = std::min(batchSize, data.rows);
  Result<Batch> batch = Batch::create(session.sharedArtifact(), capacity,
                                      kInputs | kTargets | kOutputs | kOutputDeltas);
  if (!batch)
    return batch.error();
  const std::vector<std::vector<float>> answers = constantAnswers(session.artifact(), data);
  for (size_t port = 0; port < answers.size(); ++port)
    for (int64_t slot = 0; slot < capacity; ++slot)
      std::copy(answers[port].begin(), answers[port].end(),
                batch->output(int32_t(port)) + size_t(slot) * answers[port].size());
  Evaluation sums{data.rows, 0, std::vector<double>(answers.size(), 0.0)};
  std::vector<double> losses(answers.size());
  for (int64_t start = 0; start < data.rows; start += capacity) {
    std::vector<int64_t> items(size_t(std::min(capacity, data.rows - start)));
    std::iota(items.begin(), items.end(), start);
    if (Status filled = source.fill(items, *batch); !filled)
      return filled.error();
    Result<double> loss =
        session.loss(batch->first(int64_t(items.size())), job.session->workspace(), losses);
    if (!loss)
      return loss.error();
    const double share = double(items.size()) / double(data.rows);
    sums.loss += *loss * share;
    for (size_t port = 0; port < losses.size(); ++port)
      sums.losses[port] += losses[port] * share;
  }
  return sums;
}

} // namespace ccm::run
