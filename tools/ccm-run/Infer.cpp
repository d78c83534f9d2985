// SPDX-License-Identifier: Apache-2.0
// `ccm-run infer`: what a model says of one sample, of a folder of files, or of a table.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Names.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/Sink.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// Samples whose answers are printed where no file takes them.
constexpr size_t kMostPrinted = 20;
constexpr size_t kMostProblems = 20;

struct InferArguments : Options {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  int64_t top = 1;
};

/// `port=value`, and the position of that port.
struct Assignment {
  size_t port = 0;
  std::string value;
};

std::vector<Assignment> assignmentsOf(const std::vector<std::string> &texts,
                                      std::span<const ccm_port> ports, const char *kind) {
  std::vector<Assignment> found;
  for (const std::string &text : texts) {
    const auto [name, value] = assignmentOf(std::string("--") + kind, text);
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const ccm_port &candidate) {
      return candidate.name == name;
    });
    if (port == ports.end())
      throw failure(kBadCommandLine, std::string("--") + kind + " expects port=value of an " +
                                         kind + " of the model, got '" + text + "'");
    found.push_back({size_t(port - ports.begin()), value});
    for (size_t i = 0; i + 1 < found.size(); ++i)
      if (found[i].port == found.back().port)
        throw failure(kBadCommandLine, std::string("--") + kind + " " + name + " is given twice");
  }
  return found;
}

/// The path that a value names; every path may be written with an '@' in front.
std::string pathOf(const std::string &value) {
  return value.substr(value.starts_with('@') ? 1 : 0);
}

// ---- Samples ------------------------------------------------------------------------------------

/// What the model is asked about.
struct Samples {
  data::Dataset data;
  /// One per row: of files, or numbers from 1 with as many digits each.
  std::vector<std::string> names;
  bool isMany = false;
  /// Device and inode of every file that was read.
  std::set<std::pair<uint64_t, uint64_t>> read;

  void remember(const std::string &path) {
    if (const auto identity = io::fileIdentity(path))
      read.insert(*identity);
  }
};

std::vector<std::string> numbers(int64_t count) {
  const size_t width = std::to_string(count).size();
  std::vector<std::string> names;
  for (int64_t i = 1; i <= count; ++i) {
    const std::string text = std::to_string(i);
    names.push_back(std::string(width - text.size(), '0') + text);
  }
  return names;
}

/// The names of files without their suffixes, unless two would then be the same.
std::vector<std::string> stems(const std::vector<std::string> &files) {
  std::vector<std::string> names;
  for (const std::string &file : files)
    names.push_back(file.substr(0, std::max<size_t>(file.rfind('.'), 1)));
  const std::set<std::string> different(names.begin(), names.end());
  return different.size() == names.size() ? names : files;
}

/// Rows of a table or of arrays; columns of outputs are not read.
Samples samplesOfData(const Job &job, const InferArguments &arguments) {
  if (!arguments.inputs.empty())
    throw failure(kBadCommandLine, "--input and --data exclude each other");
  Samples samples;
  data::DatasetOptions reading = job.readingOf(arguments);
  for (const ccm_port &port : job.artifact->outputs())
    reading.ignored.push_back(port.name);
  samples.data = need(data::openDataset(arguments.data, job.artifact->inputs(), {}, reading));
  samples.names = numbers(samples.data.rows);
  samples.isMany = true;
  for (const std::string &file : samples.data.files)
    samples.remember(file);
  return samples;
}

data::Result<std::string> readNamed(const std::string &path) {
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return data::Problem{data::Fault::file, "", bytes.error().message};
  return std::move(*bytes);
}

/// A column with one row for every value.
void fillColumn(data::Column &column, const std::vector<std::string> &values, int64_t rate,
                std::vector<data::Problem> &problems) {
  const size_t bytes = size_t(column.field.bytes);
  auto stored = std::make_shared<data::Bytes>(values.size() * bytes);
  for (size_t i = 0; i < values.size() && problems.size() < kMostProblems; ++i) {
    const std::span<std::byte> sample = std::span(*stored).subspan(i * bytes, bytes);
    if (data::Status filled = data::fillSample(column.field, values[i], readNamed, rate, sample);
        !filled)
      problems.push_back(filled.error().first());
  }
  column.samples = std::move(stored);
}

