// SPDX-License-Identifier: Apache-2.0
// The tables of refused declarations: files of cases, each a text and what is said about it.
#pragma once

#include <string>
#include <vector>

namespace ccm::frontend {

/// "=== title", the text, ">>>", and the exact diagnostics.
struct RefusalCase {
  std::string file;
  std::string title;
  std::string text;
  std::string expected;
};

/// All cases of all files below `refusals/`; none when a file is ill-formed.
std::vector<RefusalCase> readRefusals();

} // namespace ccm::frontend
