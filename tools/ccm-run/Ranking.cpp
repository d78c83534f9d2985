// SPDX-License-Identifier: Apache-2.0
// Areas under receiver operating characteristics, by ranks.
#include "tools/ccm-run/Ranking.h"
#include "tools/ccm-run/Console.h"

#include <algorithm>
#include <cmath>

namespace ccm::run {

using Json = nlohmann::ordered_json;

std::optional<double> areaOf(std::vector<Scored> scored) {
  for (const Scored &one : scored)
    if (std::isnan(one.score))
      return std::nullopt;
  std::sort(scored.begin(), scored.end(),
            [](const Scored &a, const Scored &b) { return a.score < b.score; });
  int64_t positives = 0, negatives = 0, halves = 0; // half a pair each, so that sums are exact
  for (size_t at = 0, end = 0; at < scored.size(); at = end) {
    int64_t isOf[2] = {};
    for (end = at; end < scored.size() && scored[end].score == scored[at].score; ++end)
      ++isOf[scored[end].isPositive];
    halves += isOf[1] * (2 * negatives + isOf[0]);
    negatives += isOf[0], positives += isOf[1];
  }
  if (positives == 0 || negatives == 0)
    return std::nullopt;
  return double(halves) / (2.0 * double(positives) * double(negatives));
}

/// By how much a score is above all others together: as ordered as the class's probability, and
/// never so close to 1 that two are the same.
static double marginOf(const float *scores, int64_t classes, int64_t index) {
  double highest = -INFINITY, sum = 0;
  for (int64_t k = 0; k < classes; ++k)
    highest = k == index ? highest : std::max(highest, double(scores[k]));
  for (int64_t k = 0; k < classes; ++k)
    sum += k == index ? 0 : std::exp(double(scores[k]) - highest);
  return double(scores[index]) - highest - std::log(sum);
}

Ranking::Ranking(int32_t port, const data::Field &target, size_t most)
    : port(port), target(target), most(most),
      columns(target.discrete() ? size_t(target.vocabulary) : size_t(target.channels())) {}

/// Of two classes the first says nothing that the second does not.
void Ranking::takeIndex(const float *scores, int32_t index) {
  for (int64_t k = target.vocabulary == 2 ? 1 : 0; k < target.vocabulary; ++k)
    columns[size_t(k)].push_back({marginOf(scores, target.vocabulary, k), index == k});
}

void Ranking::take(const Batch &batch, int64_t samples) {
  const size_t channels = columns.size();
  const size_t values =
      size_t(samples) * (target.discrete() ? channels : size_t(target.elements()));
  kept += std::min(values, most + 1 - std::min(kept, most + 1));
  if (kept > most)
    return columns.assign(channels, {});
  const float *scores = batch.output(port);
  if (target.discrete()) {
    const auto *targets = static_cast<const int32_t *>(batch.target(port));
    for (int64_t i = 0; i < samples; ++i)
      takeIndex(scores + size_t(i) * channels, targets[i]);
    return;
  }
  const std::span<const std::byte> targets{static_cast<const std::byte *>(batch.target(port)),
                                           size_t(samples) * target.bytes};
  for (size_t i = 0; i < values; ++i)
    columns[i % channels].push_back({scores[i], data::valueAt(target, targets, i) >= 0.5f});
}

std::optional<double> Ranking::area() const {
  double sum = 0;
  int64_t count = 0;
  for (const std::vector<Scored> &column : columns)
    if (const std::optional<double> one = areaOf(column)) {
      sum += *one;
      ++count;
    }
  return count == 0 ? std::nullopt : std::optional(sum / double(count));
}

void Ranking::report(Json &output) const {
  const std::optional<double> found = area();
  output["auc"] = found ? Json(*found) : Json();
}

Words Ranking::words(const Json &output) const {
  if (kept > most)
    return {"", "AUC not computed of more than " + std::to_string(most) + " scores"};
  return output["auc"].is_null() ? Words() : Words{"", "AUC " + digits(numberOf(output, "auc"), 4)};
}

} // namespace ccm::run
