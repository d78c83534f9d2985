// SPDX-License-Identifier: Apache-2.0
// Words that people give.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace ccm {

/// The candidate that `word` most likely stands for, or "": within a third of its length in edits,
/// letters of either case, else one that contains it.
llvm::StringRef nearest(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace ccm
