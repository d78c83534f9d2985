// SPDX-License-Identifier: Apache-2.0
// The list of verbs.
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

namespace ccm::run {

void addVerbs(CLI::App &app, int &exitCode) {
  app.name("ccm-run");
  app.description("looks at, trains, measures and uses models compiled by ccm-compile");
  app.require_subcommand(1);
  app.set_version_flag("--version", "ccm-run " CCM_VERSION);
  for (auto addVerb : {addInfo, addTrain, addEval, addInfer, addBench, addGradcheck, addVerify})
    addVerb(app, exitCode);
}

} // namespace ccm::run
