// SPDX-License-Identifier: Apache-2.0
// One table of options; unknown values are explained with what is possible.
#include "tools/ccm-compile/Options.h"
#include "frontend/Diagnostics.h"
#include "ir/Words.h"
#include "tools/manual/Manual.h"
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdlib>
#include <map>
#include <thread>
#include <unistd.h>

namespace ccm {
namespace {

const std::map<std::string, Stage> kStages = {
    {"ccm", Stage::Ccm},       {"structure", Stage::Structure},
    {"header", Stage::Header}, {"torch", Stage::Torch},
    {"nests", Stage::Nests},   {"kernels", Stage::Kernels},
    {"llvm", Stage::Llvm},     {"asm", Stage::Assembly},
    {"obj", Stage::Object},    {"archive", Stage::StaticLibrary},
    {"so", Stage::Library}};

/// What an output's suffix asks for.
const std::map<std::string, Stage> kSuffixes = {{".mlir", Stage::Kernels},   {".ll", Stage::Llvm},
                                                {".h", Stage::Header},       {".py", Stage::Torch},
                                                {".s", Stage::Assembly},     {".o", Stage::Object},
                                                {".a", Stage::StaticLibrary}};

/// What --emit takes.
std::vector<std::string> stageNames() {
  std::vector<std::string> names;
  for (const auto &[name, stage] : kStages)
    names.push_back(name);
  names.push_back("schema");
  return names;
}

/// The user's cache folder: kernels are the same for every model that uses them.
std::string defaultCacheDirectory() {
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/ccm";
  if (const char *home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/ccm";
  return "";
}

/// Raw values of options that are translated after parsing.
struct Raw {
  std::string stage, report = "text", diagnostics = "text", color = "auto", kernels = "fast";
  std::string progress = "auto", entries = "all";
  std::vector<std::string> targets;
  bool noCache = false;
};

void addOutputOptions(CLI::App &app, Options &options, Raw &raw) {
  app.add_option("input", options.input, "declaration (.json) or IR (.mlir); - is standard input");
  app.add_option("-o,--output", options.output, "file to write; - is standard output")
      ->check([](const std::string &name) {
        return std::string(name.empty() ? "expects a file, got an empty name" : "");
      });
  app.add_option(
         "--emit", raw.stage,
         "ccm, structure, header, torch (the model as PyTorch code), nests, kernels, llvm, asm, "
         "obj, archive or so; default by the output's suffix (.h, .py, .mlir, .ll, .s, .o, .a), so "
         "for any other; or schema, without an input")
      ->check(CLI::IsMember(stageNames()));
  app.add_option("--report", raw.report, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--diagnostics-format", raw.diagnostics, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--color", raw.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_option("--progress", raw.progress,
                 "of kernels: auto (a line on a terminal), plain (lines) or none")
      ->check(CLI::IsMember({"auto", "plain", "none"}));
  app.add_option("--depfile", options.depfile, "make rule that names what the output depends on");
  app.add_option("--soname", options.soname,
                 "name by which programs that link the library find it; default <model>.so");
  app.add_flag("--explain", options.explain, "list every rejected candidate with its reason");
  app.add_flag("--timing", options.timing, "print the time of each stage and pass");
  app.add_flag("--print-schedules", options.printSchedules, "print each kernel's schedule");
  app.add_flag("--print-schema", options.printSchema, "print the JSON Schema of declarations");
  app.add_flag("--print-strategies", options.printStrategies,
               "print what can be pinned: strategies and their keys");
  app.add_flag("--check", options.check, "validate only; write nothing, and say nothing when fine");
  app.add_flag("-q,--quiet", options.quiet, "print no report and no progress");
  app.add_flag("-v,--verbose", options.verbose, "print each pass with its time and what it left");
}

void addCompileOptions(CLI::App &app, Options &options, Raw &raw) {
  app.add_option("--target", raw.targets,
                 "code path, repeatable: x86-64-v3, x86-64-v4; default both")
      ->allow_extra_args(false); // or it would take the input for one more target
  app.add_option("--entries", raw.entries,
                 "what the library can do: infer (about half the kernels), train (infer, too), or "
                 "all (deltas of inputs, too)")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(kEntriesWords), std::end(kEntriesWords))))
      ->capture_default_str();
  app.add_option("-j,--jobs", options.jobs, "kernels compiled at once; default one per processor");
  app.add_option(
      "--cache-dir", options.cacheDirectory,
      "folder of compiled kernels, which may be emptied at any time; default in the user's cache");
  app.add_flag("--no-cache", raw.noCache, "neither read nor write compiled kernels");
  app.add_option("--kernels", raw.kernels,
                 "fast, or reference: slow loops by another compiler, to compare results with")
      ->check(CLI::IsMember({"fast", "reference"}));
  app.add_option("--ccm-pipeline", options.pipeline, "options of the passes");
}

/// The stage that the output's suffix asks for, when --emit does not.
Stage stageOfSuffix(const std::string &output) {
  for (const auto &[suffix, stage] : kSuffixes)
    if (output.size() > suffix.size() && output.ends_with(suffix))
      return stage;
  return Stage::Library;
}

std::optional<ExitCode> reject(const std::string &message) {
  std::fprintf(stderr, "ccm-compile: error: %s\n", message.c_str());
  return kBadCommandLine;
}

/// What CLI11 says of a command line, in this project's words.
std::string explain(const CLI::App &app, const CLI::ParseError &error) {
  std::string message = error.what();
  message[0] = char(std::tolower(message[0]));
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      names.push_back("--" + name);
  std::string wrong = message.substr(message.find_last_of(' ') + 1);
  std::vector<llvm::StringRef> candidates(names.begin(), names.end());
  llvm::StringRef near = nearest(wrong, candidates);
  bool isOption = llvm::StringRef(wrong).starts_with("-") && !near.empty();
  return message + (isOption ? "; did you mean " + near.str() + "?" : "");
}

std::optional<ExitCode> translateTargets(const Raw &raw, Options &options) {
  for (const std::string &name : raw.targets) {
    const Target *target = findTarget(name);
    if (!target) {
      std::string known;
      for (const Target &row : targets())
        known += (known.empty() ? "" : ", ") + row.name.str();
      return reject("unknown target '" + name + "', expects one of " + known);
    }
    if (std::find(options.targets.begin(), options.targets.end(), target) == options.targets.end())
      options.targets.push_back(target);
  }
  if (options.targets.empty())
    for (const Target &row : targets())
      options.targets.push_back(&row);
  return std::nullopt;
}

Progress progressOf(const Raw &raw, const Options &options) {
  if (options.quiet || raw.progress == "none")
    return Progress::None;
  if (raw.progress == "plain")
    return Progress::Plain;
  return isatty(STDERR_FILENO) ? Progress::Line : Progress::None;
}

std::optional<ExitCode> translate(const Raw &raw, Options &options) {
  options.printSchema |= raw.stage == "schema";
  if (options.printSchema || options.printStrategies) {
    options.output = options.output.empty() ? "-" : options.output;
    options.stage = Stage::Ccm;
    return std::nullopt;
  }
  if (options.input.empty())
    return reject("expects a declaration, got no input");
  if (raw.stage.empty() && options.output.empty() && !options.check)
    return reject("expects -o FILE, --emit or --check");
  options.stage = raw.stage.empty() ? stageOfSuffix(options.output) : kStages.at(raw.stage);
  if (options.output.empty())
    options.output = "-";
  options.entries = entriesOf(raw.entries).value_or(Entries::All);
  options.byReference = raw.kernels == "reference";
  options.reportJson = raw.report == "json";
  options.diagnosticsJson = raw.diagnostics == "json";
  if (raw.color != "auto")
    options.color = raw.color == "always";
  options.progress = progressOf(raw, options);
  if (options.jobs == 0)
    options.jobs = std::max(1u, std::thread::hardware_concurrency());
  options.needsCache = !options.cacheDirectory.empty();
  if (raw.noCache)
    options.cacheDirectory.clear();
  else if (!options.needsCache)
    options.cacheDirectory = defaultCacheDirectory();
  return translateTargets(raw, options);
}

ManualText manualText() {
  return {
      CCM_VERSION,
      {"Reads a declaration of a model (JSON) or its IR (MLIR) and writes one shared library that "
       "infers and trains on this kind of processor and needs nothing but the C library. What is "
       "written follows from the suffix of the output or from --emit.",
       "What is wrong with a declaration is told with file, line and column, and nothing is "
       "written then."},
      {{"ccm-compile model.json -o model.so", "compiles a model"},
       {"ccm-compile model.json --check", "only says what is wrong with it"}}};
}

} // namespace

llvm::StringRef stageName(Stage stage) {
  for (const auto &[name, found] : kStages)
    if (found == stage)
      return name;
  return "";
}

std::optional<ExitCode> parseOptions(int argc, char **argv, Options &options) {
  CLI::App app("Compiles a declaration to a native library that infers and trains.", "ccm-compile");
  app.set_version_flag("--version", "ccm-compile " CCM_VERSION);
  Raw raw;
  addOutputOptions(app, options, raw);
  addCompileOptions(app, options, raw);
  addManual(app, manualText());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() != 0)
      return reject(explain(app, error));
    return app.exit(error), kDone; // help and version are errors to CLI11
  }
  return translate(raw, options);
}

} // namespace ccm
