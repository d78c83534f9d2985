// SPDX-License-Identifier: Apache-2.0
// Summing the logarithms of shares.
#include "tools/ccm-run/LogLoss.h"
#include "tools/ccm-run/Console.h"

#include <algorithm>
#include <cmath>

namespace ccm::run {

using Json = nlohmann::ordered_json;

/// -log of the share of one of some scores.
static double lossOfIndex(std::span<const float> scores, size_t wanted) {
  const double top = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (float score : scores)
    total += std::exp(score - top);
  return top + std::log(total) - scores[wanted];
}

/// The same of yes and no, of which `share` is wanted.
static double lossOfShare(double score, double share) {
  return std::max(score, 0.0) - score * share + std::log1p(std::exp(-std::abs(score)));
}

void LogLoss::take(const Batch &batch, int64_t samples) {
  const size_t count = size_t(samples * target.elements());
  const size_t classes = target.discrete() ? size_t(target.vocabulary) : 1;
  const std::span<const std::byte> targets{static_cast<const std::byte *>(batch.target(port)),
                                           size_t(samples) * target.bytes};
  const std::span<const float> scores{batch.output(port), count * classes};
  for (size_t i = 0; i < count; ++i)
    sum += target.discrete()
               ? lossOfIndex(scores.subspan(i * classes, classes),
                             size_t(static_cast<const int32_t *>(batch.target(port))[i]))
               : lossOfShare(scores[i], data::valueAt(target, targets, i));
  all += int64_t(count);
}

void LogLoss::report(Json &output) const {
  if (all > 0)
    output["log_loss"] = sum / double(all);
}

Words LogLoss::words(const Json &output) const {
  if (!output.contains("log_loss"))
    return {};
  return {"", "log loss " + digits(output["log_loss"].get<double>(), 4)};
}

} // namespace ccm::run
