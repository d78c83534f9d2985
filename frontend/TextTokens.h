// SPDX-License-Identifier: Apache-2.0
// What the checks of IR text know of its tokens.
#pragma once

#include "llvm/ADT/StringExtras.h"

namespace ccm::frontend {

/// Bytes of the comment or string that `text` begins with, or 0. A string ends with its line: the
/// parser refuses longer ones, so what follows must be looked at.
inline size_t skippedLength(llvm::StringRef text) {
  if (text.starts_with("//"))
    return std::min(text.find('\n'), text.size());
  if (!text.starts_with("\""))
    return 0;
  for (size_t i = 1; i < text.size(); ++i)
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n')
      ++i;
    else if (text[i] == '"' || text[i] == '\n')
      return i + 1;
  return text.size();
}

/// Letters, digits and signs of names.
inline bool isNamePart(char c) { return llvm::isAlnum(c) || llvm::StringRef("_$.").contains(c); }

} // namespace ccm::frontend
