// SPDX-License-Identifier: Apache-2.0
// `ccm-run infer`: the outputs of one sample.
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Verbs.h"
#include "tools/data/Array.h"
#include "tools/data/Image.h"
#include "tools/data/Sound.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// Outputs of at most so many values are printed.
constexpr int64_t kMostPrinted = 64;

struct InferArguments : Options {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
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
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const ccm_port &candidate) {
      return candidate.name == name;
    });
    if (equals == text.npos || port == ports.end())
      throw failure(kUsage, std::string("--") + kind + " expects port=value of an " + kind +
                                " of the model, got '" + text + "'");
    found.push_back({size_t(port - ports.begin()), text.substr(equals + 1)});
    for (size_t i = 0; i + 1 < found.size(); ++i)
      if (found[i].port == found.back().port)
        throw failure(kUsage, std::string("--") + kind + " " + name + " is given twice");
  }
  return found;
}

data::Result<std::string> readNamed(const std::string &path) {
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return data::Problem{data::Fault::file, "", bytes.error().message};
  return std::move(*bytes);
}

void fillInputs(const Job &job, const InferArguments &arguments, Batch &batch) {
  const std::span<const ccm_port> ports = job.artifact->inputs();
  const std::vector<Assignment> given = assignmentsOf(arguments.inputs, ports, "input");
  for (size_t port = 0; port < ports.size(); ++port)
    if (std::none_of(given.begin(), given.end(),
                     [&](const Assignment &a) { return a.port == port; }))
      throw failure(kUsage, std::string("no --input for '") + ports[port].name + "'");
  for (const Assignment &input : given) {
    const data::Field field = data::inputField(ports[input.port]);
    auto *array = static_cast<std::byte *>(batch.input(int32_t(input.port)));
    need(data::fillSample(field, input.value, readNamed, arguments.reading.rate,
                          {array, size_t(field.bytes)}));
  }
}

/// One output: its values, and what a discrete one says by them.
struct Answer {
  const ccm_port *port;
  std::span<const float> values;
  std::vector<int64_t> extents;
  std::vector<int64_t> indices;
};

Answer answerOf(const ccm_port &port, const float *values) {
  Answer answer{&port,
                {values, size_t(port.bytes / sizeof(float))},
                {port.extents, port.extents + port.rank},
                {}};
  for (size_t at = 0; port.vocabulary > 0 && at < answer.values.size();
       at += size_t(port.vocabulary))
    answer.indices.push_back(bestOf(values + at, port.vocabulary));
  return answer;
}

/// Bytes where every byte has an index, else indices or values between blanks.
std::string textOf(const Answer &answer) {
  std::string text;
  if (answer.port->vocabulary == 256 && answer.port->target_rank > 0) {
    for (int64_t index : answer.indices)
      text += char(index);
    return text.substr(0, text.find('\0')) + "\n";
  }
  for (int64_t index : answer.indices)
    text += std::to_string(index) + " ";
  for (size_t i = 0; answer.indices.empty() && i < answer.values.size(); ++i)
    text += digits(double(answer.values[i]), 9) + " ";
  if (!text.empty())
    text.back() = '\n';
  return text;
}

/// The bytes of a file whose kind its name says.
std::string encode(const Answer &answer, const std::string &path, int64_t rate) {
  const std::vector<int64_t> &extents = answer.extents;
  const bool isDiscrete = answer.port->vocabulary > 0;
  if (path.ends_with(".npy"))
    return data::writeNpy(answer.values, extents);
  if (path.ends_with(".txt"))
    return textOf(answer);
  if (path.ends_with(".png") && extents.size() == 3 && !isDiscrete)
    return need(data::encodePng(answer.values, extents[0], extents[1], extents[2]));
  if (path.ends_with(".wav") && extents.size() == 2 && extents[1] == 1 && !isDiscrete)
    return need(data::encodeWav(answer.values, rate));
  throw failure(kUsage, "output '" + std::string(answer.port->name) + "' of " +
                            data::shapeText(extents) + " cannot be written to '" + path +
                            "': expects .npy, .txt, .png for images or .wav for sounds");
}

