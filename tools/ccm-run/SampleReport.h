// SPDX-License-Identifier: Apache-2.0
// What a model says of all samples: printed, as JSON, or in files.
#pragma once

#include "tools/ccm-run/Samples.h"
#include "tools/ccm-run/Sink.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace ccm::run {

/// Fills the batch with some rows at a time, has them answered by `compute`, and
/// reports all; `verb` is what the progress is called.
void answer(Job &job, const AskArguments &arguments, const Samples &samples, Batch &batch,
            const std::string &verb,
            const std::function<Status(int64_t count, int64_t first)> &compute);

/// Collects what is said of every sample.
class SampleReport {
public:
  SampleReport(const Job &job, const AskArguments &arguments, const Samples &samples);
  /// Takes what the model says of a row, which stands in `slot` of the batch.
  void take(int64_t row, const Batch &batch, int64_t slot);
  /// After the last row: finishes files, and prints.
  void print();

private:
  void openSinks(const Job &job, const AskArguments &arguments);
  std::string text() const;

  const AskArguments &arguments;
  const Samples &samples;
  std::vector<Reading> readings;
  std::vector<std::unique_ptr<Sink>> sinks;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines;
};

} // namespace ccm::run
