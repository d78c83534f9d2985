// SPDX-License-Identifier: Apache-2.0
// ccm-run: looks at, trains, measures and uses compiled models.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <new>

namespace ccm::run {

namespace {

/// Parses the command line and runs the verb it names, which happens while parsing.
int runVerb(int argc, char **argv) {
  int exitCode = kDone;
  CLI::App app;
  addVerbs(app, exitCode);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? kDone : kUsage;
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
    return report(kFile, "error: not enough memory");
  } catch (const std::exception &error) {
    return report(kInternal, std::string("internal error: ") + error.what());
  }
}

} // namespace

} // namespace ccm::run

int main(int argc, char **argv) {
  using namespace ccm::run;
  if (!prepareStreams())
    return report(kFile, "error: standard output is closed");
  exitOnSignals();
  const int code = guarded(argc, argv);
  if (!finishOutput() && code == kDone)
    return report(kFile, "error: cannot write to standard output");
  return code;
}