/// The files of the folder that a value names; empty where it names none.
std::vector<std::string> filesOf(const Assignment &input) {
  if (!input.value.starts_with('@'))
    return {};
  const std::string folder = pathOf(input.value);
  io::Result<std::vector<std::string>> listed = io::listDirectory(folder);
  if (!listed)
    return {};
  if (listed->empty())
    throw failure(kBadInput, "the folder '" + folder + "' is empty");
  return std::move(*listed);
}

/// What every input is given: one value for all samples, or a file of a folder for each.
Samples samplesOfInputs(const Job &job, const InferArguments &arguments) {
  const std::span<const ccm_port> ports = job.artifact->inputs();
  const std::vector<Assignment> given = assignmentsOf(arguments.inputs, ports, "input");
  for (size_t port = 0; port < ports.size(); ++port)
    if (std::none_of(given.begin(), given.end(),
                     [&](const Assignment &a) { return a.port == port; }))
      throw failure(kBadCommandLine, std::string("no --input for '") + ports[port].name + "'");
  Samples samples;
  samples.data = need(data::emptyDataset(ports, {}, job.readingOf(arguments)));
  samples.data.rows = 1;
  samples.names = {"1"};
  std::vector<data::Problem> problems;
  size_t folder = SIZE_MAX;
  for (const Assignment &input : given) {
    std::vector<std::string> values = filesOf(input);
    if (!values.empty()) {
      if (samples.isMany)
        throw failure(kBadCommandLine, "only one --input may name a folder");
      samples.isMany = true;
      samples.names = stems(values);
      samples.data.rows = int64_t(values.size());
      folder = input.port;
      for (std::string &value : values)
        value = input.value + "/" + value;
    } else {
      values = {input.value};
    }
    for (const std::string &value : values)
      samples.remember(pathOf(value));
    fillColumn(samples.data.inputs[input.port], values, arguments.reading.rate, problems);
  }
  if (!problems.empty())
    need(data::Result<ccm::Done>(std::move(problems)));
  for (size_t port = 0; port < ports.size(); ++port) {
    std::vector<uint32_t> &rows = samples.data.inputs[port].rows;
    rows.assign(size_t(samples.data.rows), 0u);
    if (port == folder)
      std::iota(rows.begin(), rows.end(), 0u);
  }
  return samples;
}

// ---- Answers ------------------------------------------------------------------------------------

/// Collects what is said of every sample.
class Report {
public:
  Report(const Job &job, const InferArguments &arguments, const Samples &samples);
  void take(int64_t row, const Batch &batch, int64_t slot);
  void print();

private:
  void openSinks(const Job &job, const InferArguments &arguments);
  std::string text() const;

  const InferArguments &arguments;
  const Samples &samples;
  std::vector<Reading> readings;
  std::vector<std::unique_ptr<Sink>> sinks;
  Json rows = Json::array();
  std::vector<std::vector<std::string>> lines;
};

Report::Report(const Job &job, const InferArguments &arguments, const Samples &samples)
    : arguments(arguments), samples(samples) {
  data::Names names = job.readingOf(arguments).names;
  for (size_t i = 0; i < job.artifact->outputs().size(); ++i) {
    const ccm_port &port = job.artifact->outputs()[i];
    readings.push_back({&port, names[port.name], lossOf(*job.artifact, i) == "bce", arguments.top});
  }
  openSinks(job, arguments);
}

void Report::openSinks(const Job &job, const InferArguments &arguments) {
  SinkOptions options{arguments.reading.rate, samples.isMany, samples.data.rows, samples.read};
  for (const std::string &path : {arguments.library, arguments.checkpoint})
    if (const auto identity = io::fileIdentity(path))
      options.read.insert(*identity);
  sinks.resize(readings.size());
  std::set<std::string> paths;
  for (const Assignment &output :
       assignmentsOf(arguments.outputs, job.artifact->outputs(), "output")) {
    const std::string path = pathOf(output.value);
    if (!paths.insert(path).second)
      throw failure(kBadCommandLine, "two outputs go to '" + path + "'");
    sinks[output.port] = makeSink(readings[output.port], path, options);
  }
}

