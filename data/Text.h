// SPDX-License-Identifier: Apache-2.0
// The text of a file, whatever its encoding.
#pragma once

#include "data/Problem.h"

#include <string>

namespace ccm::data {

/// The text as UTF-8: gzip is undone first, then UTF-16 with a byte-order mark converted. A
/// character that is half a pair is a problem at its line and column of `name`.
Result<std::string> decodeText(std::string bytes, const std::string &name);

/// That of a file.
Result<std::string> readText(const std::string &path);

} // namespace ccm::data
