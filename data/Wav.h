// SPDX-License-Identifier: Apache-2.0
// The sizes in the header of a WAV file.
#pragma once

#include "data/Problem.h"

#include <string>
#include <string_view>

namespace ccm::data {

Problem soundProblem(const std::string &message);

inline bool isWav(std::string_view file) { return file.starts_with("RIFF"); }

/// The WAV file with sizes that say what it holds. Where a recorder left them open, because it
/// wrote to a pipe or was cut off, the samples go to the end of the file; a file that holds less
/// than it says, or ends within a frame, is refused as truncated.
Result<std::string> wholeWav(std::string_view file);

} // namespace ccm::data
