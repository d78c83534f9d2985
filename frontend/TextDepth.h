// SPDX-License-Identifier: Apache-2.0
// A check of how deep IR text is nested, made before a recursive parser reads it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace ccm::frontend {

/// Deepest nesting that IR text may have unless told otherwise.
constexpr unsigned kTextDepthLimit = 256;

/// The offset of the first place nested deeper than `limit`, or none. Counts ( [ { < outside
/// strings and comments, where `->`, `<=` and `>=` are no brackets; unary minus signs, which the
/// parser descends into as well; and what the definition of a used alias (#a, !a) is nested in
/// itself.
std::optional<size_t> scanDepth(llvm::StringRef text, unsigned limit = kTextDepthLimit);

} // namespace ccm::frontend
