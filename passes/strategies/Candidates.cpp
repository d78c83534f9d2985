// SPDX-License-Identifier: Apache-2.0
// The candidates of one part: proposed, measured against the budget, ranked.
#include "passes/strategies/Candidates.h"
#include "passes/strategies/Pins.h"
#include "passes/strategies/Sites.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ccm {
namespace {

/// Part of the budget that must be used while some candidate can.
constexpr double kLeastShare = 0.6;

/// Something bounded, and what of a candidate counts against it. No bound is 0.
struct Limit {
  StringRef unit;
  int64_t (*bound)(BudgetAttr);
  int64_t (*used)(const Candidate &);
};

const Limit kLimits[] = {
    {"MACs", [](BudgetAttr b) { return b.getMacs(); },
     [](const Candidate &c) { return c.built.cost.macs; }},
    {"parameters", [](BudgetAttr b) { return b.getParameters(); },
     [](const Candidate &c) { return c.built.cost.parameters; }},
    {"bytes of internals", [](BudgetAttr b) { return b.getActivationBytes(); },
     [](const Candidate &c) { return c.built.cost.internals; }},
    {"tokens", [](BudgetAttr) { return kMostTokens; }, [](const Candidate &c) { return c.tokens; }},
};

bool keeps(const Candidate &candidate, BudgetAttr budget, const Limit &limit) {
  int64_t bound = limit.bound(budget);
  return bound == 0 || limit.used(candidate) <= bound;
}

std::string excessOf(const Candidate &candidate, const Site &site) {
  BudgetAttr budget = PartOpInterface(site.part).getBudget();
  for (const Limit &limit : kLimits)
    if (!keeps(candidate, budget, limit))
      return llvm::formatv("needs {0} {1} of {2}", limit.used(candidate), limit.unit,
                           limit.bound(budget));
  if (site.owesTokens && candidate.tokens != site.positionCount())
    return llvm::formatv("gives {0} tokens, a pinned output needs {1}", candidate.tokens,
                         site.positionCount());
  return {};
}

/// Share of the first bound that the declaration sets. Free candidates count as a little, so that
/// their priors rank them.
double shareOf(const Candidate &candidate, BudgetAttr budget) {
  for (const Limit &limit : ArrayRef(kLimits).drop_back())
    if (int64_t bound = limit.bound(budget))
      return std::max(double(limit.used(candidate)) / double(bound), 1e-6);
  return 1.0;
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
    Candidate candidate{&strategy, config, built, tokens, 0, 0, {}};
    candidate.share = shareOf(candidate, part.getBudget());
    candidate.score = candidate.share * strategy.prior(site, Config(config)) *
                      (isa<ReduceOp>(part) ? preferMatch(site, tokens) : 1.0);
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
      if (strategy->accepts(site) &&
          (!findStrategy(part.getPartKind(), only) || strategy->name() == only))
        if (collected = collector.propose(*strategy, {}); failed(collected))
          break;
  if (failed(collected))
    return failure();
  result.passedOverTooLarge = collector.passedOverTooLarge();
  result.refusal = collector.firstRefusal();
  return result;
}

const Candidate *Candidates::best(int64_t mostTokens) const {
  auto allowed = [&](const Candidate &candidate) {
    return candidate.fits() && candidate.tokens <= mostTokens;
  };
  bool someUseMuch = llvm::any_of(candidates, [&](const Candidate &candidate) {
    return allowed(candidate) && candidate.share >= kLeastShare;
  });
  const Candidate *best = nullptr;
  for (const Candidate &candidate : candidates)
    if (allowed(candidate) && (!someUseMuch || candidate.share >= kLeastShare) &&
        (!best || candidate.score > best->score))
      best = &candidate;
  return best;
}

int64_t Candidates::mostTokens(int64_t limit) const {
  int64_t most = 0;
  for (const Candidate &candidate : candidates)
    if (candidate.fits() && candidate.tokens <= limit)
      most = std::max(most, candidate.tokens);
  return most;
}

size_t Candidates::countOverBudget() const {
  return llvm::count_if(candidates, [](const Candidate &c) { return !c.fits(); });
}

/// The candidate that would fit with the least raise of one bound, the others kept.
static const Candidate *leastRaise(ArrayRef<const Candidate *> candidates, BudgetAttr budget,
                                   const Limit &raised) {
  const Candidate *least = nullptr;
  for (const Candidate *candidate : candidates) {
    bool keepsOthers = llvm::all_of(kLimits, [&](const Limit &limit) {
      return &limit == &raised || keeps(*candidate, budget, limit);
    });
    if (keepsOthers && (!least || raised.used(*candidate) < raised.used(*least)))
      least = candidate;
  }
  return least;
}

/// By how many times a candidate exceeds its bounds, taken together.
static double excessTimes(const Candidate &candidate, BudgetAttr budget) {
  double times = 1;
  for (const Limit &limit : kLimits)
    if (!keeps(candidate, budget, limit))
      times *= double(limit.used(candidate)) / double(limit.bound(budget));
  return times;
}

/// The candidate whose bounds are the smallest to ask for: one bound where one is enough, else the
/// least raise of several.
static const Candidate *nearestOf(ArrayRef<const Candidate *> candidates, BudgetAttr budget) {
  for (const Limit &limit : kLimits)
    if (const Candidate *least = leastRaise(candidates, budget, limit))
      return least;
  return *llvm::min_element(candidates, [&](const Candidate *a, const Candidate *b) {
    return excessTimes(*a, budget) < excessTimes(*b, budget);
  });
}

/// "at least 3000 MACs and 100 parameters, got 10 and 5": every bound that the candidate exceeds.
static std::string raisesFor(const Candidate &candidate, BudgetAttr budget) {
  std::string wanted, given;
  for (const Limit &limit : kLimits)
    if (!keeps(candidate, budget, limit)) {
      StringRef joint = wanted.empty() ? "" : " and ";
      wanted += (joint + Twine(limit.used(candidate)) + " " + limit.unit).str();
      given += (joint + Twine(limit.bound(budget))).str();
    }
  return "at least " + wanted + ", got " + given;
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

void Candidates::reportNoneFits(const Site &site) const {
  PartOpInterface part = site.part;
  if (candidates.empty())
    return reportNoServant(site);
  SmallVector<const Candidate *> able;
  for (const Candidate &candidate : candidates)
    if (!site.owesTokens || candidate.tokens == site.positionCount())
      able.push_back(&candidate);
  auto error = emitError(part->getLoc());
  if (able.empty()) {
    error << "a pinned output needs " << site.positionCount() << " tokens of " << describe(part)
          << ", one per position, which no strategy gives";
    return;
  }
  const Candidate *nearest = nearestOf(able, part.getBudget());
  error << "nothing fits the budget of " << describe(part) << ": expects "
        << raisesFor(*nearest, part.getBudget());
  error.attachNote() << nearest->strategy->name() << " " << ccm::describe(nearest->config)
                     << " would fit then";
}

static std::string percent(double share) { return std::to_string(int64_t(share * 100)) + " %"; }

static std::string reasonAgainst(const Candidate &candidate, const Candidate &chosen) {
  if (!candidate.fits())
    return candidate.excess;
  if (candidate.share < kLeastShare && chosen.share >= kLeastShare)
    return "uses " + percent(candidate.share) + " of the budget, others 60 % and more";
  if (candidate.score > chosen.score && candidate.tokens > chosen.tokens)
    return "gives " + std::to_string(candidate.tokens) + " tokens, more than suit the core";
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

static DictionaryAttr rejection(const Candidate &candidate, const Candidate &chosen) {
  Builder b(chosen.config.getContext());
  return b.getDictionaryAttr(
      {b.getNamedAttr("config", candidate.config),
       b.getNamedAttr("macs", b.getI64IntegerAttr(candidate.built.cost.macs)),
       b.getNamedAttr("reason", b.getStringAttr(reasonAgainst(candidate, chosen))),
       b.getNamedAttr("strategy", b.getStringAttr(candidate.strategy->name()))});
}

ArrayAttr Candidates::rejected(const Candidate &chosen, bool all) const {
  SmallVector<Attribute> entries;
  if (all) {
    for (const Candidate &candidate : candidates)
      if (&candidate != &chosen)
        entries.push_back(rejection(candidate, chosen));
  } else {
    for (const Candidate *candidate : nearMisses(candidates, chosen))
      entries.push_back(rejection(*candidate, chosen));
  }
  return ArrayAttr::get(chosen.config.getContext(), entries);
}

} // namespace ccm
