// SPDX-License-Identifier: Apache-2.0
// One choice for all parts of a model: reduces, core and expands together.
#include "passes/structure/WholeChoice.h"
#include "passes/strategies/Sites.h"
#include <cmath>

using namespace mlir;

namespace ccm {

/// Those of the parts that pay from the model's budget.
static SmallVector<Decision *> sharersOf(MutableArrayRef<Decision> parts) {
  SmallVector<Decision *> sharers;
  for (Decision &part : parts)
    if (part.site.shares)
      sharers.push_back(&part);
  return sharers;
}

static bool sharesBudget(ExpandOp part) { return !part.getBudgetAttr(); }

static double scoreOf(ArrayRef<Decision> parts) {
  double score = 1;
  for (const Decision &part : parts)
    score *= part.chosen->score;
  return score;
}

/// The choice that holds for a part because it shares its parameters, or null.
static Decision *leaderOf(PartOpInterface part, MutableArrayRef<Decision> decisions) {
  Decision *leader = llvm::find_if(decisions, [&](const Decision &decision) {
    return isSharedBy(part, PartOpInterface(decision.site.part));
  });
  return leader == decisions.end() ? nullptr : leader;
}

/// Lets a choice hold for another part, too. Fails after a diagnostic where it cannot.
static LogicalResult follow(const Site &site, Decision &leader) {
  leader.followers.push_back(site.part);
  return checkShared(leader.site, site);
}

/// Takes the best for every part with a budget of its own; false where one has none.
static bool chooseOwners(MutableArrayRef<Decision> parts) {
  return llvm::all_of(
      parts, [](Decision &part) { return part.site.shares || part.choose({1, part.wish.tokens}); });
}

/// What the reduces leave of the model's budget.
static double leftBy(MutableArrayRef<Decision> reduces) { return 1 - shareOf(sharersOf(reduces)); }

// ---- Candidates ---------------------------------------------------------------------------------

FailureOr<Decision> WholeChoice::collect(const Site &site, const Types &given) {
  auto &candidates = known[{PartOpInterface(site.part).getOperation(), given}];
  if (!candidates) {
    FailureOr<Candidates> fresh = Candidates::collect(site, only, measure);
    if (failed(fresh))
      return failure();
    proposed += fresh->size();
    rejected += fresh->countOverBudget();
    candidates = std::make_shared<const Candidates>(std::move(*fresh));
  }
  return Decision{site, candidates};
}

LogicalResult WholeChoice::collectReduces() {
  LogicalResult result = success();
  for (ReduceOp part : opsOf<ReduceOp>(model)) {
    if (Decision *leader = leaderOf(part, reduces)) {
      if (failed(follow(siteOf(part), *leader)))
        result = failure();
      continue;
    }
    FailureOr<Decision> decision = collect(siteOf(part));
    if (failed(decision)) {
      result = failure();
      continue;
    }
    // One that shares a budget is told of with those that share it.
    decision->chosen = decision->candidates->cheapest(decision->site);
    if (!decision->choose({}) && (!decision->site.shares || !decision->chosen)) {
      decision->candidates->reportNoneFits(decision->site);
      result = failure();
    }
    reduces.push_back(std::move(*decision));
  }
  return result;
}

LogicalResult WholeChoice::collectCore(Whole &whole) {
  llvm::DenseMap<Value, RankedTensorType> types;
  for (ReduceOp part : opsOf<ReduceOp>(model))
    for (const Decision &decision : whole.reduces)
      if (decision.decides(part))
        types[part.getTokens()] = decision.chosen->built.type;
  auto operands = llvm::map_to_vector(core.getInputs(), [&](Value v) { return types.lookup(v); });
  Types given;
  for (RankedTensorType type : operands)
    given.push_back(type.getAsOpaquePointer());
  SmallVector<unsigned> order;
  FailureOr<Decision> decision = collect(siteOf(core, operands, order), given);
  if (failed(decision))
    return failure();
  whole.core = std::move(*decision);
  return success();
}

LogicalResult WholeChoice::collectExpands(Whole &whole) {
  LogicalResult result = success();
  RankedTensorType tokens = whole.core.chosen->built.type;
  Types given{tokens.getAsOpaquePointer()};
  for (const TokenGroup &group : whole.core.site.groups)
    given.push_back(group.type.getAsOpaquePointer());
  Builder builder(model.getContext());
  for (const Decision &reduce : whole.reduces)
    for (const SkipType &level : reduce.chosen->built.skips) {
      given.push_back(level.type.getAsOpaquePointer());
      given.push_back(builder.getI64IntegerAttr(level.window).getAsOpaquePointer());
    }
  auto skipsOf = [&](ReduceOp part) {
    const Decision *reduce = llvm::find_if(
        whole.reduces, [&](const Decision &decision) { return decision.decides(part); });
    return reduce->chosen->built.skips;
  };
  whole.expands.clear();
  for (ExpandOp part : opsOf<ExpandOp>(model)) {
    Site site = siteOf(part, whole.core.site, tokens, skipsOf);
    if (Decision *leader = leaderOf(part, whole.expands)) {
      if (failed(follow(site, *leader)))
        result = failure();
      continue;
    }
    FailureOr<Decision> decision = collect(site, given);
    if (failed(decision))
      result = failure();
    else
      whole.expands.push_back(std::move(*decision));
  }
  return result;
}

// ---- Trying wholes ------------------------------------------------------------------------------

LogicalResult WholeChoice::choose() {
  if (failed(collectReduces()))
    return failure();
  auto cores = opsOf<CoreOp>(model);
  if (cores.size() > 1)
    return emitError(cores[1].getLoc()) << "expects one core, got " << cores.size();
  if (cores.empty()) {
    best.reduces = reduces;
    return success();
  }
  core = cores.front();
  aimReduces();
  if (!llvm::all_of(reduces, [](const Decision &part) { return part.chosen->fits(); })) {
    Whole least{reduces};
    return failed(collectCore(least)) ? failure() : reportNothingFits(std::move(least));
  }
  if (failed(tryReduces()))
    return failure();
  llvm::stable_sort(tried, [](const Whole &a, const Whole &b) { return a.score > b.score; });
  for (Whole &whole : tried) {
    whole.score = 0;
    if (failed(complete(whole)))
      return failure();
    keep(whole);
    if (best.score > 0 && !givesSkips())
      break;
  }
  return best.score > 0 ? spendRest() : tryCheapest();
}

bool WholeChoice::givesSkips() const {
  return llvm::any_of(reduces, [](const Decision &part) { return part.site.givesSkips; });
}

/// Sets of reduces, each with a core. What expands cost that are given skips depends on the reduces
/// more than on anything else, so where there are some, cheaper ones are tried as well.
LogicalResult WholeChoice::tryReduces() {
  const SmallVector<Decision, 0> start = reduces;
  for (int times : {1, 2, 4, 8}) {
    if (failed(tryAim(start, reducesAim / times)))
      return failure();
    if (!givesSkips())
      break;
  }
  if (!tried.empty() || sharersOf(reduces).empty())
    return success();
  // Reduces that cannot do with so little, such as models of their own, take what they must.
  reduces = start;
  for (Decision &part : reduces)
    part.chosen = part.candidates->cheapest(part.site);
  return tryAim(start, shareOf(sharersOf(reduces)));
}

LogicalResult WholeChoice::tryAim(ArrayRef<Decision> start, double aim) {
  reduces.assign(start.begin(), start.end());
  do {
    if (failed(tryTokens(aim)))
      return failure();
  } while (takeNoticeablyFewer());
  return success();
}

/// What the parts leave of the budget goes to the core; then, where it is much, to the reduces.
LogicalResult WholeChoice::spendRest() {
  constexpr double kMuch = 0.1;
  if (failed(raiseCore(best)))
    return failure();
  double left = 1 - best.core.chosen->share - shareOf(sharersOf(best.expands));
  SmallVector<Decision *> sharers = sharersOf(best.reduces);
  if (sharers.empty() || left < shareOf(sharers) + kMuch)
    return success();
  Whole whole = best;
  whole.score = 0;
  if (!allocate(sharersOf(whole.reduces), left))
    return success();
  if (failed(complete(whole)) || (whole.score > 0 && failed(raiseCore(whole))))
    return failure();
  keep(whole);
  return success();
}

void WholeChoice::aimReduces() {
  double inputs = !sharersOf(reduces).empty();
  double outputs = llvm::any_of(opsOf<ExpandOp>(model), sharesBudget);
  reducesAim = inputs / (inputs + 1 + outputs);
}

/// Aims the core at what outputs that read the whole's core could not use, half at least.
LogicalResult WholeChoice::aimCore(Whole whole) {
  if (failed(collectExpands(whole)))
    return failure();
  double most = 0, half = leftBy(whole.reduces) / 2;
  for (Decision *part : sharersOf(whole.expands))
    most += part->candidates->mostShare({half});
  coreAim = 1 - std::min(most / (2 * half), 0.5);
  return success();
}

void WholeChoice::keep(const Whole &whole) {
  if (whole.score > best.score)
    best = whole;
}

/// Every side takes what it aims at. Outputs come later: what they cost and are worth hardly
/// depends on how many tokens there are.
LogicalResult WholeChoice::tryTokens(double aim) {
  if (!chooseOwners(reduces) || !allocate(sharersOf(reduces), aim))
    return success();
  // No core scores above 1, so a worse set of reduces need not be tried.
  double most = 0;
  for (const Whole &whole : tried)
    most = std::max(most, whole.score);
  if (scoreOf(reduces) <= most && !givesSkips())
    return success();
  Whole whole{reduces};
  if (failed(collectCore(whole)))
    return failure();
  double left = leftBy(whole.reduces);
  if (!coreAim && whole.core.choose({left}) && failed(aimCore(whole)))
    return failure();
  if (coreAim && (whole.core.choose({left * *coreAim}) || whole.core.choose({left}))) {
    whole.score = scoreOf(reduces) * whole.core.chosen->score;
    tried.push_back(std::move(whole));
  }
  return success();
}

/// What all parts cost at least, given the reduces of `whole`; infinite where one cannot be built.
FailureOr<double> WholeChoice::leastShare(Whole &whole) {
  auto take = [](Decision &part) {
    part.chosen = part.candidates->cheapest(part.site);
    return part.chosen ? part.chosen->share : HUGE_VAL;
  };
  if (failed(collectCore(whole)))
    return failure();
  double share = take(whole.core);
  if (std::isinf(share))
    return share;
  if (failed(collectExpands(whole)))
    return failure();
  for (Decision &part : whole.reduces)
    share += part.chosen->share;
  for (Decision &part : whole.expands)
    share += take(part);
  return share;
}

/// What expands cost that are given skips is decided by the part that gives them: takes the
/// candidate with which all are cheapest together.
LogicalResult WholeChoice::takeCheapestSkips(Decision &part, Whole &whole) {
  const Candidate *cheapest = part.chosen;
  double least = HUGE_VAL;
  for (const Candidate *candidate : part.candidates->eligible({})) {
    part.chosen = candidate;
    FailureOr<double> share = leastShare(whole);
    if (failed(share))
      return failure();
    if (*share < least) {
      least = *share;
      cheapest = candidate;
    }
  }
  part.chosen = cheapest;
  return success();
}

/// Where nothing else fits, everything as cheap as can be.
LogicalResult WholeChoice::tryCheapest() {
  Whole least{reduces};
  for (Decision &part : least.reduces)
    part.chosen = part.candidates->bestAt(HUGE_VAL, {HUGE_VAL, part.wish.tokens});
  for (Decision &part : least.reduces)
    if (part.site.givesSkips && failed(takeCheapestSkips(part, least)))
      return failure();
  if (failed(complete(least)))
    return failure();
  keep(least);
  return best.score > 0 ? success() : reportNothingFits(std::move(least));
}

/// Chooses core and expands for the reduces of `whole`. Where it finds nothing the score stays 0.
LogicalResult WholeChoice::complete(Whole &whole) {
  if (failed(collectCore(whole)))
    return failure();
  double left = leftBy(whole.reduces);
  const Candidate *cheapest = whole.core.candidates->bestAt(HUGE_VAL, {left});
  if (!cheapest)
    return success();
  // A core within its aim first; where that is none, or too wide for an output, another.
  for (double limit :
       {left * coreAim.value_or(1), left, left / 4, left / 16, left / 64, cheapest->share}) {
    if (failed(completeWithin(limit, whole)))
      return failure();
    if (whole.score > 0)
      break;
  }
  return success();
}

LogicalResult WholeChoice::completeWithin(double limit, Whole &whole) {
  if (!whole.core.choose({limit}))
    return success();
  if (failed(collectExpands(whole)))
    return failure();
  double left = leftBy(whole.reduces) - whole.core.chosen->share;
  SmallVector<Decision *> sharers = sharersOf(whole.expands);
  if (chooseOwners(whole.expands) && allocate(sharers, left))
    whole.score = scoreOf(whole.reduces) * whole.core.chosen->score * scoreOf(whole.expands);
  return success();
}

/// Gives the core what the expands left.
LogicalResult WholeChoice::raiseCore(Whole &whole) {
  Whole raised = whole;
  raised.score = 0;
  double left = leftBy(whole.reduces) - shareOf(sharersOf(raised.expands));
  if (failed(completeWithin(left, raised)))
    return failure();
  if (raised.score > whole.score)
    whole = std::move(raised);
  return success();
}

// ---- Fewer tokens -------------------------------------------------------------------------------

int64_t WholeChoice::tokens() const {
  int64_t sum = 0;
  for (const Decision &decision : reduces)
    sum += decision.chosen->tokens;
  return sum;
}

/// Takes fewer tokens until the core would notice: of few inputs each counts, of a hundred not
/// every one is worth trying all cores again. False when no part can give fewer.
bool WholeChoice::takeNoticeablyFewer() {
  int64_t before = tokens();
  bool fewer = false;
  while (tokens() > before - before / 16 && takeFewerTokens())
    fewer = true;
  return fewer;
}

/// Takes a candidate with at most two thirds of the tokens where most tokens are. False when no
/// part can give fewer.
bool WholeChoice::takeFewerTokens() {
  Decision *largest = nullptr;
  for (Decision &decision : reduces) {
    int64_t tokens = decision.chosen->tokens;
    if (decision.candidates->best({1, tokens * 2 / 3}) &&
        (!largest || tokens > largest->chosen->tokens))
      largest = &decision;
  }
  return largest && largest->choose({1, largest->chosen->tokens * 2 / 3});
}

// ---- Nothing fits -------------------------------------------------------------------------------

/// Takes the cheapest, whether it fits or not. Reports a part that has nothing to take, or that
/// does not fit a budget of its own; true where there is one.
static bool failsAlone(Decision &part, bool sharesAlone) {
  part.chosen = part.candidates->cheapest(part.site);
  bool fails = !part.chosen || (!part.chosen->fits() && (sharesAlone || !part.site.shares));
  if (fails)
    part.candidates->reportNoneFits(part.site);
  return fails;
}

LogicalResult WholeChoice::reportNothingFits(Whole least) {
  auto outputs = opsOf<ExpandOp>(model);
  bool isAlone = sharersOf(least.reduces).empty() && llvm::none_of(outputs, sharesBudget);
  if (failsAlone(least.core, isAlone) || failed(collectExpands(least)))
    return failure();
  bool some = false;
  for (Decision &part : least.expands)
    some |= failsAlone(part, false);
  if (some)
    return failure();
  SmallVector<Decision *> sharers = sharersOf(least.reduces);
  sharers.push_back(&least.core);
  llvm::append_range(sharers, sharersOf(least.expands));
  Cost sum;
  for (const Decision *part : sharers)
    sum += part->chosen->built.cost;
  auto error = emitError(core.getLoc())
               << "nothing fits the budget that the parts of the model share: expects at least "
               << describeExcess(sum, least.core.site.budget);
  for (const Decision *part : sharers)
    error.attachNote(PartOpInterface(part->site.part)->getLoc())
        << describe(part->site.part) << " would take " << part->chosen->built.cost.macs
        << " MACs as " << part->chosen->strategy->name() << " "
        << ccm::describe(part->chosen->config);
  return failure();
}

} // namespace ccm
