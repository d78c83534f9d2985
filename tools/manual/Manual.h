// SPDX-License-Identifier: Apache-2.0
// Man pages and bash completion, written from a tool's own table of options.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ccm {

/// What a man page says beside its options.
struct ManualText {
  std::string version;
  /// Paragraphs.
  std::vector<std::string> description;
  /// A command and what it does.
  std::vector<std::pair<std::string, std::string>> examples;
};

/// The page in man's own language, with every option and verb that --help shows.
std::string manPage(const CLI::App &app, const ManualText &text);

/// A script for bash that completes verbs, options, the values of options that have a list of them,
/// and names of files.
std::string bashCompletion(const CLI::App &app);

/// Adds `--help-man` and `--completion`, which print these and are not shown by --help.
void addManual(CLI::App &app, const ManualText &text);

} // namespace ccm
