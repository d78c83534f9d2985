// SPDX-License-Identifier: Apache-2.0
// Lines, tokens and characters of an input file.
#include "frontend/Source.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Unicode.h"
#include <algorithm>

using llvm::StringRef;

namespace ccm::frontend {

static constexpr StringRef kByteOrderMark = "\xEF\xBB\xBF";

Source::Source(std::string path, std::string text, uint32_t base)
    : name(std::move(path)), bytes(std::move(text)), first(base) {
  starts.push_back(StringRef(bytes).starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  for (auto [index, character] : llvm::enumerate(bytes))
    if (character == '\n')
      starts.push_back(index + 1);
}

Position Source::position(uint32_t offset) const {
  offset = std::min<size_t>(offset - first, bytes.size());
  size_t after = llvm::upper_bound(starts, offset) - starts.begin();
  size_t line = after == 0 ? 0 : after - 1;
  return {unsigned(line + 1), offset < starts[line] ? 1 : offset - starts[line] + 1};
}

std::optional<uint32_t> Source::offset(unsigned line, unsigned column) const {
  if (line < 1 || line > starts.size() || column < 1)
    return std::nullopt;
  return first + starts[line - 1] + std::min<size_t>(column - 1, this->line(line).size());
}

StringRef Source::line(unsigned number) const {
  size_t end = number < starts.size() ? starts[number] - 1 : bytes.size();
  return text().slice(starts[number - 1], end).rtrim('\r');
}

/// Length of the string literal that `text` begins with, up to the text's end if it is not closed.
static size_t stringLength(StringRef text) {
  for (size_t i = 1; i < text.size(); ++i)
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  return text.size();
}

/// Length of the bracketed group that `text` begins with, up to the text's end if it is not closed.
static size_t groupLength(StringRef text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      i += stringLength(text.drop_front(i)) - 1;
    else if (StringRef("[{").contains(text[i]))
      ++depth;
    else if (StringRef("]}").contains(text[i]) && --depth == 0)
      return i + 1;
  }
  return text.size();
}

static size_t wordLength(StringRef text) {
  auto isWord = [](char c) { return llvm::isAlnum(c) || StringRef("_.$%@#!+-").contains(c); };
  return std::max<size_t>(1, text.take_while(isWord).size());
}

Place Source::token(uint32_t offset) const {
  Position at = position(offset);
  StringRef rest = line(at.line).drop_front(std::min<size_t>(at.column - 1, line(at.line).size()));
  if (rest.empty())
    return {offset, 1};
  size_t length = rest[0] == '"'                     ? stringLength(rest)
                  : rest[0] == '[' || rest[0] == '{' ? groupLength(rest)
                                                     : wordLength(rest);
  return {offset, uint32_t(std::min(length, rest.size()))};
}

std::pair<std::optional<uint32_t>, unsigned> firstCharacter(StringRef text) {
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
  const llvm::UTF8 *next = begin;
  llvm::UTF32 character = 0;
  auto verdict =
      llvm::convertUTF8Sequence(&next, begin + text.size(), &character, llvm::strictConversion);
  if (verdict != llvm::conversionOK)
    return {std::nullopt, 1};
  return {character, unsigned(next - begin)};
}

std::string printable(StringRef text) {
  std::string result;
  while (!text.empty()) {
    auto [character, length] = firstCharacter(text);
    if (!character)
      result += llvm::formatv("\\x{0:X-2}", uint8_t(text[0])).str();
    else if (!llvm::sys::unicode::isPrintable(*character))
      result += llvm::formatv("\\u{{{0:X-4}}", *character).str();
    else
      result += text.take_front(length);
    text = text.drop_front(length);
  }
  return result;
}

} // namespace ccm::frontend
