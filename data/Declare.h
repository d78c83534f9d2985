// SPDX-License-Identifier: Apache-2.0
// A first declaration for tables.
#pragma once

#include "data/Survey.h"

#include <string>
#include <vector>

namespace ccm::data {

/// What a declaration is to be of.
struct DeclareOptions {
  std::vector<std::string> tables;  ///< at least one; all of one header
  std::vector<std::string> targets; ///< titles, at least one
  std::string name;                 ///< of the model; empty: that of the first table
  std::string level;                ///< of compute; empty: by what the inputs are
};

/// The text of a declaration, with its reasons as comments, for tables that were surveyed.
/// Problems: targets that are no columns, cannot be outputs or leave no input.
Result<std::string> declarationOf(const Survey &survey, const DeclareOptions &options);

/// A title as a name of a port or a model: [a-z][a-z0-9_]*, at most 60 characters.
std::string portNameOf(const std::string &title);

} // namespace ccm::data
