// SPDX-License-Identifier: Apache-2.0
// `ccm-run generate`: samples of outputs that are generated, for what the other inputs say.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ccm::run {

namespace {

struct GenerateArguments : AskArguments {
  int64_t count = 1;
  Sampling sampling;
};

int generate(const GenerateArguments &arguments) {
  Job job(arguments);
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  Samples samples = samplesOf(job, arguments);
  repeat(samples, arguments.count);
  Generator generator =
      need(Generator::create(*job.session, std::min(arguments.batch, samples.data.rows),
                             job.session->workspace().runner()));
  Sampling sampling = arguments.sampling;
  sampling.seed = arguments.seed.value_or(job.artifact->trainDefaults().seed);
  answer(job, arguments, samples, generator.batch(), "generate",
         [&](int64_t count, int64_t first) { return generator.generate(count, sampling, first); });
  return kDone;
}

} // namespace

void addGenerate(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App &verb = *app.add_subcommand("generate", "makes samples of outputs of diffusion");
  arguments->add(verb);
  verb.add_option("--count", arguments->count, "samples for each of what the inputs say")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
      ->capture_default_str();
  verb.add_option("--steps", arguments->sampling.steps, "estimates per sample")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
      ->capture_default_str();
  verb.add_option(
          "--guidance", arguments->sampling.guidance,
          "how far to go from samples without the optional inputs, 0, to those with them, 1, "
          "and on")
      ->capture_default_str();
  verb.add_option("--ancestral", arguments->sampling.ancestral,
                  "part of the noise that is drawn anew in every step")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  arguments->addSeed(verb, "all noise");
  verb.callback([arguments, &exitCode] { exitCode = generate(*arguments); });
}

} // namespace ccm::run
