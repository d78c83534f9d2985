// SPDX-License-Identifier: Apache-2.0
// The candidates of one part: proposed, measured against the budget, ranked.
#include "passes/strategies/Candidates.h"
#include "passes/strategies/Pins.h"
#include "passes/strategies/Sites.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

/// Part of the budget that must be used while some candidate can.
constexpr double kLeastShare = 0.6;

/// A bound of a budget.
struct Limit {
  StringRef unit;
  int64_t (*bound)(BudgetAttr); ///< 0: none
  int64_t (*used)(const Cost &);
};

/// In the order in which they are told.
ArrayRef<Limit> budgetLimits() {
  static const Limit limits[] = {
      {"MACs", [](BudgetAttr b) { return b.getMacs(); }, [](const Cost &c) { return c.macs; }},
      {"parameters", [](BudgetAttr b) { return b.getParameters(); },
       [](const Cost &c) { return c.parameters; }},
      {"bytes of internals", [](BudgetAttr b) { return b.getActivationBytes(); },
       [](const Cost &c) { return c.internals; }}};
  return limits;
}

/// Every candidate counts as a little, so that priors rank those that cost nothing.
constexpr double kLeastUse = 1e-6;

/// A bound that a candidate may exceed: one of the budget, or that on tokens.
struct Bound {
  StringRef unit;
  int64_t most; ///< 0: none
  int64_t used;

  bool isKept() const { return most == 0 || used <= most; }
};

using Bounds = SmallVector<Bound, 4>;

Bounds boundsOf(const Cost &cost, BudgetAttr budget) {
  Bounds bounds;
  for (const Limit &limit : budgetLimits())
    bounds.push_back({limit.unit, budget ? limit.bound(budget) : 0, limit.used(cost)});
  return bounds;
}

Bounds boundsOf(const Candidate &candidate, const Site &site) {
  Bounds bounds = boundsOf(candidate.built.cost, site.budget);
  bounds.push_back({"tokens", kMostTokens, candidate.tokens});
  return bounds;
}

std::string excessOf(const Candidate &candidate, const Site &site) {
  for (const Bound &bound : boundsOf(candidate, site))
    if (!bound.isKept())
      return llvm::formatv("needs {0} {1} of {2}", bound.used, bound.unit, bound.most);
  if (site.owesTokens && candidate.tokens != site.positionCount())
    return llvm::formatv("gives {0} tokens, a pinned output needs {1}", candidate.tokens,
                         site.positionCount());
  return {};
}

/// Share of the bound that is used most; 1 where there is none.
double shareOf(const Cost &cost, BudgetAttr budget) {
  double share = 0;
  bool bounded = false;
  for (const Limit &limit : budgetLimits())
    if (int64_t bound = budget ? limit.bound(budget) : 0) {
      share = std::max(share, double(limit.used(cost)) / double(bound));
      bounded = true;
    }
  return bounded ? share : 1.0;
}

/// What an output with the same positions needs: a token for each of them.
double preferMatch(const Site &site, int64_t tokens) {
  return site.matched && tokens != site.positionCount() ? 0.1 : 1.0;
}

/// Collects the candidates of one part.
class Collector {
public:
  Collector(const Site &site, Measure &measure, SmallVectorImpl<Candidate> &candidates)
      : site(site), part(site.part), measure(measure), candidates(candidates) {}

  LogicalResult propose(const Strategy &strategy, DictionaryAttr pin) {
    auto takePinned = [&](DictionaryAttr config) { return take(strategy, withPin(config, pin)); };
    seen.clear();
    strategy.propose(site, Proposer(part.getContext(), takePinned));
    return success(!broken);
  }

  /// Whether the candidate fits; one that cannot be built says nothing of the rest of its axis.
  bool take(const Strategy &strategy, DictionaryAttr config) {
    auto [known, isNew] = seen.try_emplace(config, true);
    if (!isNew || broken || isRefused(strategy, config))
      return known->second;
    FailureOr<std::optional<Built>> built = measure(strategy, site, config);
    broken = failed(built);
    tooLarge |= !broken && !*built;
    bool fits = !broken && *built && add(strategy, config, **built);
    return seen[config] = fits;
  }

