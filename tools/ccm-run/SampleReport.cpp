// SPDX-License-Identifier: Apache-2.0
#include "tools/ccm-run/SampleReport.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Names.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/TextTable.h"

#include <algorithm>
#include <numeric>

namespace ccm::run {

using Json = nlohmann::ordered_json;

/// Samples whose answers are printed where no file takes them.
constexpr size_t kMostPrinted = 20;

SampleReport::SampleReport(const Job &job, const AskArguments &arguments, const Samples &samples)
    : arguments(arguments), samples(samples) {
  data::Names names = job.readingOf(arguments).names;
  for (size_t i = 0; i < job.artifact->outputs().size(); ++i) {
    const ccm_port &port = job.artifact->outputs()[i];
    readings.push_back({&port, names[port.name], lossOf(*job.artifact, i) == "bce", arguments.top,
                        shiftedInput(*job.artifact) != nullptr});
  }
  openSinks(job, arguments);
}

void SampleReport::openSinks(const Job &job, const AskArguments &arguments) {
  SinkOptions options{job.rateOf(arguments), samples.isMany, samples.data.rows, samples.idTitle,
                      samples.read};
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

/// What the model says of the sample in `slot` of a batch by an output.
static Answer answerOf(const Reading &reading, const Batch &batch, int32_t output, int64_t slot) {
  const size_t count = reading.elements(), first = size_t(slot) * count;
  if (reading.isSequence)
    return {reading, {static_cast<const int32_t *>(batch.target(output)) + first, count}};
  return {reading, {batch.output(output) + first, count}};
}

void SampleReport::take(int64_t row, const Batch &batch, int64_t slot) {
  const std::string &name = samples.names[size_t(row)], &id = samples.idOf(row);
  Json outputs = Json::object();
  lines.push_back({id});
  for (size_t i = 0; i < readings.size(); ++i) {
    const Answer answer = answerOf(readings[i], batch, int32_t(i), slot);
    const bool isShown = lines.size() <= kMostPrinted || arguments.json;
    const std::string file = sinks[i] ? sinks[i]->take(name, id, answer) : "";
    if (arguments.json)
      outputs[readings[i].port->name] = answer.json();
    if (arguments.json && sinks[i])
      outputs[readings[i].port->name]["file"] = file;
    lines.back().push_back(!isShown         ? ""
                           : samples.isMany ? answer.brief()
                           : file.empty()   ? answer.full()
                                            : answer.brief() + "  wrote " + file);
  }
  if (arguments.json)
    rows.push_back({{"row", id}, {"outputs", std::move(outputs)}});
}

/// A line per output of the only sample, or a line per sample.
std::string SampleReport::text() const {
  std::string out;
  if (!samples.isMany) {
    for (size_t i = 0; i < readings.size(); ++i)
      out += std::string(readings[i].port->name) + "  " + lines.front()[i + 1] + "\n";
    return out;
  }
  std::vector<TextTable::Column> columns = {{samples.idTitle}};
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

void SampleReport::print() {
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

void answer(Job &job, const AskArguments &arguments, const Samples &samples, Batch &batch,
            const std::string &verb,
            const std::function<Status(int64_t count, int64_t first)> &compute) {
  SampleReport report(job, arguments, samples);
  const Source source = job.sourceOf(samples.data);
  const int64_t rows = samples.data.rows, capacity = batch.capacity();
  ProgressBar progress;
  for (int64_t start = 0; start < rows; start += capacity) {
    std::vector<int64_t> items(size_t(std::min(capacity, rows - start)));
    std::iota(items.begin(), items.end(), start);
    need(source.fill(items, batch));
    need(compute(int64_t(items.size()), start));
    for (size_t slot = 0; slot < items.size(); ++slot)
      report.take(items[slot], batch, int64_t(slot));
    if (progress.due())
      progress.show({verb, double(start) / double(rows), {}});
  }
  progress.clear();
  report.print();
}

} // namespace ccm::run
