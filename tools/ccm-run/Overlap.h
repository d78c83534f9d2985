// SPDX-License-Identifier: Apache-2.0
// How much of what an output marks is what its targets mark, over batches.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

#include <cstdint>
#include <span>

namespace ccm::run {

/// Intersection over union of one sample, 0…1: of the elements that a score above 0 or a target of
/// at least a half marks, the share that both mark; 1 where nothing is marked.
double overlapOf(const data::Field &target, std::span<const std::byte> targets,
                 const float *scores);

/// The mean of `overlapOf` over the samples of a mask: an output of positions whose loss is bce.
class Overlap : public Metric {
public:
  Overlap(int32_t port, const data::Field &target) : port(port), target(target) {}
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;

private:
  const int32_t port;
  const data::Field target;
  double overlap = 0;
  int64_t all = 0;
};

} // namespace ccm::run