  bool failedToMeasure() const { return broken; }
  bool passedOverTooLarge() const { return tooLarge; }
  /// Why the first configuration that cannot be built here cannot, as a sentence; empty where all
  /// can.
  StringRef firstRefusal() const { return refusal; }

private:
  bool isRefused(const Strategy &strategy, DictionaryAttr config) {
    std::string reason = strategy.refuse(site, Config(config));
    if (!reason.empty() && refusal.empty())
      refusal = refusalOf(strategy, config, reason);
    return !reason.empty();
  }

  bool add(const Strategy &strategy, DictionaryAttr config, const Built &built) {
    int64_t tokens = isa<ExpandOp>(part) ? 0 : built.type.getShape()[1];
    Candidate candidate{&strategy,
                        config,
                        built,
                        tokens,
                        shareOf(built.cost, site.budget),
                        strategy.bears(site, Config(config)),
                        strategy.prior(site, Config(config))};
    candidate.prior *= isa<ReduceOp>(part) ? preferMatch(site, tokens) : 1.0;
    candidate.excess = excessOf(candidate, site);
    candidates.push_back(candidate);
    return candidate.fits();
  }

  const Site &site;
  PartOpInterface part;
  Measure &measure;
  SmallVectorImpl<Candidate> &candidates;
  llvm::DenseMap<Attribute, bool> seen;
  bool broken = false;
  bool tooLarge = false;
  std::string refusal;
};

} // namespace

/// A part that has its choice already, from IR.
static LogicalResult collectChosen(const Site &site, Collector &collector) {
  PartOpInterface part = site.part;
  FailureOr<const Strategy *> strategy = findNamed(site, *part.getStrategy());
  if (failed(strategy) || failed(checkConfig(**strategy, site, part.getConfigAttr())))
    return failure();
  collector.take(**strategy, part.getConfigAttr());
  return success(!collector.failedToMeasure());
}

static LogicalResult collectPinned(const Site &site, DictionaryAttr pin, Collector &collector) {
  FailureOr<const Strategy *> strategy = findPinned(site, pin);
  if (failed(strategy) || failed(checkScope(**strategy, site)) ||
      failed(checkPin(**strategy, site, pin)) || failed(collector.propose(**strategy, pin)))
    return failure();
  return success();
}

FailureOr<Candidates> Candidates::collect(const Site &site, StringRef only, Measure &measure) {
  PartOpInterface part = site.part;
  Candidates result;
  Collector collector(site, measure, result.candidates);
  LogicalResult collected = success();
  if (part.getStrategy())
    collected = collectChosen(site, collector);
  else if (DictionaryAttr pin = part.getPinAttr())
    collected = collectPinned(site, pin, collector);
  else
    for (const Strategy *strategy : strategiesOf(part.getPartKind()))
      if (strategy->serves(site) &&
          (!findStrategy(part.getPartKind(), only) || strategy->name() == only))
        if (collected = collector.propose(*strategy, {}); failed(collected))
          break;
  if (failed(collected))
    return failure();
  result.passedOverTooLarge = collector.passedOverTooLarge();
  result.refusal = collector.firstRefusal();
  result.settle();
  return result;
}

void Candidates::settle() {
  // The most that a strategy can use, of those that could use more if they bore it.
  llvm::DenseMap<const Strategy *, double> most;
  for (const Candidate &candidate : candidates)
    if (candidate.fits() && candidate.borne) {
      someAreBorne = true;
      most[candidate.strategy] = std::max(most[candidate.strategy], candidate.share);
    }
  llvm::DenseSet<const Strategy *> saturated;
  for (const Candidate &candidate : candidates)
    if (candidate.fits() && !candidate.borne)
      saturated.insert(candidate.strategy);
  for (Candidate &candidate : candidates) {
    double full = saturated.contains(candidate.strategy) ? most.lookup(candidate.strategy) : 1;
    candidate.use = candidate.borne && full > 0 ? candidate.share / full : candidate.share;
    candidate.use = std::max(candidate.use, kLeastUse);
    candidate.score = candidate.prior * candidate.use;
  }
}

SmallVector<const Candidate *> Candidates::eligible(const Wish &wish) const {
  SmallVector<const Candidate *> result;
  for (const Candidate &candidate : candidates)
    if (candidate.fits() && candidate.share <= wish.share + kRounding &&
        candidate.tokens <= wish.tokens && (candidate.borne || !someAreBorne))
      result.push_back(&candidate);
  return result;
}

