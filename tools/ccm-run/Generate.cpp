// SPDX-License-Identifier: Apache-2.0
// `ccm-run generate`: samples of outputs that are generated, for what the other inputs say.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Prompt.h"
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ccm::run {

namespace {

struct GenerateArguments : AskArguments {
  int64_t count = 1;
  Sampling sampling;
  Choosing choosing;
  std::string prompt;
  /// Options of outputs of diffusion, and of autoregressive ones.
  std::vector<CLI::Option *> ofDiffusion, ofSequences;
};

/// Refuses options that say nothing of the model's outputs.
void expectNone(const std::vector<CLI::Option *> &options, const char *outputs,
                const Artifact &artifact) {
  for (const CLI::Option *option : options)
    if (option->count() > 0)
      throw failure(kBadCommandLine, option->get_name() + " goes with " + outputs + ", '" +
                                         std::string(artifact.name()) + "' has none");
}

void generateByDiffusion(Job &job, const GenerateArguments &arguments, const Samples &samples) {
  Generator generator =
      need(Generator::create(*job.session, std::min(arguments.batch, samples.data.rows),
                             job.session->workspace().runner()));
  Sampling sampling = arguments.sampling;
  sampling.seed = arguments.seed.value_or(job.artifact->trainDefaults().seed);
  answer(job, arguments, samples, generator.batch(), "generate",
         [&](int64_t count, int64_t first) { return generator.generate(count, sampling, first); });
}

void generateSequences(Job &job, const GenerateArguments &arguments, const Samples &samples) {
  const std::vector<int32_t> prompt = promptOf(arguments.prompt, job.artifact->outputs().front());
  Sequences sequences =
      need(Sequences::create(*job.session, std::min(arguments.batch, samples.data.rows),
                             job.session->workspace().runner()));
  Choosing choosing = arguments.choosing;
  choosing.seed = arguments.seed.value_or(job.artifact->trainDefaults().seed);
  const int64_t known = int64_t(prompt.size());
  answer(job, arguments, samples, sequences.batch(), "generate", [&](int64_t count, int64_t first) {
    auto *into = static_cast<int32_t *>(sequences.batch().target(0));
    for (int64_t sample = 0; sample < count; ++sample)
      std::copy(prompt.begin(), prompt.end(), into + sample * sequences.length());
    return sequences.generate(count, known, choosing, first);
  });
}

int generate(const GenerateArguments &arguments) {
  Job job(arguments);
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  const bool isSequence = shiftedInput(*job.artifact) != nullptr;
  if (isSequence)
    expectNone(arguments.ofDiffusion, "outputs of diffusion", *job.artifact);
  else
    expectNone(arguments.ofSequences, "autoregressive outputs", *job.artifact);
  Samples samples = samplesOf(job, arguments);
  repeat(samples, arguments.count);
  if (isSequence)
    generateSequences(job, arguments, samples);
  else
    generateByDiffusion(job, arguments, samples);
  return kDone;
}

void addSampling(CLI::App &verb, GenerateArguments &arguments) {
  Sampling &sampling = arguments.sampling;
  arguments.ofDiffusion = {
      verb.add_option("--steps", sampling.steps, "estimates per sample of diffusion")
          ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
          ->capture_default_str(),
      verb.add_option("--guidance", sampling.guidance,
                      "how far to go from samples of diffusion without the optional inputs, 0, to "
                      "those with them, 1, and on")
          ->capture_default_str(),
      verb.add_option("--ancestral", sampling.ancestral,
                      "part of the noise that is drawn anew in every step")
          ->check(CLI::Range(0.0, 1.0))
          ->capture_default_str()};
}

void addChoosing(CLI::App &verb, GenerateArguments &arguments) {
  Choosing &choosing = arguments.choosing;
  arguments.ofSequences = {
      verb.add_option("--prompt", arguments.prompt,
                      "what sequences begin with: text or @file where every byte has an index, "
                      "else indices between blanks"),
      verb.add_option("--temperature", choosing.temperature,
                      "what scores of elements are divided by; 0 takes the likeliest")
          ->check(CLI::Range(0.0, 1e6))
          ->capture_default_str(),
      verb.add_option("--top-k", choosing.topK, "take one of so many of the likeliest; 0: of all")
          ->check(CLI::Range(int64_t(0), int64_t(1) << 31))
          ->capture_default_str(),
      verb.add_option("--top-p", choosing.topP,
                      "take one of the likeliest that have this share together")
          ->check(CLI::Range(1e-9, 1.0))
          ->capture_default_str()};
}

} // namespace

void addGenerate(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App &verb = *app.add_subcommand("generate", "makes samples of generated outputs");
  arguments->add(verb);
  verb.add_option("--count", arguments->count, "samples for each of what the inputs say")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
      ->capture_default_str();
  addChoosing(verb, *arguments);
  addSampling(verb, *arguments);
  arguments->addSeed(verb, "all noise and choices");
  verb.callback([arguments, &exitCode] { exitCode = generate(*arguments); });
}

} // namespace ccm::run
