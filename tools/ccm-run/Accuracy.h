// SPDX-License-Identifier: Apache-2.0
// How often the highest score is the target's, and which is taken for which, over batches.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

#include <optional>
#include <utility>

namespace ccm::run {

/// The position of the highest of `count` scores; the first one of equals.
int64_t bestOf(const float *scores, int64_t count);

/// The interval of 95 % around a share of `all` independent trials, after Wilson.
std::pair<double, double> intervalOf(double share, int64_t all);

/// Share of right positions of a discrete output; for one that is an index the interval around it;
/// with `byClass` what tells whether rare classes are right as often as others.
class Accuracy : public Metric {
public:
  Accuracy(int32_t port, const data::Field &target, bool byClass);
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;
  const data::Confusion *confusion() const override { return pairs ? &*pairs : nullptr; }

private:
  const int32_t port;
  const data::Field target;
  const bool byClass;
  int64_t right = 0, all = 0;
  std::optional<data::Confusion> pairs; ///< none of too many classes
};

} // namespace ccm::run
