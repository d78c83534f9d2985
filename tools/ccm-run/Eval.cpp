// SPDX-License-Identifier: Apache-2.0
// `ccm-run eval`: loss and accuracy on data.
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Baseline.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Verbs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ccm::run {

int64_t bestOf(const float *scores, int64_t count) {
  return std::max_element(scores, scores + count) - scores;
}

Accuracy::Accuracy(const Artifact &artifact) : counts(artifact.outputs().size()) {}

void Accuracy::take(const Batch &batch, int64_t samples) {
  const std::span<const ccm_port> ports = batch.artifact().outputs();
  for (size_t port = 0; port < ports.size(); ++port) {
    const int64_t classes = ports[port].vocabulary;
    if (classes == 0)
      continue;
    const int64_t positions = samples * int64_t(ports[port].target_bytes / sizeof(int32_t));
    const auto *targets = static_cast<const int32_t *>(batch.target(int32_t(port)));
    const float *scores = batch.output(int32_t(port));
    counts[port].all += positions;
    for (int64_t p = 0; p < positions; ++p)
      counts[port].right += bestOf(scores + p * classes, classes) == targets[p];
  }
}

std::optional<double> Accuracy::of(size_t output) const {
  const Count &count = counts[output];
  return count.all == 0 ? std::nullopt : std::optional(double(count.right) / double(count.all));
}

namespace {

using Json = nlohmann::ordered_json;

struct EvalArguments : Options {
  bool baseline = false;
};

Json measured(const Artifact &artifact, const Evaluation &result, const Accuracy &accuracy) {
  Json outputs = Json::object();
  for (size_t port = 0; port < artifact.outputs().size(); ++port) {
    Json &output = outputs[artifact.outputs()[port].name];
    output["loss"] = result.losses[port];
    if (const std::optional<double> share = accuracy.of(port))
      output["accuracy"] = *share;
  }
  return Json{{"loss", result.loss}, {"outputs", outputs}};
}

/// Adds the loss of the constant answer beside every loss.
void addBaseline(const Artifact &artifact, const Evaluation &constant, Json &report) {
  report["baseline"] = constant.loss;
  for (size_t port = 0; port < artifact.outputs().size(); ++port)
    report["outputs"][artifact.outputs()[port].name]["baseline"] = constant.losses[port];
}

std::string asText(const Json &report, int64_t samples) {
  std::string text = "loss " + digits(report["loss"].get<double>(), 5) + " over " +
                     std::to_string(samples) + " samples\n";
  for (const auto &[name, output] : report["outputs"].items()) {
    text += "  " + name + "  loss " + digits(output["loss"].get<double>(), 5);
    if (output.contains("accuracy"))
      text += "  accuracy " + digits(100 * output["accuracy"].get<double>(), 4) + " %";
    if (output.contains("baseline"))
      text += "  always the mean " + digits(output["baseline"].get<double>(), 5);
    text += "\n";
  }
  return text;
}

int eval(const EvalArguments &options) {
  Job job(options);
  const data::Dataset data = job.openData(options);
  if (options.checkpoint.empty())
    note("note: no checkpoint is given, the parameters are fresh ones");
  Accuracy accuracy(*job.artifact);
  ProgressBar progress;
  int64_t done = 0;
  auto observe = [&](std::span<const int64_t> items, const Batch &batch) -> Status {
    accuracy.take(batch, int64_t(items.size()));
    done += int64_t(items.size());
    if (progress.due())
      progress.show("eval", double(done) / double(data.rows), std::to_string(done) + " samples");
    return Done();
  };
  const Evaluation result = need(
      evaluate(*job.session, sourceOf(data), options.batch, job.session->workspace(), observe));
  progress.clear();
  Json report = measured(*job.artifact, result, accuracy);
  if (options.baseline)
    addBaseline(*job.artifact,
                need(evaluateMean(*job.session, data, options.batch, job.session->workspace())),
                report);
  options.json ? print(report) : print(asText(report, result.items));
  return kDone;
}

} // namespace

void addEval(CLI::App &app, int &exitCode) {
  auto options = std::make_shared<EvalArguments>();
  CLI::App &verb = *app.add_subcommand("eval", "measures loss and accuracy on data");
  options->addLibrary(verb);
  options->addData(verb, true);
  options->addCheckpoint(verb, false);
  verb.add_flag("--baseline", options->baseline,
                "also measure an answer that is always the mean of the targets");
  options->addBatch(verb);
  options->addThreads(verb);
  options->addSeed(verb, "fresh parameters");
  options->addJson(verb);
  verb.callback([options, &exitCode] { exitCode = eval(*options); });
}

} // namespace ccm::run
