// SPDX-License-Identifier: Apache-2.0
// Whether scores put what is before what is not: areas under receiver operating characteristics.
#pragma once

#include "data/Field.h"
#include "tools/ccm-run/Metric.h"

#include <optional>
#include <vector>

namespace ccm::run {

/// A score, and whether it is of something that is.
struct Scored {
  double score = 0;
  bool isPositive = false;
};

/// The share of pairs of a positive and a negative in which the positive has the higher score;
/// equal scores are half a pair. None where either is missing, or a score is no number.
std::optional<double> areaOf(std::vector<Scored> scored);

/// The area of an output that is one index (of two classes that of the second, of more the mean
/// over the classes, each against all others) or whose loss is bce (the mean over its channels).
/// Classes and channels that are always or never the target do not count.
class Ranking : public Metric {
public:
  static constexpr int64_t kMostClasses = 32;

  /// Where there are more than `most` scores none is kept, and the area is null.
  Ranking(int32_t port, const data::Field &target, size_t most);
  void take(const Batch &batch, int64_t samples) override;
  void report(nlohmann::ordered_json &output) const override;
  Words words(const nlohmann::ordered_json &output) const override;

private:
  void takeIndex(const float *scores, int32_t index);
  std::optional<double> area() const;

  const int32_t port;
  const data::Field target;
  const size_t most;
  size_t kept = 0;                          ///< more than `most`: none any longer
  std::vector<std::vector<Scored>> columns; ///< by class or channel
};

} // namespace ccm::run
