// SPDX-License-Identifier: Apache-2.0
// `ccm-run info`: what a library says of its model, as a table of parts, JSON or a drawing in DOT.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

struct InfoArguments : Options {
  bool dot = false;
};

/// The member as text; "-" where it is missing.
std::string member(const Json &object, const char *key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null())
    return "-";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

/// The member where it is a number; NaN elsewhere.
double numberOf(const Json &object, const char *key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : NAN;
}

std::string scaledMember(const Json &object, const char *key, const char *unit = "") {
  const double value = numberOf(object, key);
  return std::isnan(value) ? "-" : scaled(value) + unit;
}

/// "a, b" of a list of texts.
std::string listed(const Json &object, const char *key) {
  std::string text;
  const auto found = object.find(key);
  for (size_t i = 0; found != object.end() && found->is_array() && i < found->size(); ++i)
    text += (i == 0 ? "" : ", ") +
            ((*found)[i].is_string() ? (*found)[i].get<std::string>() : (*found)[i].dump());
  return text.empty() ? "-" : text;
}

/// A strategy and its configuration: "conv-pyramid 16-32-64 depth 1".
std::string strategyOf(const Json &part) {
  std::string lists, values;
  const Json config = part.value("config", Json::object());
  for (const auto &[key, value] : config.items()) {
    std::string extents;
    for (size_t i = 0; value.is_array() && i < value.size(); ++i)
      extents += (i == 0 ? " " : "-") + value[i].dump();
    lists += value.is_string() ? " " + value.get<std::string>() : extents;
    values += value.is_array() || value.is_string() ? "" : " " + key + " " + value.dump();
  }
  return member(part, "strategy") + lists + values;
}

/// "reduce image"; a core stands for the whole model.
std::string partName(const Json &part) {
  const std::string kind = member(part, "part");
  return kind == "core" ? kind : kind + " " + member(part, "port");
}

std::string ofBudget(const Json &part) {
  const double share = numberOf(part, "macs") / numberOf(part, "budget_macs");
  return std::isfinite(share) ? percent(share) : "-";
}

std::string bytesText(double bytes) { return std::isnan(bytes) ? "-" : scaled(bytes) + "B"; }

std::string typeText(int32_t dtype) {
  return dtype == CCM_F32 ? "f32" : dtype == CCM_U8 ? "u8" : "i32";
}

/// "Adelie, Gentoo or unknown", cut where there are many.
std::string namesText(const ccm_port &port) {
  constexpr int32_t kMostShown = 4;
  std::string text;
  for (int32_t i = 0; i < std::min(port.name_count, kMostShown); ++i)
    text += (i == 0 ? "" : ", ") + std::string(port.names[i]);
  if (port.name_count > kMostShown)
    text += ", … (" + std::to_string(port.name_count) + ")";
  return text + (port.unknown > 0 ? " or unknown" : "");
}

bool isAugmented(const ccm_augment &by) {
  return by.flip || by.shift || by.crop > 0 || by.gain > 0 || by.brightness > 0 || by.noise > 0;
}

/// What a discrete port takes as input or says as output, or the type of a continuous one; how its
/// values are scaled, and what training makes of them.
std::string valuesText(const ccm_port &port) {
  static constexpr const char *kScales[] = {"", ", standard", ", robust", ", fixed scale",
                                            ", calibrated"};
  std::string text = port.name_count > 0   ? namesText(port)
                     : port.vocabulary > 0 ? "index below " + std::to_string(port.vocabulary)
                                           : typeText(port.dtype);
  text += kScales[port.scale];
  text += port.missing ? ", some missing" : "";
  text += isAugmented(port.augment) ? ", augmented" : "";
  return text + (port.balanced ? ", balanced" : port.class_weights > 0 ? ", weighed" : "");
}

/// The columns of a table that are the port, cut where there are many.
std::string columnsText(const ccm_port &port) {
  constexpr size_t kMostShown = 4;
  const size_t count = size_t(port.column_count);
  std::string text;
  for (size_t i = 0; i < std::min(count, kMostShown); ++i)
    text += (i == 0 ? "" : ", ") + std::string(port.columns[i]);
  return text + (count > kMostShown ? ", … (" + std::to_string(count) + ")" : "");
}

/// Extents without the scores of a discrete output.
std::string extentsText(const ccm_port &port, bool isOutput) {
  const data::Field field = isOutput ? data::targetField(port) : data::inputField(port);
  return field.extents.empty() ? "-" : data::shapeText(field.extents);
}

