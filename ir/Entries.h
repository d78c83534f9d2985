// SPDX-License-Identifier: Apache-2.0
// What a library is compiled for: the words of `ccm-compile --entries`, passes and code generation.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace ccm {

/// What a library can do, each more than the one before: infer; train as well; and tell as well
/// which changes of the inputs would lower the loss.
enum class Entries { Infer, Train, All };

constexpr llvm::StringLiteral kEntriesWords[] = {"infer", "train", "all"};

/// Of a module whose functions are not those of all entries: the word.
constexpr llvm::StringLiteral kEntriesAttr = "ccm.entries";

inline llvm::StringRef entriesWord(Entries entries) {
  return kEntriesWords[static_cast<int>(entries)];
}

/// None for an unknown word.
inline std::optional<Entries> entriesOf(llvm::StringRef word) {
  for (Entries entries : {Entries::Infer, Entries::Train, Entries::All})
    if (word == entriesWord(entries))
      return entries;
  return std::nullopt;
}

} // namespace ccm
