// SPDX-License-Identifier: Apache-2.0
// Parts that pay from one budget: who takes how much of it.
#pragma once

#include "passes/strategies/Candidates.h"
#include <memory>

namespace ccm {

/// A part with its candidates and the one taken so far.
struct Decision {
  Site site;
  std::shared_ptr<const Candidates> candidates;
  Wish wish = {}; ///< within which the choice was the best
  const Candidate *chosen = nullptr;
  llvm::SmallVector<PartOpInterface, 0> followers =
      {}; ///< that have its parameters, and so do alike

  /// Takes the best as wished; where there is none, false, and all stays.
  bool choose(const Wish &wanted);

  /// Whether it is the choice for that part.
  bool decides(PartOpInterface part) const;
};

/// Chooses for parts of one budget, so that they take `share` of it together at most and the
/// product of their scores is as large as prices find it; each within the tokens that its wish
/// allows. False when even the cheapest candidates take more, which then are chosen where there are
/// any.
bool allocate(llvm::ArrayRef<Decision *> parts, double share);

/// Share of the budget that the chosen candidates take together.
double shareOf(llvm::ArrayRef<Decision *> parts);

} // namespace ccm
