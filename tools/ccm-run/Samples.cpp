// SPDX-License-Identifier: Apache-2.0
// Samples from the command line, from files, and from tables and arrays.
#include "tools/ccm-run/Samples.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <numeric>

namespace ccm::run {

std::vector<Assignment> assignmentsOf(const std::vector<std::string> &texts,
                                      std::span<const ccm_port> ports, const char *kind) {
  std::vector<Assignment> found;
  for (const std::string &text : texts) {
    const auto [name, value] = assignmentOf(std::string("--") + kind, text);
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const ccm_port &candidate) {
      return candidate.name == name && candidate.draw == CCM_GIVEN;
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

std::string pathOf(const std::string &value) {
  return value.substr(value.starts_with('@') ? 1 : 0);
}

namespace {

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

void ignore(const ccm_port &port, data::DatasetOptions &reading) {
  reading.ignored.emplace_back(port.name);
  reading.ignored.insert(reading.ignored.end(), port.columns, port.columns + port.column_count);
}

/// Rows are told apart by a column of theirs.
void nameByColumn(const std::string &title, Samples &samples) {
  if (title.empty())
    return;
  if (samples.data.ids.empty())
    throw failure(kBadCommandLine, "--id expects --data of a table whose rows are samples");
  samples.ids = samples.data.ids;
  samples.idTitle = title;
}

/// Rows of a table or of arrays; columns of outputs are not read.
Samples samplesOfData(const Job &job, const AskArguments &arguments) {
  if (!arguments.inputs.empty())
    throw failure(kBadCommandLine, "--input and --data exclude each other");
  Samples samples;
  data::DatasetOptions reading = job.readingOf(arguments);
  for (const ccm_port &port : job.artifact->outputs())
    ignore(port, reading);
  for (const ccm_port &port : job.artifact->inputs())
    if (port.draw == CCM_WEIGHT)
      ignore(port, reading);
  reading.id = arguments.id;
  samples.data = need(data::openDataset(arguments.data, job.artifact->inputs(), {}, reading));
  tellNotes(samples.data);
  samples.names = numbers(samples.data.rows);
  nameByColumn(arguments.id, samples);
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
                data::ProblemList &problems) {
  const size_t bytes = size_t(column.field.bytes);
  auto stored = std::make_shared<data::Bytes>(values.size() * bytes);
  for (size_t i = 0; i < values.size(); ++i) {
    const std::span<std::byte> sample = std::span(*stored).subspan(i * bytes, bytes);
    if (data::Status filled = data::fillSample(column.field, values[i], data::FileNames::typed,
                                               readNamed, rate, sample);
        !filled)
      problems.add(filled.error().first());
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
Samples samplesOfInputs(const Job &job, const AskArguments &arguments) {
  const std::span<const ccm_port> ports = job.artifact->inputs();
  const std::vector<Assignment> given = assignmentsOf(arguments.inputs, ports, "input");
  for (size_t port = 0; port < ports.size(); ++port)
    if (ports[port].partner == 0 &&
        std::none_of(given.begin(), given.end(),
                     [&](const Assignment &a) { return a.port == port; }))
      throw failure(kBadCommandLine, std::string("no --input for '") + ports[port].name + "'");
  Samples samples;
  const data::DatasetOptions reading = job.readingOf(arguments);
  samples.data = need(data::emptyDataset(ports, {}, reading));
  samples.data.rows = 1;
  samples.names = {"1"};
  data::ProblemList problems;
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
    fillColumn(*samples.data.find(ports[input.port].name), values, reading.rate, problems);
  }
  if (!problems.empty())
    need(data::Result<ccm::Done>(problems.take("")));
  samples.data.dropUnread();
  for (data::Column &column : samples.data.inputs) {
    column.rows.assign(size_t(samples.data.rows), 0u);
    if (size_t(column.port) == folder)
      std::iota(column.rows.begin(), column.rows.end(), 0u);
  }
  return samples;
}

} // namespace

void Samples::remember(const std::string &path) {
  if (const auto identity = io::fileIdentity(path))
    read.insert(*identity);
}

Samples samplesOf(const Job &job, const AskArguments &arguments) {
  return arguments.data.empty() ? samplesOfInputs(job, arguments) : samplesOfData(job, arguments);
}

void repeat(Samples &samples, int64_t count) {
  if (count == 1)
    return;
  std::vector<std::string> names;
  for (const std::string &name : samples.names)
    for (const std::string &number : numbers(count))
      names.push_back(samples.isMany ? name + "-" + number : number);
  for (data::Column &column : samples.data.inputs) {
    std::vector<uint32_t> rows;
    for (uint32_t row : column.rows)
      rows.insert(rows.end(), size_t(count), row);
    column.rows = std::move(rows);
  }
  samples.names = std::move(names);
  std::vector<std::string> ids;
  for (const std::string &id : samples.ids)
    ids.insert(ids.end(), size_t(count), id);
  samples.ids = std::move(ids);
  samples.data.rows *= count;
  samples.isMany = true;
}

void AskArguments::add(CLI::App &verb) {
  addLibrary(verb);
  addCheckpoint(verb, true);
  verb.add_option(
      "--input", inputs,
      "port=value, port=@file, or port=@folder for all its files; once for every input");
  verb.add_option("--data", data,
                  "samples in place of --input: table.csv (.tsv, also .gz), "
                  "port=file.npy,port=file.gz, synthetic:N");
  verb.add_option("--output", outputs,
                  "port=FILE: .csv or .npy for all samples, or .png, .jpg, .wav, .txt, of many "
                  "samples with {} for their names; without it answers are printed");
  verb.add_option(
      "--id", id,
      "title of a column of the table that tells rows apart, in place of their numbers");
  verb.add_option("--top", top, "how many of the likeliest labels are told")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 31))
      ->capture_default_str();
  addDataMemory(verb);
  addRate(verb);
  addNames(verb);
  addTables(verb);
  addBatch(verb);
  addThreads(verb);
  addJson(verb);
}

} // namespace ccm::run
