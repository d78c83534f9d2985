// SPDX-License-Identifier: Apache-2.0
// What the indices of discrete ports are called: given in files, or learned by a training and kept
// beside its checkpoints.
#pragma once

#include "data/Dataset.h"

#include <string>
#include <vector>

namespace ccm::run {

/// The path of a file that a training keeps where `checkpoint`, a file or a directory, lies.
std::string pathBeside(const std::string &checkpoint, const std::string &name);

/// The names that are known: of `files`, each `port=FILE` with one name a line, and else what
/// `keepNames` left where `checkpoint`, a file or a directory, lies; "" for none. Throws Failure.
data::Names readNames(const std::vector<std::string> &files, const std::string &checkpoint);

/// Writes names.json into a directory, unless there are none. Throws Failure.
void keepNames(const data::Names &names, const std::string &directory);

} // namespace ccm::run
