// SPDX-License-Identifier: Apache-2.0
// `ccm-run gradcheck`: compares deltas with differences of the loss.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/DeltaCheck.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

std::vector<DeltaFinding> checkAll(Job &job, const Options &options) {
  const int64_t count = options.batch > 0 ? options.batch : job.batchOfAllBlocks();
  const data::Dataset data = job.openData(options);
  Batch batch = job.fill(data, count, kInputs | kTargets | kOutputs | kOutputDeltas | kInputDeltas);
  DeltaCheck check = need(DeltaCheck::create(*job.session, batch, options.seed.value_or(0)));
  std::vector<DeltaFinding> findings;
  ProgressBar progress;
  for (size_t i = 0; i < check.count(); ++i) {
    findings.push_back(need(check.check(i)));
    if (progress.due())
      progress.show(
          {"gradcheck", double(i + 1) / double(check.count()), {{findings.back().name, 1}}});
  }
  return findings;
}

std::string lineOf(const DeltaFinding &finding) {
  const double change = std::max(std::abs(finding.measured), std::abs(finding.predicted));
  return "  " + finding.name + "  loss " + digits(finding.measured, 5) + "  by deltas " +
         digits(finding.predicted, 5) + "  error " + digits(finding.error(), 3) + "  resolves " +
         (change > 0 ? digits(100 * finding.bound / change, 2) + " %" : "nothing") + "\n";
}

/// Parameters that have no delta to check.
size_t frozenIn(const Artifact &artifact) {
  return artifact.parameters().size() - artifact.trained().size();
}

/// "; 4 frozen parameters have no delta", or nothing.
std::string frozenText(size_t frozen) {
  if (frozen == 0)
    return "";
  return "; " + std::to_string(frozen) +
         (frozen == 1 ? " frozen parameter has" : " frozen parameters have") + " no delta";
}

int gradcheck(const Options &options) {
  Job job(options);
  const size_t frozen = frozenIn(job.session->artifact());
  const std::vector<DeltaFinding> findings = checkAll(job, options);
  if (findings.empty())
    throw failure(kBadInput,
                  "the model has no trained parameters and no continuous inputs to check");
  // An error that is not a number counts as the worst.
  auto size = [](const DeltaFinding &finding) {
    return std::isnan(finding.error()) ? HUGE_VAL : finding.error();
  };
  const DeltaFinding &worst = *std::max_element(
      findings.begin(), findings.end(),
      [&](const DeltaFinding &a, const DeltaFinding &b) { return size(a) < size(b); });
  const bool passed = size(worst) <= 1;
  if (options.json) {
    print(Json{{"checked", findings.size()},
               {"frozen", frozen},
               {"worst", worst.error()},
               {"worst_parameter", worst.name},
               {"passed", passed}});
    return passed ? kDone : kBadInput;
  }
  for (const DeltaFinding &finding : findings)
    print(lineOf(finding));
  print(std::to_string(findings.size()) + " checked, worst error " + digits(worst.error(), 3) +
        " of its bound in " + worst.name + (passed ? ": passed" : ": FAILED") + frozenText(frozen) +
        "\n");
  return passed ? kDone : kBadInput;
}

} // namespace

void addGradcheck(CLI::App &app, int &exitCode) {
  auto options = std::make_shared<Options>();
  options->data = "synthetic:64";
  options->batch = 0;
  CLI::App &verb = *app.add_subcommand("gradcheck", "compares deltas with differences of the loss");
  options->addLibrary(verb);
  options->addData(verb, false);
  options->addCheckpoint(verb, false);
  verb.add_option("--batch", options->batch,
                  "samples; without it as many as run every block size once")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20));
  options->addThreads(verb);
  options->addSeed(verb, "fresh parameters and directions");
  options->addJson(verb);
  verb.callback([options, &exitCode] { exitCode = gradcheck(*options); });
}

} // namespace ccm::run
