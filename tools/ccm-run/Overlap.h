// SPDX-License-Identifier: Apache-2.0
// How much of what outputs mark is what their targets mark, over batches.
#pragma once

#include "ccm/runtime.h"
#include "data/Field.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ccm::run {

/// Intersection over union of one sample, 0…1: of the elements that a score above 0 or a target of
/// at least a half marks, the share that both mark; 1 where nothing is marked.
double overlapOf(const data::Field &target, std::span<const std::byte> targets,
                 const float *scores);

/// The mean of `overlapOf` over the samples of every output whose loss is bce.
class Overlap {
public:
  explicit Overlap(const Artifact &artifact);
  /// Takes the outputs and targets of the first `samples` of a batch.
  void take(const Batch &batch, int64_t samples);
  /// Of an output, 0…1; none for one of another loss.
  std::optional<double> of(size_t output) const;

private:
  struct Sum {
    std::optional<data::Field> target = {}; ///< none: not measured
    double overlap = 0;
    int64_t samples = 0;
  };
  std::vector<Sum> sums;
};

} // namespace ccm::run
