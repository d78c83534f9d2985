// SPDX-License-Identifier: Apache-2.0
// The candidates of one part: proposed, measured against the budget, ranked.
#pragma once

#include "passes/strategies/Measure.h"

namespace ccm {

/// "3000 MACs and 100 parameters, got 10 and 5": every bound of the budget that a cost exceeds.
std::string describeExcess(const Cost &cost, BudgetAttr budget);

/// A strategy with a configuration, and how it does at one site.
struct Candidate {
  const Strategy *strategy;
  mlir::DictionaryAttr config;
  Built built;
  int64_t tokens;          ///< that the part gives; 0 of an expand part
  double share;            ///< of the budget that it uses, at most 1 when it fits
  bool borne;              ///< its strategy gains from a configuration so wide and deep
  double prior;            ///< expected quality
  double score = 0;        ///< prior times use; the best has the highest
  double use = 0;          ///< `share`, or where its strategy cannot use all, of what that can
  std::string excess = {}; ///< why it does not fit; empty when it does

  bool fits() const { return excess.empty(); }
};

/// By how much sums of shares may pass a bound because they are rounded: less than a unit of any
/// budget below 10^12.
constexpr double kRounding = 1e-12;

/// What is asked of a candidate.
struct Wish {
  double share = 1;           ///< of the budget at most
  int64_t tokens = INT64_MAX; ///< at most
};

/// All candidates of a part, in the order that settles ties.
class Candidates {
public:
  /// Proposes and measures. With a choice made, a pin, or `only` naming a strategy of the part's
  /// kind, that alone. Fails after a diagnostic: a choice or pin that names no strategy or key, or
  /// cannot be built here.
  static llvm::FailureOr<Candidates> collect(const Site &site, llvm::StringRef only,
                                             Measure &measure);

  /// The candidates that fit, are as wished, and where there are such, that their strategies bear.
  llvm::SmallVector<const Candidate *> eligible(const Wish &wish) const;
  /// The best candidate that fits and is as wished, or null. While some such candidate uses 60 %
  /// of the wished share, those that use less are passed over.
  const Candidate *best(const Wish &wish = {}) const;
  /// The candidate as wished whose score is worth most where a share costs `price`: the logarithm
  /// of the one less the other. At an infinite price the cheapest.
  const Candidate *bestAt(double price, const Wish &wish) const;
  /// The largest share that a candidate as wished takes, 0 where there is none.
  double mostShare(const Wish &wish) const;
  /// The cheapest that fits, or where none does, the one that would with the least raise; null
  /// where none gives what a pinned output needs.
  const Candidate *cheapest(const Site &site) const;
  /// The candidate as wished that gains most over `present` for at most `spare` more, or null.
  const Candidate *better(const Candidate &present, double spare, const Wish &wish) const;
  /// Reports at the part that nothing fits, with the smallest budget that would do.
  void reportNoneFits(const Site &site) const;
  /// {strategy, config, macs, reason} of the candidates that `chosen`, the best of those as wished,
  /// was preferred to: all of them, or of each strategy the best that fits and the cheapest that
  /// does not.
  mlir::ArrayAttr rejected(const Candidate &chosen, const Wish &wish, bool all) const;

  size_t size() const { return candidates.size(); }
  size_t countOverBudget() const;

private:
  /// Sets what candidates use and score, once all are known.
  void settle();
  /// Reports at the part that there is no candidate at all.
  void reportNoServant(const Site &site) const;

  llvm::SmallVector<Candidate, 0> candidates;
  bool someAreBorne = false;       ///< of those that fit
  bool passedOverTooLarge = false; ///< some need a tensor of more elements than there may be
  std::string refusal;             ///< why a configuration cannot be built here; of none: empty
};

} // namespace ccm
