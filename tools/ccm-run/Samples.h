// SPDX-License-Identifier: Apache-2.0
// What `infer` and `generate` ask a model about.
#pragma once

#include "tools/ccm-run/Job.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ccm::run {

/// What both verbs are told.
struct AskArguments : Options {
  std::vector<std::string> inputs;  ///< port=value, port=@file or port=@folder
  std::vector<std::string> outputs; ///< port=FILE
  std::string id;                   ///< title of the column that tells rows apart
  int64_t top = 1;                  ///< labels that are told of an output that is one

  /// Adds all of them, and those of Options that both have.
  void add(CLI::App &verb);
};

/// `port=value`, and the position of that port.
struct Assignment {
  size_t port = 0;
  std::string value;
};

/// Reads assignments to ports of the model that are given, not drawn. Throws Failure with
/// kBadCommandLine where a port is unknown or given twice; `kind` is "input" or "output".
std::vector<Assignment> assignmentsOf(const std::vector<std::string> &texts,
                                      std::span<const ccm_port> ports, const char *kind);

/// The path that a value names; every path may be written with an '@' in front.
std::string pathOf(const std::string &value);

/// What the model is asked about.
struct Samples {
  data::Dataset data;
  /// One per row: of files, or numbers from 1 with as many digits each.
  std::vector<std::string> names;
  /// What a column of the table calls the rows, and its title; without one, names are ids.
  std::vector<std::string> ids = {};
  std::string idTitle = "row";
  bool isMany = false;
  /// Device and inode of every file that was read.
  std::set<std::pair<uint64_t, uint64_t>> read;

  const std::string &idOf(int64_t row) const { return (ids.empty() ? names : ids)[size_t(row)]; }
  void remember(const std::string &path);
};

/// What --input or --data says. Throws Failure where it says nothing of an input that is not
/// optional, and where a value or file cannot be read.
Samples samplesOf(const Job &job, const AskArguments &arguments);

/// Every sample `count` times in a row: of "cat" there are then "cat-1", "cat-2", ….
void repeat(Samples &samples, int64_t count);

} // namespace ccm::run