bool hasColumns(const Artifact &artifact) {
  const auto has = [](const ccm_port &port) { return port.column_count > 0; };
  return std::ranges::any_of(artifact.inputs(), has) ||
         std::ranges::any_of(artifact.outputs(), has);
}

std::string portTable(const Artifact &artifact) {
  TextTable table({{"port"},
                   {"name"},
                   {"shape"},
                   {"values"},
                   {"loss"},
                   {hasColumns(artifact) ? "columns" : ""}});
  for (const ccm_port &port : artifact.inputs())
    table.add(
        {"input", port.name, extentsText(port, false), valuesText(port), "", columnsText(port)});
  for (size_t i = 0; i < artifact.outputs().size(); ++i)
    table.add({"output", artifact.outputs()[i].name, extentsText(artifact.outputs()[i], true),
               valuesText(artifact.outputs()[i]), lossOf(artifact, i),
               columnsText(artifact.outputs()[i])});
  return table.text("  ");
}

/// ", 0 trained" of what has frozen parameters, else nothing.
std::string frozenShare(const Json &of) {
  return numberOf(of, "trained") < numberOf(of, "parameters")
             ? ", " + scaledMember(of, "trained") + " trained"
             : "";
}

std::string partTable(const Json &parts) {
  TextTable table({{"part"},
                   {"strategy"},
                   {"tokens", true},
                   {"MACs", true},
                   {"of budget", true},
                   {"parameters", true},
                   {"bytes", true},
                   {"kept per sample", true}});
  for (const Json &part : parts)
    table.add({partName(part), strategyOf(part), member(part, "tokens"), scaledMember(part, "macs"),
               ofBudget(part), scaledMember(part, "parameters") + frozenShare(part),
               bytesText(4 * numberOf(part, "parameters")),
               bytesText(numberOf(part, "activation_bytes"))});
  return table.empty() ? "" : table.text("  ");
}

/// The word of `ccm-compile --entries`.
std::string entriesWord(const Artifact &artifact) {
  return !artifact.needs({"step"}) ? "infer" : artifact.needs({"backward"}) ? "all" : "train";
}

/// Samples of the batches for which memory is told.
constexpr int64_t kToldBatches[] = {1, 32};

/// Bytes that inference, training and making sequences take, with a worker per processor.
Json memoryOf(const Artifact &artifact) {
  const int32_t workers = need(ThreadPool::create())->workers();
  Json list = Json::array();
  for (const int64_t batch : kToldBatches) {
    const ccm_sizes sizes = need(artifact.sizes(batch, workers));
    Json row{{"batch", batch},
             {"workers", workers},
             {"parameters", sizes.params},
             {"infer", Json{{"workspace", sizes.infer}, {"bytes", sizes.params + sizes.infer}}},
             {"train", nullptr},
             {"generate", nullptr}};
    if (artifact.needs({"step"}))
      row["train"] = Json{{"state", sizes.state},
                          {"delta", sizes.delta},
                          {"workspace", sizes.step},
                          {"bytes", sizes.params + sizes.state + sizes.step}};
    if (const uint64_t workspace = std::max(sizes.prefill, sizes.decode); sizes.cache > 0)
      row["generate"] = Json{{"cache", sizes.cache},
                             {"workspace", workspace},
                             {"bytes", sizes.params + sizes.cache + workspace}};
    list.push_back(std::move(row));
  }
  return list;
}

std::string memoryTable(const Artifact &artifact) {
  TextTable table({{"memory"},
                   {"batch", true},
                   {"parameters", true},
                   {"state", true},
                   {"workspace", true},
                   {"of it a delta", true},
                   {"all", true}});
  for (const Json &row : memoryOf(artifact))
    for (const char *work : {"infer", "train", "generate"}) {
      const Json &of = row[work];
      if (!of.is_null())
        table.add({work, member(row, "batch"), bytesText(numberOf(row, "parameters")),
                   bytesText(numberOf(of, of.contains("cache") ? "cache" : "state")),
                   bytesText(numberOf(of, "workspace")), bytesText(numberOf(of, "delta")),
                   bytesText(numberOf(of, "bytes"))});
    }
  return table.text("  ");
}

