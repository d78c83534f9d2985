// SPDX-License-Identifier: Apache-2.0
// The parser of linalg.generic takes the elements of `iterator_types` for strings without a look:
// what is none would be read as memory that it is not.
#include "frontend/TextDepth.h"
#include "frontend/TextTokens.h"

using llvm::StringRef;

namespace ccm::frontend {

namespace {
class IteratorScanner {
public:
  explicit IteratorScanner(StringRef text) : text(text) {}
  std::optional<size_t> scan();

private:
  StringRef next();
  bool listsStrings();

  StringRef text;
  size_t at = 0;        ///< behind the last token
  size_t tokenAt = 0;   ///< where the last token begins
  bool generic = false; ///< the operation is written in the form whose parser does look
};
} // namespace

/// The next name, string or single character; "" at the end.
StringRef IteratorScanner::next() {
  for (StringRef rest = text.drop_front(at); !rest.empty(); rest = text.drop_front(at)) {
    size_t skipped = skippedLength(rest);
    bool isString = rest.starts_with("\"");
    tokenAt = at;
    if (skipped == 0)
      skipped = std::max<size_t>(rest.take_while(isNamePart).size(), 1);
    at += skipped;
    if (isString || (!rest.starts_with("//") && !llvm::isSpace(rest[0])))
      return rest.take_front(skipped);
  }
  tokenAt = text.size();
  return "";
}

/// Whether a list of strings follows; at what is none `tokenAt` stays.
bool IteratorScanner::listsStrings() {
  if (next() != "[")
    return false;
  StringRef token = next();
  while (token.starts_with("\"") || token == ",")
    token = next();
  return token == "]";
}

std::optional<size_t> IteratorScanner::scan() {
  for (StringRef token = next(); !token.empty(); token = next()) {
    if (token.trim('"') == "linalg.generic")
      generic = token.starts_with("\"");
    if (generic || token.trim('"') != "iterator_types")
      continue;
    size_t behind = at;
    if (next() != "=")
      at = behind;
    else if (!listsStrings())
      return tokenAt;
  }
  return std::nullopt;
}

std::optional<size_t> scanIterators(StringRef text) { return IteratorScanner(text).scan(); }

} // namespace ccm::frontend
