// SPDX-License-Identifier: Apache-2.0
// How likely scores say that targets are, over batches.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

namespace ccm::run {

/// Of an output whose loss is not that of its scores as they are, for they are calibrated or
/// indices weigh differently: the mean of -log of the share that scores give to the target.
class LogLoss : public Metric {
public:
  LogLoss(int32_t port, const data::Field &target) : port(port), target(target) {}
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;

private:
  const int32_t port;
  const data::Field target;
  double sum = 0;
  int64_t all = 0;
};

} // namespace ccm::run
