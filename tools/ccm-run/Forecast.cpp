// SPDX-License-Identifier: Apache-2.0
// `ccm-run forecast`: what a model says of the end of every series of a table.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ccm::run {

namespace {

void refuseWithoutWindow(const Artifact &artifact) {
  const std::span<const ccm_port> inputs = artifact.inputs();
  if (std::none_of(inputs.begin(), inputs.end(),
                   [](const ccm_port &port) { return port.steps > 0; }))
    throw failure(kBadInput, "'" + std::string(artifact.model().name) +
                                 "' has no input with a window: use ccm-run infer");
}

int forecast(AskArguments &arguments) {
  if (arguments.data.empty())
    throw failure(kBadCommandLine, "forecast expects --data, a table with one row per time step");
  Job job(arguments);
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  refuseWithoutWindow(*job.artifact);
  arguments.reading.lastOnly = true;
  Samples samples = samplesOf(job, arguments);
  if (!samples.data.series.empty())
    for (size_t i = 0; i < samples.names.size(); ++i)
      samples.names[i] = samples.data.series[size_t(samples.data.spans[i].series)];
  Batch batch = need(Batch::create(job.artifact, std::min(arguments.batch, samples.data.rows),
                                   kInputs | kOutputs));
  answer(job, arguments, samples, batch, "forecast", [&](int64_t count, int64_t) {
    return job.session->infer(batch.first(count), job.session->workspace());
  });
  return kDone;
}

} // namespace

void addForecast(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App &verb = *app.add_subcommand(
      "forecast", "computes the outputs of the last window of every series of a table");
  arguments->add(verb);
  verb.callback([arguments, &exitCode] { exitCode = forecast(*arguments); });
}

} // namespace ccm::run
