// SPDX-License-Identifier: Apache-2.0
// ccm-run: looks at, trains, measures and uses compiled models.
#include "data/Nearest.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <exception>
#include <new>

namespace ccm::run {

namespace {

std::vector<std::string> verbNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

std::vector<std::string> optionNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      names.push_back("--" + name);
  return names;
}

/// What is wrong with the command line, in this project's words, and where to read more.
Failure explained(const CLI::App &app, const CLI::ParseError &error) {
  const std::vector<CLI::App *> chosen = app.get_subcommands();
  const CLI::App &verb = chosen.empty() ? app : *chosen.front();
  std::string message = error.what();
  message[0] = char(std::tolower(message[0]));
  // What is missing may be what nobody knows, misspelt.
  const std::vector<std::string> unknown = verb.remaining();
  if (dynamic_cast<const CLI::RequiredError *>(&error) && !unknown.empty())
    message = "the following argument was not expected: " + unknown.front();
  const std::string last = message.substr(message.find_last_of(' ') + 1);
  if (last.starts_with("--"))
    message += data::suggestion(last.substr(0, last.find('=')), optionNames(verb));
  if (chosen.empty() && dynamic_cast<const CLI::RequiredError *>(&error)) {
    message = "expects a verb:";
    for (const std::string &name : verbNames(app))
      message += " " + name;
  }
  const std::string name = chosen.empty() ? "" : " " + verb.get_name();
  return {kBadCommandLine, {"error: " + message, "see: ccm-run" + name + " --help"}};
}

/// A first word that is no verb is told by itself: what follows it cannot be judged.
void checkVerb(const CLI::App &app, int argc, char **argv) {
  const std::vector<std::string> names = verbNames(app);
  const std::string word = argc < 2 ? "-" : argv[1];
  if (word.starts_with('-') || std::find(names.begin(), names.end(), word) != names.end())
    return;
  throw Failure{kBadCommandLine,
                {"error: unknown verb '" + word + "'" + data::suggestion(word, names),
                 "see: ccm-run --help"}};
}

/// Parses the command line and runs the verb it names, which happens while parsing.
int runVerb(int argc, char **argv) {
  int exitCode = kDone;
  CLI::App app;
  addVerbs(app, exitCode);
  checkVerb(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() != 0)
      throw explained(app, error);
    return app.exit(error), kDone; // help and version are errors to CLI11
  }
  return exitCode;
}

int report(int code, const std::string &line) {
  note(line);
  return code;
}

/// Everything that can be thrown ends here, as a sentence and an exit code.
int guarded(int argc, char **argv) {
  try {
    return runVerb(argc, argv);
  } catch (const Failure &failure) {
    for (const std::string &line : failure.lines)
      note(line);
    return failure.code;
  } catch (const std::bad_alloc &) {
    return report(kBadFile, "error: not enough memory");
  } catch (const std::exception &error) {
    return report(kInternalError, std::string("internal error: ") + error.what());
  }
}

} // namespace

} // namespace ccm::run

int main(int argc, char **argv) {
  using namespace ccm::run;
  if (!prepareStreams())
    return report(ccm::kBadFile, "error: standard output is closed");
  exitOnSignals();
  const int code = guarded(argc, argv);
  if (!finishOutput() && code == ccm::kDone)
    return report(ccm::kBadFile, "error: cannot write to standard output");
  return code;
}
