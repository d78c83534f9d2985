// SPDX-License-Identifier: Apache-2.0
// `ccm-run verify`: a library against one of the same declaration with reference kernels.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/LibraryCheck.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned kParts = kInputs | kTargets | kOutputs | kOutputDeltas | kInputDeltas;
/// A kink that rounding crosses by chance is not met at three points.
constexpr uint64_t kTries = 3;

struct VerifyArguments : Options {
  std::string reference;
  int64_t samples = 0;
};

bool passed(const std::vector<TensorFinding> &findings) {
  return std::all_of(findings.begin(), findings.end(),
                     [](const TensorFinding &finding) { return finding.error <= 1; });
}

/// Compares on the rows from `first` on; the last of kTries points counts when all fail.
std::vector<TensorFinding> checkRows(Job &tested, Job &reference, const data::Dataset &data,
                                     int64_t first, int64_t count, uint64_t seed) {
  Batch ours = tested.fill(data, count, kParts, first);
  Batch theirs = reference.fill(data, count, kParts, first);
  LibraryCheck check =
      need(LibraryCheck::create({tested.session.get(), &ours}, {reference.session.get(), &theirs}));
  std::vector<TensorFinding> findings;
  for (uint64_t point = 0; point < kTries; ++point) {
    findings = need(check.check(seed + point));
    if (passed(findings))
      break;
  }
  return findings;
}

/// The worst of every tensor over all batches.
std::vector<TensorFinding> checkAll(const VerifyArguments &arguments, Job &tested) {
  VerifyArguments other = arguments;
  other.library = arguments.reference;
  Job reference(other);
  need(checkSameDeclaration(*tested.artifact, *reference.artifact));
  const data::Dataset data = tested.openData(arguments);
  const int64_t batch = arguments.batch > 0 ? arguments.batch : tested.batchOfAllBlocks();
  const int64_t samples = arguments.samples > 0 ? arguments.samples : batch;
  std::vector<TensorFinding> worst;
  ProgressBar progress;
  for (int64_t first = 0; first < samples; first += batch) {
    const std::vector<TensorFinding> found =
        checkRows(tested, reference, data, first, std::min(batch, samples - first),
                  arguments.seed.value_or(0));
    for (size_t i = 0; i < found.size() && !worst.empty(); ++i)
      if (found[i].error > worst[i].error)
        worst[i] = found[i];
    worst = worst.empty() ? found : worst;
    if (progress.due())
      progress.show({"verify", double(first + batch) / double(samples), {}});
  }
  return worst;
}

std::string asText(const std::vector<TensorFinding> &findings) {
  TextTable table({{"compared"},
                   {"elements", true},
                   {"difference", true},
                   {"bound", true},
                   {"of bound", true}});
  for (const TensorFinding &finding : findings)
    table.add({finding.name, std::to_string(finding.elements), digits(finding.difference, 3),
               digits(finding.bound, 3), percent(finding.error, 1)});
  return table.text("  ");
}

int verify(const VerifyArguments &arguments) {
  Job tested(arguments);
  const std::vector<TensorFinding> findings = checkAll(arguments, tested);
  const TensorFinding &worst = *std::max_element(
      findings.begin(), findings.end(),
      [](const TensorFinding &a, const TensorFinding &b) { return a.error < b.error; });
  const bool right = passed(findings);
  if (arguments.json)
    print(Json{{"compared", findings.size()},
               {"worst", worst.error},
               {"worst_tensor", worst.name},
               {"passed", right}});
  else
    print(asText(findings) + "worst: " + worst.name + ", " + percent(worst.error, 1) +
          " of its bound: " + (right ? "passed\n" : "FAILED\n"));
  return right ? kDone : kBadInput;
}

} // namespace

void addVerify(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<VerifyArguments>();
  arguments->data = "synthetic:64";
  arguments->batch = 0;
  CLI::App &verb = *app.add_subcommand(
      "verify", "compares a library with one of the same declaration and reference kernels");
  arguments->addLibrary(verb);
  verb.add_option("--reference", arguments->reference,
                  "the library to compare with, of ccm-compile --kernels=reference")
      ->required();
  arguments->addData(verb, false);
  arguments->addCheckpoint(verb, false);
  verb.add_option("--batch", arguments->batch,
                  "samples at a time; without it as many as run every block size once")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20));
  verb.add_option("--samples", arguments->samples, "samples in all; without it one batch")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 30));
  arguments->addThreads(verb);
  arguments->addSeed(verb, "parameters");
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = verify(*arguments); });
}

} // namespace ccm::run
