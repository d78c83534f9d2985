// SPDX-License-Identifier: Apache-2.0
// What is told of outputs beside their loss, by the kind of the output.
#pragma once

#include "ccm/runtime.h"
#include "data/Confusion.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ccm::run {

/// What a metric says on a terminal: in the line of its output, and in the one below it.
struct Words {
  std::string line = {};
  std::string below = {};
};

/// Something measured of one output. Samples are taken one after the other and summed in double
/// precision, so that neither threads nor the size of batches change a digit.
class Metric {
public:
  virtual ~Metric() = default;
  /// Takes the outputs and targets of the first `samples` of a batch.
  virtual void take(const Batch &batch, int64_t samples) = 0;
  /// Adds members to the object of its output; null where there is no number.
  virtual void report(nlohmann::ordered_json &output) const = 0;
  /// Says what `report` added.
  virtual Words words(const nlohmann::ordered_json &output) const = 0;
  /// Pairs of target and prediction, where it counts them.
  virtual const data::Confusion *confusion() const { return nullptr; }
};

/// Scores that are kept for areas under curves, and targets for the constant answer, at most.
constexpr size_t kMostKept = size_t(1) << 22;

/// The metric of an output that counts most.
struct MainMetric {
  std::string output;
  std::string name; ///< as in a report: "accuracy", "iou", "r2"
  double value = 0; ///< NaN where there is no number
};

/// All metrics of all outputs. The first one of an output is the one that counts most.
class Metrics {
public:
  /// `mostKept` values are kept by each of them.
  explicit Metrics(const Artifact &artifact, size_t mostKept = kMostKept);
  void take(const Batch &batch, int64_t samples);
  /// `loss`, and `outputs` {name: {`loss`, what its metrics report}}.
  nlohmann::ordered_json report(const Evaluation &result) const;
  /// Of an output, whose object of a report is given.
  Words words(size_t output, const nlohmann::ordered_json &report) const;
  /// By output, of a report.
  std::vector<MainMetric> mains(const nlohmann::ordered_json &report) const;
  /// Null for an output whose pairs are not counted.
  const data::Confusion *confusionOf(size_t output) const;

private:
  const Artifact &artifact;
  std::vector<std::vector<std::unique_ptr<Metric>>> metrics;
};

/// A member of a report as a number; NaN where it is null or missing.
double numberOf(const nlohmann::ordered_json &object, const char *key);

} // namespace ccm::run
