// SPDX-License-Identifier: Apache-2.0
// `ccm-run importance`: how much worse a model is when an input is that of another row.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Metric.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

struct ImportanceArguments : Options {
  int64_t repeats = 5;
};

/// The loss, and of every output the metric that counts most.
struct Measure {
  double loss = 0;
  std::vector<double> metrics;
};

/// Of changes that permutations bring.
struct Change {
  double mean = 0;
  double deviation = 0; ///< of one permutation from the mean; 0 of a single one
};

Change changeOf(const std::vector<double> &losses, double before) {
  Change change;
  for (double loss : losses)
    change.mean += (loss - before) / double(losses.size());
  double squares = 0;
  for (double loss : losses)
    squares += (loss - before - change.mean) * (loss - before - change.mean);
  if (losses.size() > 1)
    change.deviation = std::sqrt(squares / double(losses.size() - 1));
  return change;
}

/// What is put in another order: an input, or of one that has several columns one of them.
struct Permuted {
  size_t input = 0;
  std::string column = {}; ///< its title; "": all of the input
  size_t number = 0;       ///< of the column, among `columns`
  size_t columns = 1;
};

/// Everything that can be, in the order of the inputs.
std::vector<Permuted> permutedOf(const data::Dataset &data) {
  std::vector<Permuted> all;
  for (size_t input = 0; input < data.inputs.size(); ++input) {
    if (data.inputs[input].field.isWeight)
      continue; // no answer depends on it
    const std::vector<std::string> &titles = data.inputs[input].field.titles;
    if (titles.size() < 2)
      all.push_back({input});
    for (size_t i = 0; titles.size() > 1 && i < titles.size(); ++i)
      all.push_back({input, titles[i], i, titles.size()});
  }
  return all;
}

/// What is known of an input, or of one of its columns.
struct Importance {
  std::string input, column;
  Change loss;
  std::vector<Change> metrics; ///< by output
};

/// One run of the verb.
class Measuring {
public:
  Measuring(Job &job, const data::Dataset &data, const ImportanceArguments &arguments)
      : job(job), data(data), arguments(arguments),
        seed(arguments.seed.value_or(job.artifact->trainDefaults().seed)) {}
  void run();
  void print() const;

private:
  Measure measure(const data::Dataset &rows);
  data::Dataset permuted(const Permuted &what, int64_t repeat) const;
  void permute(const Permuted &what, std::span<const int64_t> order, data::Column &column) const;
  Importance importanceOf(const Permuted &what);
  Json asJson() const;
  std::string asText() const;

  Job &job;
  const data::Dataset &data;
  const ImportanceArguments &arguments;
  const uint64_t seed;
  ProgressBar progress;
  int64_t passes = 0;
  std::vector<Permuted> all = permutedOf(data);
  Measure whole;
  std::vector<MainMetric> mains; ///< by output
  std::vector<Importance> found; ///< the most important first
};

Measure Measuring::measure(const data::Dataset &rows) {
  Metrics metrics(*job.artifact, 0);
  const int64_t count = 1 + int64_t(all.size()) * arguments.repeats;
  int64_t done = 0;
  const auto observe = [&](std::span<const int64_t> items, const Batch &batch) -> Status {
    metrics.take(batch, int64_t(items.size()));
    done += int64_t(items.size());
    if (progress.due())
      progress.show({"importance",
                     (double(passes) + double(done) / double(data.rows)) / double(count),
                     {{std::to_string(passes) + " of " + std::to_string(count) + " passes", 1}}});
    return Done();
  };
  const Evaluation result =
      need(evaluate(*job.session, job.sourceOf(rows), arguments.batch, job.session->workspace(),
                    observe, Job::aheadOf(rows, arguments)));
  ++passes;
  mains = metrics.mains(metrics.report(result));
  Measure measure{result.loss, {}};
  for (const MainMetric &main : mains)
    measure.metrics.push_back(main.value);
  return measure;
}

/// Gives every row a sample of its own, with a column's values of another row.
void Measuring::permute(const Permuted &what, std::span<const int64_t> order,
                        data::Column &column) const {
  const size_t bytes = column.field.bytes, element = column.field.elementBytes();
  auto samples = std::make_shared<data::Bytes>(order.size() * bytes);
  for (size_t row = 0; row < order.size(); ++row) {
    std::byte *sample = samples->data() + row * bytes;
    std::copy_n(column.at(int64_t(row)).data(), bytes, sample);
    const std::byte *other = column.at(order[row]).data();
    for (size_t i = what.number * element; i < bytes; i += what.columns * element)
      std::copy_n(other + i, element, sample + i);
  }
  column.samples = std::move(samples);
  column.pitch = 0;
  std::iota(column.rows.begin(), column.rows.end(), 0u);
}

