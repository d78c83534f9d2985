// SPDX-License-Identifier: Apache-2.0
// What a misspelt word may have meant.
#pragma once

#include <string>
#include <vector>

namespace ccm::data {

/// The word that `wrong` is most likely a slip of: within about a third of its letters in edits, or
/// the same but for capitals; empty where none is near.
std::string nearest(const std::string &wrong, const std::vector<std::string> &words);

/// "; did you mean 'train'?" where a word is near, else nothing.
std::string suggestion(const std::string &wrong, const std::vector<std::string> &words);

} // namespace ccm::data
