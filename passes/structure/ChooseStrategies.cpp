// SPDX-License-Identifier: Apache-2.0
// Picks a strategy for every part: all configurations are measured, the best that fits is taken.
#include "passes/Passes.h"
#include "passes/strategies/Candidates.h"
#include "passes/strategies/Pins.h"
#include "passes/strategies/Sites.h"

using namespace mlir;

namespace ccm {

#define GEN_PASS_DEF_CHOOSESTRATEGIES
#include "passes/Passes.h.inc"

namespace {

/// A part with its candidates and the one taken so far.
struct Decision {
  Site site;
  Candidates candidates;
  const Candidate *chosen = nullptr;
};

/// Chooses for one model. Reduces decide how many tokens the core has to work on, so the two are
/// chosen together: the product of their scores is what is made large.
class Chooser {
public:
  Chooser(ModelOp model, StringRef only) : model(model), only(only) {}

  LogicalResult choose() {
    if (failed(collectReduces()))
      return failure();
    auto cores = opsOf<CoreOp>(model);
    if (cores.size() > 1)
      return emitError(cores[1].getLoc()) << "expects one core, got " << cores.size();
    if (cores.empty())
      return success();
    return success(succeeded(chooseCore(cores.front())) && succeeded(chooseExpands()));
  }

  /// Sets the choices, and what was passed over, on the parts.
  void record(bool explain) {
    for (const Decision &decision : reduces)
      record(decision, explain);
    if (core.chosen)
      record(core, explain);
    for (const Decision &decision : expands)
      record(decision, explain);
  }

  size_t proposed = 0, rejected = 0;

private:
  static constexpr double kNothing = -1;

  /// Collects and takes the best; fails after a diagnostic when nothing fits.
  FailureOr<Decision> decide(const Site &site) {
    FailureOr<Candidates> candidates = collect(site);
    if (failed(candidates))
      return failure();
    Decision decision{site, std::move(*candidates)};
    decision.chosen = decision.candidates.best();
    if (decision.chosen)
      return FailureOr<Decision>(std::move(decision)); // a copy would leave `chosen` behind
    decision.candidates.reportNoneFits(site);
    return failure();
  }

  FailureOr<Candidates> collect(const Site &site) {
    FailureOr<Candidates> candidates = Candidates::collect(site, only, measure);
    if (succeeded(candidates)) {
      proposed += candidates->size();
      rejected += candidates->countOverBudget();
    }
    return candidates;
  }

  LogicalResult collectReduces() {
    LogicalResult result = success();
    for (ReduceOp part : opsOf<ReduceOp>(model)) {
      FailureOr<Decision> decision = decide(siteOf(part));
      if (succeeded(decision))
        reduces.push_back(std::move(*decision));
      else
        result = failure();
    }
    return result;
  }

  /// The site of the core for the reduces' present choices.
  Site coreSite(CoreOp part) {
    llvm::DenseMap<Value, RankedTensorType> types;
    for (const Decision &decision : reduces)
      types[PartOpInterface(decision.site.part)->getResult(0)] = decision.chosen->built.type;
    auto operands = llvm::map_to_vector(part.getInputs(), [&](Value v) { return types.lookup(v); });
    SmallVector<unsigned> order;
    return siteOf(part, operands, order);
  }

  double scoreOfReduces() const {
    double score = 1;
    for (const Decision &decision : reduces)
      score *= decision.chosen->score;
    return score;
  }

  /// Tries ever fewer tokens and keeps the best whole.
  LogicalResult chooseCore(CoreOp part) {
    SmallVector<const Candidate *> bestReduces;
    double bestScore = kNothing;
    do {
      // No core scores above 1, so a worse set of reduces need not be tried.
      double bound = scoreOfReduces();
      if (bound <= bestScore)
        continue;
      Site site = coreSite(part);
      FailureOr<Candidates> candidates = collect(site);
      if (failed(candidates))
        return failure();
      const Candidate *best = candidates->best();
      double score = best ? bound * best->score : kNothing;
      // While nothing fits the last try is kept: it tells the smallest budget.
      if (core.chosen && score <= bestScore)
        continue;
      bestScore = score;
      core = {site, std::move(*candidates), best};
      bestReduces = chosenReduces();
    } while (takeNoticeablyFewer());
    if (!core.chosen)
      return core.candidates.reportNoneFits(core.site), failure();
    for (auto [decision, chosen] : llvm::zip(reduces, bestReduces))
      decision.chosen = chosen;
    return success();
  }