/// The data with an input or a column in another order; a repeat has the same one for all of them.
data::Dataset Measuring::permuted(const Permuted &what, int64_t repeat) const {
  std::vector<int64_t> order(size_t(data.rows));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, seed, repeat);
  data::Dataset other = data;
  if (!what.column.empty())
    permute(what, order, other.inputs[what.input]);
  else
    for (size_t row = 0; row < order.size(); ++row)
      other.inputs[what.input].rows[row] = data.inputs[what.input].rows[size_t(order[row])];
  return other;
}

Importance Measuring::importanceOf(const Permuted &what) {
  std::vector<double> losses;
  std::vector<std::vector<double>> metrics(mains.size());
  for (int64_t repeat = 0; repeat < arguments.repeats; ++repeat) {
    const Measure measured = measure(permuted(what, repeat));
    losses.push_back(measured.loss);
    for (size_t output = 0; output < metrics.size(); ++output)
      metrics[output].push_back(measured.metrics[output]);
  }
  Importance importance{
      data.inputs[what.input].field.name, what.column, changeOf(losses, whole.loss), {}};
  for (size_t output = 0; output < metrics.size(); ++output)
    importance.metrics.push_back(changeOf(metrics[output], whole.metrics[output]));
  return importance;
}

void Measuring::run() {
  whole = measure(data);
  for (const Permuted &what : all)
    found.push_back(importanceOf(what));
  std::stable_sort(found.begin(), found.end(), [](const Importance &a, const Importance &b) {
    return a.loss.mean > b.loss.mean;
  });
  progress.clear();
}

Json Measuring::asJson() const {
  Json report{{"loss", whole.loss}, {"outputs", Json::object()}, {"repeats", arguments.repeats}};
  for (const MainMetric &main : mains)
    report["outputs"][main.output][main.name] = whole.metrics[size_t(&main - mains.data())];
  for (const Importance &one : found) {
    Json input{{"name", one.input},
               {"loss_change", one.loss.mean},
               {"loss_deviation", one.loss.deviation},
               {"outputs", Json::object()}};
    if (!one.column.empty())
      input["column"] = one.column;
    for (size_t output = 0; output < mains.size(); ++output)
      input["outputs"][mains[output].output][mains[output].name + "_change"] =
          one.metrics[output].mean;
    report["inputs"].push_back(input);
  }
  return report;
}

/// A change with its sign.
std::string changed(double by) {
  return std::isnan(by) ? "-" : (by > 0 ? "+" : "") + digits(by, 3);
}

std::string Measuring::asText() const {
  std::vector<TextTable::Column> columns = {{"input"}, {"loss", true}, {"deviation", true}};
  for (const MainMetric &main : mains)
    columns.push_back({main.name + (mains.size() > 1 ? " of " + main.output : ""), true});
  TextTable table(columns);
  for (const Importance &one : found) {
    const std::string column = one.column.empty() ? "" : ": " + one.column;
    std::vector<std::string> row = {one.input + column, changed(one.loss.mean),
                                    digits(one.loss.deviation, 3)};
    for (const Change &metric : one.metrics)
      row.push_back(changed(metric.mean));
    table.add(row);
  }
  std::string text =
      "loss " + digits(whole.loss, 5) + " over " + std::to_string(data.rows) + " samples";
  for (const MainMetric &main : mains)
    if (const double value = whole.metrics[size_t(&main - mains.data())]; !std::isnan(value))
      text += ", " + main.output + " " + main.name + " " + digits(value, 4);
  return text + "\nwhat changes when an input is that of another row, the mean of " +
         std::to_string(arguments.repeats) + (arguments.repeats == 1 ? " time\n" : " times\n") +
         table.text("  ");
}

void Measuring::print() const { arguments.json ? run::print(asJson()) : run::print(asText()); }

int importance(const ImportanceArguments &arguments) {
  Job job(arguments);
  const data::Dataset data = job.openData(arguments);
  if (data.inputs.empty())
    throw failure(kBadInput, "'" + std::string(job.artifact->name()) +
                                 "' has no input that data is given for");
  if (data.rows < 2)
    throw failure(kBadInput, "importance expects at least 2 rows to exchange, got 1");
  Measuring measuring(job, data, arguments);
  measuring.run();
  measuring.print();
  return kDone;
}

} // namespace

void addImportance(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<ImportanceArguments>();
  CLI::App &verb = *app.add_subcommand(
      "importance", "measures how much worse a model is without what an input says");
  arguments->addLibrary(verb);
  arguments->addData(verb, true);
  arguments->addCheckpoint(verb, true);
  verb.add_option("--repeats", arguments->repeats, "how often the rows of each input are permuted")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20))
      ->capture_default_str();
  arguments->addAhead(verb);
  arguments->addBatch(verb);
  arguments->addThreads(verb);
  arguments->addSeed(verb, "the permutations");
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = importance(*arguments); });
}

} // namespace ccm::run
