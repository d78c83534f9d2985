// SPDX-License-Identifier: Apache-2.0
// Counts what a parser of IR text would descend into, in one pass.
#include "frontend/TextDepth.h"
#include "frontend/TextTokens.h"
#include "llvm/ADT/StringMap.h"

using llvm::StringRef;

namespace ccm::frontend {

namespace {
class DepthScanner {
public:
  DepthScanner(StringRef text, unsigned limit) : text(text), limit(limit) {}

  std::optional<size_t> scan();

private:
  size_t step(StringRef rest);
  size_t readAlias(StringRef rest);
  void readCharacter(char character);
  void reach(unsigned nesting);

  StringRef text;
  unsigned limit;
  unsigned depth = 0;   ///< open brackets
  unsigned minuses = 0; ///< signs in a row
  unsigned deepest = 0;
  llvm::StringMap<unsigned> aliases; ///< nesting of each definition so far
  StringRef defined;                 ///< the alias whose definition was entered last, or ""
  unsigned *own = nullptr;           ///< its nesting
};
} // namespace

static bool isOperator(StringRef text) {
  return text.starts_with("->") || text.starts_with("<=") || text.starts_with(">=");
}

/// Everything after a definition up to the next counts as part of it: never too little.
void DepthScanner::reach(unsigned nesting) {
  deepest = std::max(deepest, nesting);
  if (own)
    *own = std::max(*own, nesting);
}

/// A use is as deep as the definition beyond it; a name and an equals sign outside of brackets
/// begin a definition.
size_t DepthScanner::readAlias(StringRef rest) {
  StringRef name = rest.take_front(1 + rest.drop_front().take_while(isNamePart).size());
  StringRef after = rest.drop_front(name.size()).ltrim();
  if (depth == 0 && after.starts_with("=") && !after.starts_with("==")) {
    defined = name;
    own = &aliases[defined];
  } else if (name != defined) {
    reach(depth + aliases.lookup(name) + 1);
  }
  return name.size();
}

void DepthScanner::readCharacter(char character) {
  if (StringRef("([{<").contains(character))
    ++depth;
  else if (StringRef(")]}>").contains(character))
    depth -= depth > 0;
  if (!llvm::isSpace(character))
    minuses = character == '-' ? minuses + 1 : 0;
  reach(depth + minuses);
}

/// Reads one token at most and returns its length.
size_t DepthScanner::step(StringRef rest) {
  if (size_t skipped = skippedLength(rest))
    return skipped;
  if (isOperator(rest)) {
    minuses = 0;
    return 2;
  }
  if (rest[0] == '#' || rest[0] == '!')
    return readAlias(rest);
  readCharacter(rest[0]);
  return 1;
}

std::optional<size_t> DepthScanner::scan() {
  for (size_t i = 0; i < text.size();) {
    size_t length = step(text.drop_front(i));
    if (deepest > limit)
      return i;
    i += length;
  }
  return std::nullopt;
}

std::optional<size_t> scanDepth(StringRef text, unsigned limit) {
  return DepthScanner(text, limit).scan();
}

bool isBytecode(StringRef text) { return text.starts_with("ML\xefR"); }

std::optional<TextProblem> findTextProblem(StringRef text) {
  if (isBytecode(text))
    return TextProblem{0, "expects text, got bytecode"};
  if (std::optional<size_t> offset = scanDepth(text))
    return TextProblem{*offset, "expects brackets nested at most " +
                                    std::to_string(kTextDepthLimit) + " deep"};
  if (std::optional<size_t> offset = scanIterators(text))
    return TextProblem{*offset, "expects a list of strings for `iterator_types`"};
  return std::nullopt;
}

} // namespace ccm::frontend