  SmallVector<const Candidate *> chosenReduces() const {
    return llvm::map_to_vector(reduces, [](const Decision &d) { return d.chosen; });
  }

  int64_t tokens() const {
    int64_t sum = 0;
    for (const Decision &decision : reduces)
      sum += decision.chosen->tokens;
    return sum;
  }

  /// Takes fewer tokens until the core would notice: of few inputs each counts, of a hundred not
  /// every one is worth trying all cores again. False when no part can give fewer.
  bool takeNoticeablyFewer() {
    int64_t before = tokens();
    bool fewer = false;
    while (tokens() > before - before / 16 && takeFewerTokens())
      fewer = true;
    return fewer;
  }

  /// Takes a candidate with at most two thirds of the tokens where most tokens are. False when no
  /// part can give fewer.
  bool takeFewerTokens() {
    Decision *largest = nullptr;
    for (Decision &decision : reduces) {
      int64_t tokens = decision.chosen->tokens;
      if (decision.candidates.mostTokens(tokens * 2 / 3) > 0 &&
          (!largest || tokens > largest->chosen->tokens))
        largest = &decision;
    }
    if (!largest)
      return false;
    largest->chosen = largest->candidates.best(largest->chosen->tokens * 2 / 3);
    return true;
  }

  LogicalResult chooseExpands() {
    LogicalResult result = refuseAligned();
    for (ExpandOp part : opsOf<ExpandOp>(model)) {
      FailureOr<Decision> decision = decide(siteOf(part, core.site, core.chosen->built.type));
      if (succeeded(decision))
        expands.push_back(std::move(*decision));
      else
        result = failure();
    }
    return result;
  }

  /// Skips that join aligned inputs are not built yet; without them the promise would be broken
  /// silently.
  LogicalResult refuseAligned() {
    LogicalResult result = success();
    for (OutputOp output : opsOf<OutputOp>(model))
      if (output.getType() == ModelType::U)
        result = emitError(output.getLoc()) << "inputs aligned to a high output, here '"
                                            << output.getName() << "', are not supported yet";
    return result;
  }

  static void record(const Decision &decision, bool explain) {
    Operation *part = PartOpInterface(decision.site.part);
    MLIRContext *context = part->getContext();
    part->setAttr("strategy", StringAttr::get(context, decision.chosen->strategy->name()));
    part->setAttr("config", decision.chosen->config);
    part->setAttr("rejected", decision.candidates.rejected(*decision.chosen, explain));
  }

  ModelOp model;
  StringRef only;
  Measure measure;
  SmallVector<Decision, 0> reduces, expands;
  Decision core;
};

struct ChooseStrategies : impl::ChooseStrategiesBase<ChooseStrategies> {
  using ChooseStrategiesBase::ChooseStrategiesBase;

  void runOnOperation() override {
    if (failed(checkOnly()))
      return signalPassFailure();
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      Chooser chooser(model, only);
      if (failed(chooser.choose())) {
        signalPassFailure();
        continue;
      }
      chooser.record(explain);
      numProposed += chooser.proposed;
      numRejected += chooser.rejected;
    }
  }

private:
  /// The option names a strategy of some kind, or nothing.
  LogicalResult checkOnly() {
    SmallVector<StringRef> names;
    for (StringRef kind : {ReduceOp::kind(), CoreOp::kind(), ExpandOp::kind()})
      for (const Strategy *strategy : strategiesOf(kind))
        names.push_back(strategy->name());
    if (only.empty() || llvm::is_contained(names, StringRef(only)))
      return success();
    return emitError(getOperation().getLoc()) << "expects a strategy to consider alone, got '"
                                              << only << "'" << suggestion(only, names);
  }
};

} // namespace
} // namespace ccm
