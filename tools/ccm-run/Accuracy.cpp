// SPDX-License-Identifier: Apache-2.0
// Counting right and wrong predictions.
#include "tools/ccm-run/Accuracy.h"

#include <algorithm>

namespace ccm::run {

int64_t bestOf(const float *scores, int64_t count) {
  return std::max_element(scores, scores + count) - scores;
}

Accuracy::Accuracy(const Artifact &artifact) {
  for (const ccm_port &port : artifact.outputs()) {
    counts.emplace_back();
    if (port.vocabulary > 0 && port.vocabulary <= data::Confusion::kMostClasses)
      counts.back().pairs.emplace(port.vocabulary);
  }
}

void Accuracy::take(const Batch &batch, int64_t samples) {
  const std::span<const ccm_port> ports = batch.artifact().outputs();
  for (size_t port = 0; port < ports.size(); ++port) {
    const int64_t classes = ports[port].vocabulary;
    if (classes == 0)
      continue;
    const int64_t positions = samples * int64_t(ports[port].target_bytes / sizeof(int32_t));
    const auto *targets = static_cast<const int32_t *>(batch.target(int32_t(port)));
    const float *scores = batch.output(int32_t(port));
    counts[port].all += positions;
    for (int64_t p = 0; p < positions; ++p) {
      const int64_t best = bestOf(scores + p * classes, classes);
      counts[port].right += best == targets[p];
      if (counts[port].pairs)
        counts[port].pairs->take(targets[p], best);
    }
  }
}

std::optional<double> Accuracy::of(size_t output) const {
  const Count &count = counts[output];
  return count.all == 0 ? std::nullopt : std::optional(double(count.right) / double(count.all));
}

const data::Confusion *Accuracy::confusionOf(size_t output) const {
  return counts[output].pairs ? &*counts[output].pairs : nullptr;
}

} // namespace ccm::run
