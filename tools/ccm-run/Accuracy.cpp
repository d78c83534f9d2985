// SPDX-License-Identifier: Apache-2.0
// Counting right and wrong predictions.
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/TextTable.h"

#include <algorithm>
#include <cmath>

namespace ccm::run {

using Json = nlohmann::ordered_json;

int64_t bestOf(const float *scores, int64_t count) {
  return std::max_element(scores, scores + count) - scores;
}

std::pair<double, double> intervalOf(double share, int64_t all) {
  constexpr double z = 1.959963984540054; // 97.5 % of a normal distribution lie below
  const double n = double(all), spread = z * z / n;
  const double centre = (share + spread / 2) / (1 + spread);
  const double half = z / (1 + spread) * std::sqrt(share * (1 - share) / n + spread / (4 * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Accuracy::Accuracy(int32_t port, const data::Field &target, bool byClass)
    : port(port), target(target), byClass(byClass) {
  if (target.vocabulary <= data::Confusion::kMostClasses)
    pairs.emplace(target.vocabulary);
}

void Accuracy::take(const Batch &batch, int64_t samples) {
  const int64_t classes = target.vocabulary, positions = samples * target.elements();
  const auto *targets = static_cast<const int32_t *>(batch.target(port));
  const float *scores = batch.output(port);
  all += positions;
  for (int64_t p = 0; p < positions; ++p) {
    const int64_t best = bestOf(scores + p * classes, classes);
    right += best == targets[p];
    if (pairs)
      pairs->take(targets[p], best);
  }
}

void Accuracy::report(Json &output) const {
  if (all == 0)
    return;
  const double share = double(right) / double(all);
  output["accuracy"] = share;
  if (target.isIndex()) {
    const auto [low, high] = intervalOf(share, all);
    output["accuracy_interval"] = {low, high};
  }
  if (!pairs || !byClass)
    return;
  output["balanced_accuracy"] = pairs->balancedAccuracy();
  output["macro_f1"] = pairs->macroF1();
}

Words Accuracy::words(const Json &output) const {
  Words words;
  if (!output.contains("accuracy"))
    return words;
  words.line = "accuracy " + percent(output["accuracy"].get<double>(), 2);
  if (output.contains("accuracy_interval"))
    words.below = "95 % interval " + percent(output["accuracy_interval"][0].get<double>(), 2) +
                  " to " + percent(output["accuracy_interval"][1].get<double>(), 2) + "  ";
  if (output.contains("balanced_accuracy"))
    words.below += "balanced " + percent(output["balanced_accuracy"].get<double>(), 2) +
                   "  macro F1 " + digits(output["macro_f1"].get<double>(), 4);
  return words;
}

} // namespace ccm::run
