// SPDX-License-Identifier: Apache-2.0
// Which metrics an output has.
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Decisions.h"
#include "tools/ccm-run/Deviation.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/LogLoss.h"
#include "tools/ccm-run/Overlap.h"
#include "tools/ccm-run/Ranking.h"

#include <limits>
#include <numbers>

namespace ccm::run {

using Json = nlohmann::ordered_json;

Metrics::Metrics(const Artifact &artifact, size_t mostKept) : artifact(artifact) {
  for (size_t output = 0; output < artifact.outputs().size(); ++output) {
    const data::Field target = data::targetField(artifact.outputs()[output]);
    const int32_t port = int32_t(output);
    auto &own = metrics.emplace_back();
    if (target.discrete()) {
      own.push_back(std::make_unique<Accuracy>(port, target, !shiftedInput(artifact)));
      if (target.isIndex() && target.vocabulary <= Ranking::kMostClasses)
        own.push_back(std::make_unique<Ranking>(port, target, mostKept));
    } else if (lossOf(artifact, output) == "bce") {
      if (target.variableRank() > 0)
        own.push_back(std::make_unique<Overlap>(port, target));
      own.push_back(std::make_unique<Decisions>(port, target));
      own.push_back(std::make_unique<Ranking>(port, target, mostKept));
    } else {
      own.push_back(std::make_unique<Deviation>(port, target, mostKept));
    }
    if (const ccm_port &of = artifact.outputs()[output];
        of.scale == CCM_CALIBRATED || of.class_weights > 0)
      own.push_back(std::make_unique<LogLoss>(port, target));
  }
}

void Metrics::take(const Batch &batch, int64_t samples) {
  for (auto &own : metrics)
    for (auto &metric : own)
      metric->take(batch, samples);
}

Json Metrics::report(const Evaluation &result) const {
  Json outputs = Json::object();
  for (size_t port = 0; port < metrics.size(); ++port) {
    Json &output = outputs[artifact.outputs()[port].name];
    output["loss"] = result.losses[port];
    for (const auto &metric : metrics[port])
      metric->report(output);
    if (shiftedInput(artifact))
      output["bits"] = result.losses[port] / std::numbers::ln2;
  }
  return Json{{"loss", result.loss}, {"outputs", outputs}};
}

Words Metrics::words(size_t output, const Json &report) const {
  Words all;
  const auto append = [](std::string &text, const std::string &more) {
    text += (text.empty() || more.empty() ? "" : "  ") + more;
  };
  for (const auto &metric : metrics[output]) {
    const Words words = metric->words(report);
    append(all.line, words.line);
    append(all.below, words.below);
  }
  if (report.contains("bits"))
    append(all.line, digits(numberOf(report, "bits"), 4) + " bits per element");
  return all;
}

/// The first metric reports what counts most first, right behind the loss.
std::vector<MainMetric> Metrics::mains(const Json &report) const {
  std::vector<MainMetric> found;
  for (const auto &[name, output] : report["outputs"].items())
    if (auto member = output.begin(); ++member != output.end())
      found.push_back({name, member.key(), numberOf(output, member.key().c_str())});
  return found;
}

const data::Confusion *Metrics::confusionOf(size_t output) const {
  const auto &own = metrics[output];
  return own.empty() ? nullptr : own.front()->confusion();
}

double numberOf(const Json &object, const char *key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

} // namespace ccm::run
