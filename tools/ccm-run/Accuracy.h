// SPDX-License-Identifier: Apache-2.0
// How often the highest score is the target's, and which is taken for which, over batches.
#pragma once

#include "ccm/runtime.h"
#include "data/Confusion.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ccm::run {

/// The position of the highest of `count` scores; the first one of equals.
int64_t bestOf(const float *scores, int64_t count);

/// Counts right positions of every discrete output.
class Accuracy {
public:
  explicit Accuracy(const Artifact &artifact);
  /// Takes the outputs and targets of the first `samples` of a batch.
  void take(const Batch &batch, int64_t samples);
  /// Share of right positions of an output, 0…1; none for a continuous one.
  std::optional<double> of(size_t output) const;
  /// Pairs of target and prediction; null for a continuous output and for one of too many classes.
  const data::Confusion *confusionOf(size_t output) const;

private:
  struct Count {
    int64_t right = 0;
    int64_t all = 0;
    std::optional<data::Confusion> pairs = {};
  };
  std::vector<Count> counts;
};

} // namespace ccm::run
