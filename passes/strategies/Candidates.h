// SPDX-License-Identifier: Apache-2.0
// The candidates of one part: proposed, measured against the budget, ranked.
#pragma once

#include "passes/strategies/Measure.h"

namespace ccm {

/// A strategy with a configuration, and how it does at one site.
struct Candidate {
  const Strategy *strategy;
  mlir::DictionaryAttr config;
  Built built;
  int64_t tokens;     ///< that the part gives; 0 of an expand part
  double share;       ///< of the budget that it uses, at most 1 when it fits
  double score;       ///< prior times share; the best has the highest
  std::string excess; ///< why it does not fit; empty when it does

  bool fits() const { return excess.empty(); }
};

/// All candidates of a part, in the order that settles ties.
class Candidates {
public:
  /// Proposes and measures. With a choice made, a pin, or `only` naming a strategy of the part's
  /// kind, that alone. Fails after a diagnostic: a choice or pin that names no strategy or key, or
  /// cannot be built here.
  static llvm::FailureOr<Candidates> collect(const Site &site, llvm::StringRef only,
                                             Measure &measure);

  /// The best candidate that fits and gives at most `mostTokens`, or null. While some such
  /// candidate uses 60 % of the budget, those that use less are passed over.
  const Candidate *best(int64_t mostTokens = INT64_MAX) const;
  /// The most tokens, at most `limit`, that a fitting candidate gives, or 0.
  int64_t mostTokens(int64_t limit) const;
  /// Reports at the part that nothing fits, with the smallest budget that would do.
  void reportNoneFits(const Site &site) const;
  /// {strategy, config, macs, reason} of the candidates that `chosen` was preferred to: all of
  /// them, or of each strategy the best that fits and the cheapest that does not.
  mlir::ArrayAttr rejected(const Candidate &chosen, bool all) const;

  size_t size() const { return candidates.size(); }
  size_t countOverBudget() const;

private:
  /// Reports at the part that there is no candidate at all.
  void reportNoServant(const Site &site) const;

  llvm::SmallVector<Candidate, 0> candidates;
  bool passedOverTooLarge = false; ///< some need a tensor of more elements than there may be
  std::string refusal;             ///< why a configuration cannot be built here; of none: empty
};

} // namespace ccm
