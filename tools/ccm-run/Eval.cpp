// SPDX-License-Identifier: Apache-2.0
// `ccm-run eval`: loss and metrics on data.
#include "tools/ccm-run/Baseline.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Metric.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// Classes of a table on the terminal.
constexpr size_t kMostClasses = 30;

struct EvalArguments : Options {
  bool baseline = false;
  std::vector<std::string> confusion;
};

/// Adds the loss of the constant answer beside every loss.
void addBaseline(const Artifact &artifact, const Evaluation &constant, Json &report) {
  report["baseline"] = constant.loss;
  for (size_t port = 0; port < artifact.outputs().size(); ++port)
    report["outputs"][artifact.outputs()[port].name]["baseline"] = constant.losses[port];
}

/// What is most often said in place of a class, "-" when nothing is.
std::string mistakenFor(const data::Confusion &pairs, const std::vector<std::string> &names,
                        int64_t target) {
  int64_t worst = -1;
  for (int64_t other = 0; other < pairs.classes(); ++other)
    if (other != target && pairs.at(target, other) > (worst < 0 ? 0 : pairs.at(target, worst)))
      worst = other;
  return worst < 0
             ? "-"
             : data::className(names, worst) + " (" + std::to_string(pairs.at(target, worst)) + ")";
}

std::string percentOrNone(std::optional<double> share) { return share ? percent(*share, 1) : "-"; }

/// Classes that occur, those found least often first where there are too many to show all.
std::vector<int64_t> shownClasses(const data::Confusion &pairs) {
  std::vector<int64_t> classes;
  for (int64_t i = 0; i < pairs.classes(); ++i)
    if (pairs.targets(i) > 0)
      classes.push_back(i);
  if (classes.size() <= kMostClasses)
    return classes;
  std::stable_sort(classes.begin(), classes.end(),
                   [&](int64_t a, int64_t b) { return *pairs.recall(a) < *pairs.recall(b); });
  classes.resize(kMostClasses);
  return classes;
}

std::string classTable(const data::Confusion &pairs, const std::vector<std::string> &names) {
  TextTable table({{"class"},
                   {"samples", true},
                   {"recall", true},
                   {"precision", true},
                   {"most often taken for"}});
  const std::vector<int64_t> shown = shownClasses(pairs);
  for (int64_t target : shown)
    table.add({data::className(names, target), std::to_string(pairs.targets(target)),
               percentOrNone(pairs.recall(target)), percentOrNone(pairs.precision(target)),
               mistakenFor(pairs, names, target)});
  const bool isCut = shown.size() == kMostClasses;
  return table.text("    ") + (isCut ? "    (the classes of the lowest recall)\n" : "");
}

/// A line of an output, what its metrics say below it, and its classes.
std::string outputText(size_t port, const std::string &name, const Json &output,
                       const Metrics &metrics, const data::Dataset &data) {
  const Words words = metrics.words(port, output);
  std::string text = "  " + name + "  loss " + digits(output["loss"].get<double>(), 5);
  if (output.contains("baseline"))
    text += " (always the mean " + digits(output["baseline"].get<double>(), 5) + ")";
  if (!words.line.empty())
    text += "  " + words.line;
  text += "\n" + (words.below.empty() ? "" : "    " + words.below + "\n");
  const data::Confusion *pairs = metrics.confusionOf(port);
  return pairs && !output.contains("bits")
             ? text + classTable(*pairs, data.targets[port].field.names)
             : text;
}

std::string asText(const Json &report, int64_t samples, const Metrics &metrics,
                   const data::Dataset &data) {
  std::string text = "loss " + digits(report["loss"].get<double>(), 5) + " over " +
                     std::to_string(samples) + " samples\n";
  size_t port = 0;
  for (const auto &[name, output] : report["outputs"].items())
    text += outputText(port++, name, output, metrics, data);
  return text;
}