static bool usesMuch(const Candidate &candidate, const Wish &wish) {
  return candidate.use >= kLeastShare * std::min(wish.share, 1.0);
}

const Candidate *Candidates::best(const Wish &wish) const {
  SmallVector<const Candidate *> able = eligible(wish);
  bool someUseMuch = llvm::any_of(able, [&](auto *c) { return usesMuch(*c, wish); });
  const Candidate *best = nullptr;
  for (const Candidate *candidate : able)
    if ((!someUseMuch || usesMuch(*candidate, wish)) && (!best || candidate->score > best->score))
      best = candidate;
  return best;
}

double Candidates::mostShare(const Wish &wish) const {
  double most = 0;
  for (const Candidate *candidate : eligible(wish))
    most = std::max(most, candidate->share);
  return most;
}

const Candidate *Candidates::bestAt(double price, const Wish &wish) const {
  auto worth = [&](const Candidate &c) {
    return std::isinf(price) ? -c.share : std::log(c.score) - price * c.share;
  };
  const Candidate *best = nullptr;
  for (const Candidate *candidate : eligible(wish))
    if (!best || worth(*candidate) > worth(*best))
      best = candidate;
  return best;
}

const Candidate *Candidates::better(const Candidate &present, double spare,
                                    const Wish &wish) const {
  const Candidate *best = &present;
  for (const Candidate *candidate : eligible(wish))
    if (candidate->share <= present.share + spare + kRounding && candidate->score > best->score)
      best = candidate;
  return best == &present ? nullptr : best;
}

size_t Candidates::countOverBudget() const {
  return llvm::count_if(candidates, [](const Candidate &c) { return !c.fits(); });
}

/// The candidate that would fit with the least raise of the bound of that number, the others kept.
static const Candidate *leastRaise(ArrayRef<const Candidate *> candidates, const Site &site,
                                   size_t raised) {
  const Candidate *least = nullptr;
  for (const Candidate *candidate : candidates) {
    Bounds bounds = boundsOf(*candidate, site);
    int64_t used = bounds[raised].used;
    bounds.erase(bounds.begin() + raised);
    if (llvm::all_of(bounds, [](const Bound &b) { return b.isKept(); }) &&
        (!least || used < boundsOf(*least, site)[raised].used))
      least = candidate;
  }
  return least;
}

/// By how many times a candidate exceeds its bounds, taken together.
static double excessTimes(const Candidate &candidate, const Site &site) {
  double times = 1;
  for (const Bound &bound : boundsOf(candidate, site))
    if (!bound.isKept())
      times *= double(bound.used) / double(bound.most);
  return times;
}

/// The candidate whose bounds are the smallest to ask for: one bound where one is enough, else the
/// least raise of several.
static const Candidate *nearestOf(ArrayRef<const Candidate *> candidates, const Site &site) {
  for (size_t number = 0; number <= budgetLimits().size(); ++number)
    if (const Candidate *least = leastRaise(candidates, site, number))
      return least;
  return *llvm::min_element(candidates, [&](const Candidate *a, const Candidate *b) {
    return excessTimes(*a, site) < excessTimes(*b, site);
  });
}

/// "3000 MACs and 100 parameters, got 10 and 5": every bound that is exceeded.
static std::string describe(ArrayRef<Bound> bounds) {
  std::string wanted, given;
  for (const Bound &bound : bounds)
    if (!bound.isKept()) {
      StringRef joint = wanted.empty() ? "" : " and ";
      wanted += (joint + Twine(bound.used) + " " + bound.unit).str();
      given += (joint + Twine(bound.most)).str();
    }
  return wanted + ", got " + given;
}

std::string describeExcess(const Cost &cost, BudgetAttr budget) {
  return describe(boundsOf(cost, budget));
}

void Candidates::reportNoServant(const Site &site) const {
  auto error = emitError(PartOpInterface(site.part)->getLoc());
  if (passedOverTooLarge)
    error << "every strategy needs a tensor of more than 2147483647 elements for "
          << describeShape(site);
  else if (!refusal.empty())
    error << refusal;
  else
    error << "no strategy serves " << describeShape(site);
}

/// Those that give as many tokens as a pinned output needs.
static SmallVector<const Candidate *> ableOf(ArrayRef<Candidate> candidates, const Site &site) {
  SmallVector<const Candidate *> able;
  for (const Candidate &candidate : candidates)
    if (!site.owesTokens || candidate.tokens == site.positionCount())
      able.push_back(&candidate);
  return able;
}

