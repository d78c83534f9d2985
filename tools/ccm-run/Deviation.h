// SPDX-License-Identifier: Apache-2.0
// How far numbers are from their targets, beside the best constant answer, over batches.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

#include <vector>

namespace ccm::run {

/// Of a continuous output the root of the mean squared error, the mean absolute error, both also of
/// an answer that is always the mean of the targets, element by element, and R2: the share of the
/// targets' variance that is explained, 0 being that of the constant answer; of several channels
/// the mean, for each may have a unit of its own.
class Deviation : public Metric {
public:
  /// The mean absolute error of the constant answer takes all targets; it is null where there are
  /// more than `most` of them.
  Deviation(int32_t port, const data::Field &target, size_t most);
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;

private:
  /// Of one element of the targets.
  struct Spread {
    double mean = 0;
    double squares = 0; ///< summed squared distances from the mean
  };
  void takeElement(size_t element, double target, double value);
  double constantError() const;
  nlohmann::ordered_json explained() const;

  const int32_t port;
  const data::Field target;
  const size_t most;
  int64_t samples = 0;
  double distances = 0;
  std::vector<double> squares; ///< by channel
  std::vector<Spread> spreads;
  std::vector<float> kept; ///< targets, sample by sample
  bool isAllKept = true;
};

} // namespace ccm::run
