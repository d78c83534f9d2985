// SPDX-License-Identifier: Apache-2.0
// Names: they become identifiers of C in the library's header, and keys of checkpoints.
#include "frontend/Fields.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

/// Keywords of C11 and C++20 that are names by their letters.
static constexpr StringRef kKeywords[] = {"alignas",
                                          "alignof",
                                          "and",
                                          "and_eq",
                                          "asm",
                                          "auto",
                                          "bitand",
                                          "bitor",
                                          "bool",
                                          "break",
                                          "case",
                                          "catch",
                                          "char",
                                          "char16_t",
                                          "char32_t",
                                          "char8_t",
                                          "class",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "compl",
                                          "concept",
                                          "const",
                                          "const_cast",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "continue",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "long",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "not_eq",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "or_eq",
                                          "private",
                                          "protected",
                                          "public",
                                          "register",
                                          "reinterpret_cast",
                                          "requires",
                                          "restrict",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "typeof",
                                          "union",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "while",
                                          "xor",
                                          "xor_eq"};

bool isName(StringRef text) {
  auto isPart = [](char c) { return llvm::isLower(c) || llvm::isDigit(c) || c == '_'; };
  return !text.empty() && llvm::isLower(text[0]) && llvm::all_of(text, isPart);
}

bool checkName(const Scope &scope, const JsonValue &value) {
  if (value.text.size() > kNameLimit) {
    scope.error(value.place, Message::NameTooLong, kNameLimit, value.text.size());
    return false;
  }
  if (!isName(value.text)) {
    scope.error(value.place, Message::BadName,
                printable(scope.diagnostics.source().slice(value.place)));
    return false;
  }
  if (llvm::is_contained(kKeywords, value.text)) {
    scope.error(value.place, Message::KeywordName, value.text);
    return false;
  }
  return true;
}

} // namespace ccm::frontend