std::string trainText(const Json &description) {
  const Json train = description.value("train", Json::object());
  return member(train, "optimizer") + ", learning rate " + member(train, "learning_rate") + ", " +
         member(train, "schedule") + " schedule, seed " + member(train, "seed");
}

std::string asText(const Artifact &artifact, const Json &description) {
  std::string text = std::string(artifact.name()) + "\n" + portTable(artifact) +
                     partTable(description.value("parts", Json::array()));
  text += "  " + scaledMember(description, "macs") + " MACs per sample, " +
          scaledMember(description, "parameters") + " parameters" + frozenShare(description) +
          " (" + bytesText(4 * numberOf(description, "parameters")) + "), " +
          member(description, "kernels") + " kernels\n";
  text += "  entries " + entriesWord(artifact) + "\n";
  text += memoryTable(artifact);
  text += "  trained by " + trainText(description) + "\n";
  text += "  targets " + listed(description, "targets") + "; this processor uses " +
          artifact.model().target + "\n";
  text += "  source hash " + member(description, "source_hash") + "\n";
  return text + "  compiled by ccm " + member(description, "compiler") + "\n";
}

// ---- DOT ----------------------------------------------------------------------------------------

std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (char c : text)
    out += c == '\n' ? "\\n" : c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

std::string dotBox(const std::string &id, const std::string &label, const char *more) {
  return "  " + quoted(id) + " [label=" + quoted(label) + more + "];\n";
}

std::string dotArrow(const std::string &from, const std::string &to) {
  return "  " + quoted(from) + " -> " + quoted(to) + ";\n";
}

std::string dotPart(const Json &part) {
  return dotBox(partName(part),
                partName(part) + "\n" + strategyOf(part) + "\n" + member(part, "tokens") +
                    " tokens, " + scaledMember(part, "macs") + " MACs, " +
                    scaledMember(part, "parameters") + " parameters",
                "");
}

std::string dotPort(const ccm_port &port, bool isOutput) {
  return dotBox(std::string(isOutput ? "output " : "input ") + port.name,
                std::string(port.name) + "\n" + extentsText(port, isOutput) + " " +
                    valuesText(port),
                ", shape=ellipse");
}

/// From every input through its reduce part to the core, and on through expand parts to outputs;
/// a part that a model lacks is passed by.
std::string asDot(const Artifact &artifact, const Json &description) {
  std::string text = "digraph " + quoted(std::string(artifact.name())) +
                     " {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  std::vector<std::string> parts;
  for (const Json &part : description.value("parts", Json::array())) {
    parts.push_back(partName(part));
    text += dotPart(part);
  }
  const auto has = [&](const std::string &name) {
    return std::find(parts.begin(), parts.end(), name) != parts.end();
  };
  const std::string middle = has("core") ? "core" : "model";
  if (!has("core"))
    text += dotBox(middle, std::string(artifact.name()), "");
  for (const ccm_port &port : artifact.inputs()) {
    const std::string own = std::string("reduce ") + port.name, end = has(own) ? own : middle;
    text += dotPort(port, false) + dotArrow(std::string("input ") + port.name, end);
    text += has(own) ? dotArrow(own, middle) : "";
  }
  for (const ccm_port &port : artifact.outputs()) {
    const std::string own = std::string("expand ") + port.name, start = has(own) ? own : middle;
    text += has(own) ? dotArrow(middle, own) : "";
    text += dotPort(port, true) + dotArrow(start, std::string("output ") + port.name);
  }
  return text + "}\n";
}

int info(const InfoArguments &options) {
  const auto artifact = need(Artifact::load(options.library));
  Json description = Json::parse(artifact->describe(), nullptr, false);
  if (!description.is_object())
    throw failure(kBadInput, "'" + options.library + "' does not describe itself as a JSON object");
  if (options.json) {
    description["memory"] = memoryOf(*artifact);
    print(description);
  } else {
    print(options.dot ? asDot(*artifact, description) : asText(*artifact, description));
  }
  return kDone;
}

} // namespace

void addInfo(CLI::App &app, int &exitCode) {
  auto options = std::make_shared<InfoArguments>();
  CLI::App &verb = *app.add_subcommand("info", "prints what a library says of its model");
  options->addLibrary(verb);
  options->addJson(verb);
  verb.add_flag("--dot", options->dot, "print a drawing of the parts for Graphviz")
      ->excludes("--json");
  verb.callback([options, &exitCode] { exitCode = info(*options); });
}

} // namespace ccm::run