Json printedOf(const Answer &answer) {
  Json object = Json::object();
  if (answer.port->target_rank == 0 && !answer.indices.empty())
    object["index"] = answer.indices.front();
  else if (!answer.indices.empty())
    object["indices"] = answer.indices;
  if (int64_t(answer.values.size()) <= kMostPrinted)
    object["values"] = std::vector<float>(answer.values.begin(), answer.values.end());
  return object;
}

/// Refuses to write over what was read.
void checkOutput(const std::string &path, const InferArguments &arguments) {
  io::Result<std::pair<uint64_t, uint64_t>> target = io::fileIdentity(path);
  if (!target)
    return;
  std::vector<std::string> read = {arguments.library, arguments.checkpoint};
  for (const std::string &input : arguments.inputs) {
    const std::string value = input.substr(input.find('=') + 1);
    read.push_back(value.substr(value.starts_with('@') ? 1 : 0));
  }
  for (const std::string &name : read)
    if (auto source = io::fileIdentity(name); source && *source == *target)
      throw failure(kInput, "the output '" + path + "' is also an input");
}

Json writeOutputs(const Job &job, const InferArguments &arguments, const Batch &batch) {
  const std::span<const ccm_port> ports = job.artifact->outputs();
  const std::vector<Assignment> wanted = assignmentsOf(arguments.outputs, ports, "output");
  Json report = Json::object();
  for (size_t port = 0; port < ports.size(); ++port)
    report[ports[port].name] = printedOf(answerOf(ports[port], batch.output(int32_t(port))));
  // All are encoded before any is written: a kind that does not fit leaves no files behind.
  std::vector<std::pair<std::string, std::string>> files;
  for (const Assignment &output : wanted) {
    const std::string path = output.value.substr(output.value.starts_with('@') ? 1 : 0);
    const ccm_port &port = ports[output.port];
    checkOutput(path, arguments);
    files.emplace_back(path, encode(answerOf(port, batch.output(int32_t(output.port))), path,
                                    arguments.reading.rate));
    report[port.name]["file"] = path;
  }
  for (const auto &[path, bytes] : files)
    need(io::writeFileAtomically(path, bytes));
  return report;
}

std::string asText(const Json &report) {
  std::string text;
  for (const auto &[name, output] : report.items()) {
    text += name;
    for (const char *key : {"index", "indices", "file"})
      if (output.contains(key))
        text += std::string("  ") + key + " " + output[key].dump();
    if (!output.contains("index") && !output.contains("file") && output.contains("values"))
      text += "  values " + output["values"].dump();
    text += "\n";
  }
  return text;
}

/// Scores of a sigmoid become what they stand for, 0…1.
void squashScores(const Job &job, const Batch &batch) {
  const std::span<const ccm_port> ports = job.artifact->outputs();
  for (size_t port = 0; port < ports.size(); ++port)
    if (float *values = batch.output(int32_t(port)); saysScores(*job.artifact, port))
      for (size_t i = 0; i < ports[port].bytes / sizeof(float); ++i)
        values[i] = 1 / (1 + std::exp(-values[i]));
}

int infer(const InferArguments &arguments) {
  Job job(arguments);
  assignmentsOf(arguments.outputs, job.artifact->outputs(), "output");
  Batch batch = need(Batch::create(job.artifact, 1, kInputs | kOutputs));
  fillInputs(job, arguments, batch);
  need(job.session->infer(batch.first(1), job.session->workspace()));
  squashScores(job, batch);
  const Json report = writeOutputs(job, arguments, batch);
  arguments.json ? print(Json{{"outputs", report}}) : print(asText(report));
  return kDone;
}

} // namespace

void addInfer(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<InferArguments>();
  CLI::App &verb = *app.add_subcommand("infer", "computes the outputs of one sample");
  arguments->addLibrary(verb);
  arguments->addCheckpoint(verb, true);
  verb.add_option("--input", arguments->inputs, "port=value or port=@file, once for every input");
  verb.add_option("--output", arguments->outputs,
                  "port=@file.png, .wav, .npy or .txt; without it small outputs are printed");
  verb.add_option("--rate", arguments->reading.rate, "samples a second of sound ports")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 24))
      ->capture_default_str();
  arguments->addThreads(verb);
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = infer(*arguments); });
}

} // namespace ccm::run
