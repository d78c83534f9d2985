// SPDX-License-Identifier: Apache-2.0
// Literals and lines of Python.
#include "codegen/torch/PythonText.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <charconv>

using llvm::StringRef;

namespace ccm {

constexpr size_t kColumns = 100;

std::string pythonText(StringRef text) {
  std::string literal;
  for (char c : text) {
    if (c == '"' || c == '\\')
      literal += '\\';
    // UTF-8 stands as it is; control characters would end the line.
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      literal += llvm::formatv("\\x{0:x-2}", unsigned(c));
    else
      literal += c;
  }
  return literal;
}

std::string pythonString(StringRef text) { return "\"" + pythonText(text) + "\""; }

std::string pythonList(llvm::ArrayRef<int64_t> numbers) {
  return llvm::join(llvm::map_range(numbers, [](int64_t n) { return std::to_string(n); }), ", ");
}

template <typename Number>
static std::string shortest(Number number) {
  char digits[32];
  std::string text(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
  // Else it would be an integer.
  return StringRef(text).find_first_of(".en") == StringRef::npos ? text + ".0" : text;
}

std::string pythonNumber(double number) { return shortest(number); }
std::string pythonNumber(float number) { return shortest(number); }

namespace {
/// Where a line may be broken: behind a ", " inside so many brackets.
struct Break {
  size_t at;
  int depth;
};
} // namespace

/// All of a line. Text in quotes is passed over.
static llvm::SmallVector<Break> breaksOf(StringRef line) {
  llvm::SmallVector<Break> breaks;
  int depth = 0;
  char quote = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    char c = line[at];
    if (quote) {
      at += c == '\\';
      quote = c == quote ? 0 : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',' && depth > 0 && line.substr(at + 1).starts_with(" ")) {
      breaks.push_back({at + 2, depth});
    } else {
      depth += StringRef("([{").contains(c) - StringRef(")]}").contains(c);
    }
  }
  return breaks;
}

/// The outermost of the breaks behind `start` that leave no more than `room`, of those the last;
/// where none does, the next one. Null where there is none.
static const Break *breakAfter(llvm::ArrayRef<Break> breaks, size_t start, size_t room) {
  const Break *best = nullptr;
  for (const Break &each : breaks)
    if (each.at > start && (!best || (each.at - 1 - start <= room && each.depth <= best->depth)))
      best = &each;
  return best;
}

std::string pythonLine(StringRef line) {
  std::string indent(line.size() - line.ltrim(' ').size() + 4, ' '), text;
  llvm::SmallVector<Break> breaks = breaksOf(line);
  size_t start = 0, room = kColumns;
  while (line.size() - start > room) {
    const Break *next = breakAfter(breaks, start, room);
    if (!next)
      break;
    text += line.slice(start, next->at - 1).str() + "\n" + indent;
    start = next->at;
    room = kColumns - indent.size();
  }
  return text + line.drop_front(start).str() + "\n";
}

std::string withoutIndent(StringRef text) {
  llvm::SmallVector<StringRef> lines;
  text.trim("\n ").split(lines, '\n');
  // The first line has lost its indent to the trimming.
  size_t start = text.find_first_not_of("\n ");
  size_t indent = start == StringRef::npos ? 0 : start - (text.take_front(start).rfind('\n') + 1);
  std::string result;
  for (auto [i, line] : llvm::enumerate(lines))
    result += (i == 0 ? line : line.drop_front(std::min(indent, line.size()))).rtrim().str() + "\n";
  return result;
}

} // namespace ccm
