// SPDX-License-Identifier: Apache-2.0
// Likely meanings of words that nothing is called.
#include "ir/Words.h"

using llvm::StringRef;

namespace ccm {

StringRef nearest(StringRef word, llvm::ArrayRef<StringRef> candidates) {
  constexpr size_t kLongestWord = 64;
  if (word.size() > kLongestWord)
    return "";
  StringRef best;
  unsigned bestDistance = (word.size() + 2) / 3 + 1;
  for (StringRef candidate : candidates) {
    unsigned distance = word.edit_distance_insensitive(candidate, true, bestDistance);
    if (distance < bestDistance && distance < candidate.size()) {
      bestDistance = distance;
      best = candidate;
    }
  }
  constexpr size_t kTellingPart = 4;
  for (StringRef candidate : candidates)
    if (best.empty() && word.size() >= kTellingPart && candidate.contains_insensitive(word))
      best = candidate;
  return best;
}

} // namespace ccm