/// The output that `--confusion [output=]file` is about, and the file.
std::pair<size_t, std::string> pictureOf(const std::string &option, const Artifact &artifact,
                                         const Metrics &metrics) {
  const std::span<const ccm_port> ports = artifact.outputs();
  std::vector<size_t> possible;
  for (size_t port = 0; port < ports.size(); ++port) {
    const bool isNamed = option.starts_with(std::string(ports[port].name) + "=");
    if (isNamed && !metrics.confusionOf(port))
      throw failure(kBadCommandLine, "--confusion: output '" + std::string(ports[port].name) +
                                         "' is not discrete with at most 1024 classes");
    if (isNamed)
      return {port, option.substr(option.find('=') + 1)};
    if (metrics.confusionOf(port))
      possible.push_back(port);
  }
  if (possible.size() != 1)
    throw failure(kBadCommandLine,
                  "--confusion expects output=FILE.svg: " + std::to_string(possible.size()) +
                      " outputs are discrete with at most 1024 classes");
  return {possible.front(), option};
}

/// Refuses what cannot be drawn before the long part begins.
void checkPictures(const EvalArguments &options, const Job &job, const Metrics &metrics) {
  for (const std::string &option : options.confusion)
    if (const std::string path = pictureOf(option, *job.artifact, metrics).second;
        !path.ends_with(".svg"))
      throw failure(kBadCommandLine,
                    "--confusion expects a name that ends in .svg, got '" + path + "'");
}

void drawPictures(const EvalArguments &options, const Job &job, const data::Dataset &data,
                  const Metrics &metrics, const Json &report) {
  for (const std::string &option : options.confusion) {
    const auto [port, path] = pictureOf(option, *job.artifact, metrics);
    const std::string name = job.artifact->outputs()[port].name;
    const std::string title = name + ": " +
                              percent(report["outputs"][name]["accuracy"].get<double>(), 2) +
                              " of " + std::to_string(data.rows) + " right";
    need(io::writeFileAtomically(path, data::drawConfusion(title, *metrics.confusionOf(port),
                                                           data.targets[port].field.names)));
  }
}

int eval(const EvalArguments &options) {
  Job job(options);
  const data::Dataset data = job.openData(options);
  if (options.checkpoint.empty())
    note("note: no checkpoint is given, the parameters are fresh ones");
  Metrics metrics(*job.artifact);
  checkPictures(options, job, metrics);
  ProgressBar progress;
  int64_t done = 0;
  auto observe = [&](std::span<const int64_t> items, const Batch &batch) -> Status {
    metrics.take(batch, int64_t(items.size()));
    done += int64_t(items.size());
    if (progress.due())
      progress.show(
          {"eval", double(done) / double(data.rows), {{std::to_string(done) + " samples", 1}}});
    return Done();
  };
  const Evaluation result =
      need(evaluate(*job.session, job.sourceOf(data), options.batch, job.session->workspace(),
                    observe, Job::aheadOf(data, options)));
  progress.clear();
  Json report = metrics.report(result);
  if (options.baseline)
    addBaseline(*job.artifact, need(evaluateMean(job, data, options.batch)), report);
  drawPictures(options, job, data, metrics, report);
  options.json ? print(report) : print(asText(report, result.items, metrics, data));
  return kDone;
}

} // namespace

void addEval(CLI::App &app, int &exitCode) {
  auto options = std::make_shared<EvalArguments>();
  CLI::App &verb = *app.add_subcommand(
      "eval", "measures loss, and accuracy, area, R2 or overlap by the kind of output, on data");
  options->addLibrary(verb);
  options->addData(verb, true);
  options->addCheckpoint(verb, false);
  verb.add_flag("--baseline", options->baseline,
                "also measure an answer that is always the mean of the targets");
  verb.add_option("--confusion", options->confusion,
                  "[output=]FILE.svg: draw which class was taken for which");
  options->addAhead(verb);
  options->addBatch(verb);
  options->addThreads(verb);
  options->addSeed(verb, "fresh parameters");
  options->addJson(verb);
  verb.callback([options, &exitCode] { exitCode = eval(*options); });
}

} // namespace ccm::run
