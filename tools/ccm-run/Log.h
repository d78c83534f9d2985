// SPDX-License-Identifier: Apache-2.0
// The record of a training: log.jsonl, one JSON object per line, and loss.svg drawn from it.
#pragma once

#include "ccm/runtime.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ccm::run {

/// Steps and validations in order. With a directory it is also kept on disk. Throws Failure when
/// that fails. A line of a step holds `step`, `epoch` (epochs that are done), `loss` (before the
/// step's change), `learning_rate`, `seconds` (since the process began to train) and `wait_ms`
/// (that the step waited for its data); one of a validation `step`, `epoch`, `validation_loss`,
/// `outputs` {name: {`loss`, metrics}} and `seconds`; one of a checkpoint `step`, `epoch`,
/// `checkpoint` (its file) and `seconds`.
class Log {
public:
  /// `directory` empty: nothing is written. Lines of steps after `lastStep`, which a resumed
  /// training does again, are dropped, and so are lines that are no records, with a note unless it
  /// is the last one, which a crash may have cut short.
  Log(const std::string &directory, int64_t lastStep);
  void step(const StepReport &report, double seconds);
  /// `outputs` is that of a report of metrics.
  void validation(const Progress &progress, double loss, const nlohmann::ordered_json &outputs,
                  double seconds);
  /// A checkpoint that is safe from now on; written at once.
  void checkpoint(const Progress &progress, const std::string &file, double seconds);
  /// Writes what has gathered.
  void flush();
  /// Writes loss.svg. Units are in the labels of the axes, as in "step of 32 samples".
  void draw(const std::string &model, const std::string &stepLabel,
            const std::string &lossLabel) const;
  /// The mean loss of the steps after `step`; NaN when there are none.
  double meanSince(int64_t step) const;
  /// The validation loss last taken; NaN when there is none.
  double lastValidation() const;
  /// The step of the validation last taken; -1 when there is none.
  int64_t lastValidationStep() const;

private:
  void read(int64_t lastStep);
  std::string path, chart, pending;
  std::vector<std::pair<double, double>> training, validations;
};

} // namespace ccm::run
