// SPDX-License-Identifier: Apache-2.0
// Names: they become parts of identifiers in the library's header, and keys of checkpoints.
#include "frontend/Fields.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

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
    scope.error(value.place, Message::BadName, printable(scope.diagnostics.slice(value.place)));
    return false;
  }
  return true;
}

} // namespace ccm::frontend
