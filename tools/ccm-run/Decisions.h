// SPDX-License-Identifier: Apache-2.0
// How often scores are on the right side, over batches.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

namespace ccm::run {

/// Of an output whose loss is bce the share of elements whose score, above 0 or not, that is a
/// share of a half, agrees with the target, at least a half or not.
class Decisions : public Metric {
public:
  Decisions(int32_t port, const data::Field &target) : port(port), target(target) {}
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;

private:
  const int32_t port;
  const data::Field target;
  int64_t right = 0, all = 0;
};

} // namespace ccm::run
