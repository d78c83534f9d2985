// SPDX-License-Identifier: Apache-2.0
// Runs ccm-run as a user does, in pipes and on a terminal.
#pragma once

#include "tests/unit/data/TestData.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace ccm::data::test {

using Json = nlohmann::json;

struct Finished {
  int code = -1; ///< 1000 + n: ended by signal n
  std::string out, error;
};

/// How ccm-run is started.
struct Surroundings {
  /// Gets a SIGINT once this, when given, says so.
  std::function<bool()> isTime = {};
  /// "NAME=value" of TERM, NO_COLOR, LANG and the like, which are not passed on.
  std::vector<std::string> environment = {};
  /// Standard error is a terminal of so many columns; 0: a pipe.
  int columns = 0;
  /// Nobody reads standard output.
  bool deaf = false;
};

/// Runs ccm-run to its end.
Finished run(std::vector<std::string> arguments, const Surroundings &surroundings = {});

/// The arguments of a verb on the pair model's library.
std::vector<std::string> verb(const std::string &name, std::vector<std::string> more = {});

/// The object on standard output.
Json jsonOf(const Finished &finished);

std::vector<std::string> keysOf(const Json &object);

/// A directory with a trained checkpoint of the pair model.
std::string trained(const Folder &folder);

} // namespace ccm::data::test
