// SPDX-License-Identifier: Apache-2.0
// One choice for all parts of a model: reduces, core and expands together.
#pragma once

#include "passes/strategies/Allocation.h"
#include <map>

namespace ccm {

/// A choice for every part.
struct Whole {
  llvm::SmallVector<Decision, 0> reduces, expands = {};
  Decision core = {};
  double score = 0; ///< the product of all scores; 0: not all parts fit
};

/// Chooses for one model. Parts without a budget of their own pay from the model's, which is the
/// core's: inputs together, the core, and outputs together each aim at an equal part of it, and
/// what one of them cannot use is left to the others. The product of scores is what is made large.
/// Fewer tokens than the reduces like best are tried, because the core pays for them.
class WholeChoice {
public:
  /// `only` names a strategy to consider alone, or is "".
  WholeChoice(ModelOp model, llvm::StringRef only) : model(model), only(only) {}

  /// Fails after a diagnostic. A model without a core has reduces alone.
  llvm::LogicalResult choose();

  const Whole &chosen() const { return best; }
  size_t proposed = 0, rejected = 0; ///< candidates, of all sites that were tried

private:
  using Types = llvm::SmallVector<const void *>; ///< that a site is given

  llvm::FailureOr<Decision> collect(const Site &site, const Types &given = {});
  llvm::LogicalResult collectReduces();
  llvm::LogicalResult collectCore(Whole &whole);
  llvm::LogicalResult collectExpands(Whole &whole);

  void aimReduces();
  llvm::LogicalResult aimCore(Whole whole);
  bool givesSkips() const;
  llvm::LogicalResult tryReduces();
  llvm::LogicalResult tryAim(llvm::ArrayRef<Decision> start, double aim);
  llvm::LogicalResult tryTokens(double aim);
  llvm::LogicalResult spendRest();
  llvm::FailureOr<double> leastShare(Whole &whole);
  llvm::LogicalResult takeCheapestSkips(Decision &part, Whole &whole);
  llvm::LogicalResult tryCheapest();
  llvm::LogicalResult complete(Whole &whole);
  llvm::LogicalResult completeWithin(double limit, Whole &whole);
  llvm::LogicalResult raiseCore(Whole &whole);
  void keep(const Whole &whole);

  int64_t tokens() const;
  bool takeNoticeablyFewer();
  bool takeFewerTokens();
  llvm::LogicalResult reportNothingFits(Whole least);

  ModelOp model;
  llvm::StringRef only;
  Measure measure;
  CoreOp core;
  double reducesAim = 0;         ///< share of the model's budget
  std::optional<double> coreAim; ///< of what the reduces leave, once it is known
  llvm::SmallVector<Decision, 0> reduces;
  std::vector<Whole> tried; ///< reduces and core alone
  Whole best;
  std::map<std::pair<void *, Types>, std::shared_ptr<const Candidates>> known;
};

} // namespace ccm
