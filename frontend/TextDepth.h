// SPDX-License-Identifier: Apache-2.0
// Checks of IR text, made before MLIR's parser reads it: what it is, how deep it is nested, and
// what that parser does not check itself.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace ccm::frontend {

/// Deepest nesting that IR text may have unless told otherwise.
constexpr unsigned kTextDepthLimit = 256;

/// The offset of the first place nested deeper than `limit`, or none. Counts ( [ { < outside
/// strings and comments, where `->`, `<=` and `>=` are no brackets; unary minus signs, which the
/// parser descends into as well; and what the definition of a used alias (#a, !a) is nested in
/// itself.
std::optional<size_t> scanDepth(llvm::StringRef text, unsigned limit = kTextDepthLimit);

/// The offset of the first place in a list of `iterator_types` that is no string, or none. Lists of
/// operations in generic form are not looked at.
std::optional<size_t> scanIterators(llvm::StringRef text);

/// Whether the text is MLIR's binary form, which is not safe to read from strangers.
bool isBytecode(llvm::StringRef text);

/// Where and why text must not be given to MLIR's parser.
struct TextProblem {
  size_t offset = 0;
  std::string message;
};

/// The problem of a text that is bytecode, nested too deep or has other iterators than strings, or
/// none.
std::optional<TextProblem> findTextProblem(llvm::StringRef text);

} // namespace ccm::frontend
