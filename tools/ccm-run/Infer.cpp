// SPDX-License-Identifier: Apache-2.0
// `ccm-run infer`: what a model says of one sample, of a folder of files, or of a table.
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

int infer(const AskArguments &arguments) {
  Job job(arguments);
  // Wrong ports are told before anything long begins.
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  refuseGenerated(*job.artifact);
  const Samples samples = samplesOf(job, arguments);
  Batch batch = need(Batch::create(job.artifact, std::min(arguments.batch, samples.data.rows),
                                   kInputs | kOutputs));
  answer(job, arguments, samples, batch, "infer", [&](int64_t count, int64_t) {
    return job.session->infer(batch.first(count), job.session->workspace());
  });
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
