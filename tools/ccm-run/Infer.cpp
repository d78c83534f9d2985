// SPDX-License-Identifier: Apache-2.0
// `ccm-run infer`: what a model says of one sample, of a folder of files, or of a table.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <numeric>

namespace ccm::run {

namespace {

/// Outputs of diffusion take more than one estimate.
void refuseGenerated(const Artifact &artifact) {
  for (const ccm_port &port : artifact.inputs())
    if (port.draw == CCM_NOISED)
      throw failure(kBadCommandLine, std::string("'") +
                                         artifact.outputs()[size_t(port.partner) - 1].name +
                                         "' is made by diffusion; use ccm-run generate");
}

int infer(const AskArguments &arguments) {
  Job job(arguments);
  // Wrong ports are told before anything long begins.
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  refuseGenerated(*job.artifact);
  const Samples samples = samplesOf(job, arguments);
  SampleReport report(job, arguments, samples);
  const Source source = job.sourceOf(samples.data);
  const int64_t capacity = std::min(arguments.batch, samples.data.rows);
  Batch batch = need(Batch::create(job.artifact, capacity, kInputs | kOutputs));
  ProgressBar progress;
  for (int64_t start = 0; start < samples.data.rows; start += capacity) {
    std::vector<int64_t> items(size_t(std::min(capacity, samples.data.rows - start)));
    std::iota(items.begin(), items.end(), start);
    need(source.fill(items, batch));
    need(job.session->infer(batch.first(int64_t(items.size())), job.session->workspace()));
    for (size_t slot = 0; slot < items.size(); ++slot)
      report.take(items[slot], batch, int64_t(slot));
    if (progress.due())
      progress.show({"infer", double(start) / double(samples.data.rows), {}});
  }
  progress.clear();
  report.print();
  return kDone;
}

} // namespace

void addInfer(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App &verb = *app.add_subcommand("infer", "computes the outputs of samples");
  arguments->add(verb);
  verb.callback([arguments, &exitCode] { exitCode = infer(*arguments); });
}

} // namespace ccm::run