/// Takes what the model says of a row, which stands in `slot` of the batch.
void Report::take(int64_t row, const Batch &batch, int64_t slot) {
  const std::string &name = samples.names[size_t(row)];
  Json outputs = Json::object();
  lines.push_back({name});
  for (size_t i = 0; i < readings.size(); ++i) {
    const size_t count = readings[i].elements();
    const Answer answer(readings[i], {batch.output(int32_t(i)) + size_t(slot) * count, count});
    const bool isShown = lines.size() <= kMostPrinted || arguments.json;
    const std::string file = sinks[i] ? sinks[i]->take(name, answer) : "";
    if (arguments.json)
      outputs[readings[i].port->name] = answer.json();
    if (arguments.json && sinks[i])
      outputs[readings[i].port->name]["file"] = file;
    lines.back().push_back(
        isShown ? answer.brief() + (file.empty() || samples.isMany ? "" : "  wrote " + file) : "");
  }
  if (arguments.json)
    rows.push_back({{"row", name}, {"outputs", std::move(outputs)}});
}

/// A line per output of the only sample, or a line per sample.
std::string Report::text() const {
  std::string out;
  if (!samples.isMany) {
    for (size_t i = 0; i < readings.size(); ++i)
      out += std::string(readings[i].port->name) + "  " + lines.front()[i + 1] + "\n";
    return out;
  }
  std::vector<TextTable::Column> columns = {{"row"}};
  for (const Reading &reading : readings)
    columns.push_back({reading.port->name});
  TextTable table(columns);
  for (size_t row = 0; row < std::min(lines.size(), kMostPrinted); ++row)
    table.add(lines[row]);
  out = table.text("");
  if (lines.size() > kMostPrinted)
    out += "… and " + std::to_string(lines.size() - kMostPrinted) +
           " more rows; --output port=FILE.csv takes all\n";
  return out;
}

void Report::print() {
  for (const std::unique_ptr<Sink> &sink : sinks)
    if (sink)
      sink->finish();
  if (arguments.json)
    return run::print(samples.isMany ? Json{{"rows", rows}}
                                     : Json{{"outputs", rows.front()["outputs"]}});
  if (!samples.isMany || arguments.outputs.empty())
    return run::print(text());
  std::string files;
  for (const std::string &output : arguments.outputs)
    files += " " + pathOf(assignmentOf("--output", output).second);
  run::print("wrote what is said of " + std::to_string(samples.data.rows) + " samples to" + files +
             "\n");
}

int infer(const InferArguments &arguments) {
  Job job(arguments);
  // Wrong ports are told before anything long begins.
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  const Samples samples =
      arguments.data.empty() ? samplesOfInputs(job, arguments) : samplesOfData(job, arguments);
  Report report(job, arguments, samples);
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
  auto arguments = std::make_shared<InferArguments>();
  CLI::App &verb = *app.add_subcommand("infer", "computes the outputs of samples");
  arguments->addLibrary(verb);
  arguments->addCheckpoint(verb, true);
  verb.add_option(
      "--input", arguments->inputs,
      "port=value, port=@file, or port=@folder for all its files; once for every input");
  verb.add_option(
      "--data", arguments->data,
      "samples in place of --input: table.csv, port=file.npy,port=file.gz, synthetic:N");
  verb.add_option("--output", arguments->outputs,
                  "port=FILE: .csv or .npy for all samples, or .png, .jpg, .wav, .txt, of many "
                  "samples with {} for their names; without it answers are printed");
  verb.add_option("--top", arguments->top, "how many of the likeliest labels are told")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
      ->capture_default_str();
  arguments->addDataMemory(verb);
  arguments->addRate(verb);
  arguments->addNames(verb);
  arguments->addBatch(verb);
  arguments->addThreads(verb);
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = infer(*arguments); });
}

} // namespace ccm::run