const Candidate *Candidates::cheapest(const Site &site) const {
  if (const Candidate *fitting = bestAt(HUGE_VAL, {}))
    return fitting;
  SmallVector<const Candidate *> able = ableOf(candidates, site);
  return able.empty() ? nullptr : nearestOf(able, site);
}

void Candidates::reportNoneFits(const Site &site) const {
  PartOpInterface part = site.part;
  if (candidates.empty())
    return reportNoServant(site);
  SmallVector<const Candidate *> able = ableOf(candidates, site);
  auto error = emitError(part->getLoc());
  if (able.empty()) {
    error << "a pinned output needs " << site.positionCount() << " tokens of "
          << ccm::describe(part) << ", one per position, which no strategy gives";
    return;
  }
  const Candidate *nearest = nearestOf(able, site);
  error << "nothing fits the budget of " << ccm::describe(part) << ": expects at least "
        << describe(boundsOf(*nearest, site));
  error.attachNote() << nearest->strategy->name() << " " << ccm::describe(nearest->config)
                     << " would fit then";
}

static std::string percent(double share) { return std::to_string(int64_t(share * 100)) + " %"; }

static std::string leavesLittle(const Candidate &candidate) {
  return "takes " + percent(candidate.share) + " of the budget, for which others have more use";
}

static std::string reasonAgainst(const Candidate &candidate, const Candidate &chosen,
                                 const Wish &wish) {
  if (!candidate.fits())
    return candidate.excess;
  if (!candidate.borne && chosen.borne)
    return "is wider or deeper than is of use here";
  if (candidate.share > wish.share)
    return leavesLittle(candidate);
  if (!usesMuch(candidate, wish) && usesMuch(chosen, wish))
    return "uses " + percent(candidate.use) +
           (candidate.use > candidate.share ? " of what is of use here" : " of the budget") +
           ", others 60 % and more";
  if (candidate.score > chosen.score)
    return candidate.tokens > chosen.tokens
               ? "gives " + std::to_string(candidate.tokens) + " tokens, more than suit the core"
               : leavesLittle(candidate);
  return "scores " + percent(candidate.score) + ", the choice " + percent(chosen.score);
}

/// Of each strategy the best candidate that fits and the cheapest that does not, in order.
static SmallVector<const Candidate *> nearMisses(ArrayRef<Candidate> candidates,
                                                 const Candidate &chosen) {
  llvm::DenseMap<std::pair<const Strategy *, unsigned>, const Candidate *> nearest;
  for (const Candidate &candidate : candidates) {
    if (&candidate == &chosen)
      continue;
    const Candidate *&kept = nearest[{candidate.strategy, candidate.fits()}];
    bool nearer = !kept || (candidate.fits() ? candidate.score > kept->score
                                             : candidate.built.cost.macs < kept->built.cost.macs);
    kept = nearer ? &candidate : kept;
  }
  auto inOrder = llvm::map_to_vector(nearest, [](auto &entry) { return entry.second; });
  llvm::sort(inOrder);
  return inOrder;
}

static DictionaryAttr rejection(const Candidate &candidate, const Candidate &chosen,
                                const Wish &wish) {
  Builder b(chosen.config.getContext());
  return b.getDictionaryAttr(
      {b.getNamedAttr("config", candidate.config),
       b.getNamedAttr("macs", b.getI64IntegerAttr(candidate.built.cost.macs)),
       b.getNamedAttr("reason", b.getStringAttr(reasonAgainst(candidate, chosen, wish))),
       b.getNamedAttr("strategy", b.getStringAttr(candidate.strategy->name()))});
}

ArrayAttr Candidates::rejected(const Candidate &chosen, const Wish &wish, bool all) const {
  SmallVector<Attribute> entries;
  if (all) {
    for (const Candidate &candidate : candidates)
      if (&candidate != &chosen)
        entries.push_back(rejection(candidate, chosen, wish));
  } else {
    for (const Candidate *candidate : nearMisses(candidates, chosen))
      entries.push_back(rejection(*candidate, chosen, wish));
  }
  return ArrayAttr::get(chosen.config.getContext(), entries);
}

} // namespace ccm
