// SPDX-License-Identifier: Apache-2.0
// `ccm-run info`: what a library says of its model.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Verbs.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// The member as text; "-" where it is missing.
std::string member(const Json &object, const char *key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null())
    return "-";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string portLine(const char *kind, const ccm_port &port) {
  const data::Field field = data::inputField(port);
  std::string line = std::string("  ") + kind + " " + padded(port.name, 20) + " " +
                     padded(data::shapeText(field.extents), 16);
  line += port.dtype == CCM_F32 ? " f32" : port.dtype == CCM_U8 ? " u8" : " i32";
  if (port.vocabulary > 0)
    line += "  vocabulary " + std::to_string(port.vocabulary);
  return line + "\n";
}

std::string partLine(const Json &part) {
  return "  " + padded(member(part, "part") + " " + member(part, "port"), 24) + " " +
         padded(member(part, "strategy"), 22) + " " + padded(member(part, "tokens"), 8) + " " +
         padded(member(part, "macs"), 12) + " " + member(part, "parameters") + "\n";
}

void printText(const Artifact &artifact, const Json &description) {
  std::string text = std::string(artifact.name()) + "\n";
  for (const ccm_port &port : artifact.inputs())
    text += portLine("input ", port);
  for (const ccm_port &port : artifact.outputs())
    text += portLine("output", port);
  text += "  " + padded("part", 24) + " " + padded("strategy", 22) + " " + padded("tokens", 8) +
          " " + padded("MACs", 12) + " parameters\n";
  for (const Json &part : description.value("parts", Json::array()))
    text += partLine(part);
  text += "  " + member(description, "macs") + " MACs, " + member(description, "parameters") +
          " parameters, " + member(description, "kernels") + " kernels\n";
  text += "  compiled by ccm " + member(description, "compiler") + " for " +
          member(description, "targets") + ", uses " + artifact.model().target + "\n";
  print(text);
}

int info(const Options &options) {
  const auto artifact = need(Artifact::load(options.library));
  const Json description = Json::parse(artifact->describe(), nullptr, false);
  if (!description.is_object())
    throw failure(kInput, "'" + options.library + "' does not describe itself as a JSON object");
  if (options.json)
    print(description);
  else
    printText(*artifact, description);
  return kDone;
}

} // namespace

void addInfo(CLI::App &app, int &exitCode) {
  auto options = std::make_shared<Options>();
  CLI::App &verb = *app.add_subcommand("info", "prints what a library says of its model");
  options->addLibrary(verb);
  options->addJson(verb);
  verb.callback([options, &exitCode] { exitCode = info(*options); });
}

} // namespace ccm::run
