// SPDX-License-Identifier: Apache-2.0
// `ccm-run infer`: what a model says of one sample, of a folder of files, or of a table. `ccm-run
// forecast`: the same of the end of every series of a table.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ccm::run {

namespace {

/// Generated outputs take more than one estimate.
void refuseGenerated(const Artifact &artifact) {
  for (const ccm_port &port : artifact.inputs())
    if (port.draw == CCM_NOISED || port.draw == CCM_SHIFTED)
      throw failure(kBadCommandLine,
                    std::string("'") + artifact.outputs()[size_t(port.partner) - 1].name +
                        "' is made " +
                        (port.draw == CCM_NOISED ? "by diffusion" : "element by element") +
                        "; use ccm-run generate");
}

void refuseWithoutWindow(const Artifact &artifact) {
  const std::span<const ccm_port> inputs = artifact.inputs();
  if (std::none_of(inputs.begin(), inputs.end(),
                   [](const ccm_port &port) { return port.steps > 0; }))
    throw failure(kBadInput, "'" + std::string(artifact.model().name) +
                                 "' has no input with a window: use ccm-run infer");
}

/// Answers are named after their series.
void nameBySeries(Samples &samples) {
  if (samples.data.series.empty())
    return;
  for (size_t i = 0; i < samples.names.size(); ++i)
    samples.names[i] = samples.data.series[size_t(samples.data.spans[i].series)];
}

int infer(AskArguments &arguments, const char *verb, bool endsOnly) {
  if (endsOnly && arguments.data.empty())
    throw failure(kBadCommandLine, "forecast expects --data, a table with one row per time step");
  Job job(arguments);
  // Wrong ports are told before anything long begins.
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  refuseGenerated(*job.artifact);
  if (endsOnly)
    refuseWithoutWindow(*job.artifact);
  arguments.reading.lastOnly = endsOnly;
  Samples samples = samplesOf(job, arguments);
  if (endsOnly)
    nameBySeries(samples);
  Batch batch = need(Batch::create(job.artifact, std::min(arguments.batch, samples.data.rows),
                                   kInputs | kOutputs));
  answer(job, arguments, samples, batch, verb, [&](int64_t count, int64_t) {
    return job.session->infer(batch.first(count), job.session->workspace());
  });
  return kDone;
}

void addVerb(CLI::App &app, const char *name, const char *summary, bool endsOnly, int &exitCode) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App &verb = *app.add_subcommand(name, summary);
  arguments->add(verb);
  verb.callback(
      [arguments, name, endsOnly, &exitCode] { exitCode = infer(*arguments, name, endsOnly); });
}

} // namespace

void addInfer(CLI::App &app, int &exitCode) {
  addVerb(app, "infer", "computes the outputs of samples", false, exitCode);
}

void addForecast(CLI::App &app, int &exitCode) {
  addVerb(app, "forecast", "computes the outputs of the last window of every series of a table",
          true, exitCode);
}

} // namespace ccm::run
