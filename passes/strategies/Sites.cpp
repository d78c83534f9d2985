// SPDX-License-Identifier: Apache-2.0
// Sites of a model's parts, made as soon as the parts before them are decided.
#include "passes/strategies/Sites.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ccm {

static bool hasPositions(OutputOp output, ArrayRef<int64_t> positions) {
  return !positions.empty() &&
         positionsOf(cast<RankedTensorType>(output.getValue().getType())) == positions;
}

/// The part of that output, or null.
static ExpandOp expandOf(OutputOp output) {
  for (ExpandOp part : opsOf<ExpandOp>(output->getParentOfType<ModelOp>()))
    if (part.getPort() == output.getName())
      return part;
  return nullptr;
}

/// Whether a declaration pins what builds this output to a strategy that takes a token of the input
/// for each of its positions.
static bool pinsTokenPerPosition(OutputOp output) {
  ExpandOp part = expandOf(output);
  DictionaryAttr pin = part ? part.getPinAttr() : DictionaryAttr();
  auto name = pin ? pin.getAs<StringAttr>("name") : StringAttr();
  const Strategy *strategy = name ? findStrategy(ExpandOp::kind(), name) : nullptr;
  return strategy && strategy->needsTokenPerPosition();
}

/// The outputs that a part's inputs are aligned to.
static SmallVector<OutputOp> alignedOutputs(ReduceOp part) {
  auto input = part.getInputs().front().getDefiningOp<InputOp>();
  ArrayAttr names = input ? input.getAlignedToAttr() : nullptr;
  SmallVector<OutputOp> outputs;
  if (names)
    for (OutputOp output : opsOf<OutputOp>(part->getParentOfType<ModelOp>()))
      if (llvm::is_contained(names.getAsValueRange<StringAttr>(), output.getName()))
        outputs.push_back(output);
  return outputs;
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Of extents those with the most positions, the first of them.
static void takeFiner(SmallVectorImpl<int64_t> &finest, ArrayRef<int64_t> extents) {
  if (finest.empty() || productOf(extents) > productOf(finest))
    finest.assign(extents.begin(), extents.end());
}

/// The extents on which a part's inputs meet.
static SmallVector<int64_t> gridOf(ReduceOp part) {
  SmallVector<int64_t> grid;
  for (OutputOp output : alignedOutputs(part))
    takeFiner(grid, extentsOfPort(output.getTargetType()));
  SmallVector<int64_t> finest(grid.size(), 1);
  for (Value input : part.getInputs()) {
    ArrayRef<int64_t> extents = extentsOfPort(typeOf(input));
    if (extents.size() != grid.size())
      return SmallVector<int64_t>(extents);
    for (auto [axis, extent] : llvm::enumerate(extents))
      finest[axis] = std::max(finest[axis], extent);
  }
  for (auto [axis, extent] : llvm::enumerate(finest))
    grid[axis] = std::min(grid[axis], extent);
  return grid;
}

/// Whether no earlier input has the positions of this one: the first gives the tokens.
static bool isFirstWithPositions(ReduceOp part) {
  for (ReduceOp other : opsOf<ReduceOp>(part->getParentOfType<ModelOp>()))
    if (gridOf(other) == gridOf(part))
      return other == part;
  return false;
}

/// The model's budget without its bytes of internals: what does not fit them is computed again.
static BudgetAttr sharedBudget(CoreOp core) {
  BudgetAttr budget = core.getBudgetAttr();
  return budget ? BudgetAttr::get(core.getContext(), budget.getMacs(), budget.getParameters(), 0)
                : budget;
}

/// A site with what is alike for all parts.
static Site commonSite(PartOpInterface part) {
  Site site;
  site.part = part;
  site.pinned = bool(part.getPinAttr());
  site.budget = part.getBudgetAttr();
  site.shares = isa<CoreOp>(part) || !site.budget;
  auto model = part->getParentOfType<ModelOp>();
  if (site.shares && part.getShare())
    site.copies = llvm::count_if(partsOf(model), [&](PartOpInterface other) {
      return !other.getBudgetAttr() && isSharedBy(part, other);
    });
  auto cores = opsOf<CoreOp>(model);
  if (site.shares && !cores.empty())
    site.budget = sharedBudget(cores.front());
  return site;
}

/// The part's input, or inputs that meet. The structure is that of the largest.
static void setInputs(Site &site, ReduceOp part) {
  site.grid = gridOf(part);
  SmallVector<AlignedInput> members;
  for (Value value : part.getInputs()) {
    members.push_back({typeOf(value), 0, false});
    if (auto input = value.getDefiningOp<InputOp>()) {
      members.back().type = input.getReadType();
      members.back().vocabulary = input.getVocabulary().value_or(0);
      members.back().optional = bool(input.findPresence());
      site.structure = members.size() == 1 ? input.getStructure()
                                           : std::max(site.structure, input.getStructure());
    }
  }
  const AlignedInput &first = members.front();
  if (members.size() > 1 || site.givesSkips || ArrayRef(site.grid) != extentsOfPort(first.type)) {
    site.aligned = std::move(members);
    return;
  }
  site.input = first.type;
  site.vocabulary = first.vocabulary;
  site.optional = first.optional;
}

/// Whether the part's input is what comes before each element of an output.
static bool isCausal(Value tokens) {
  auto part = tokens.getDefiningOp<ReduceOp>();
  auto input = part ? part.getInputs().front().getDefiningOp<InputOp>() : InputOp();
  return input && input.getDrawn() == Draw::Shifted;
}

Site siteOf(ReduceOp part) {
  Site site = commonSite(part);
  site.causal = isCausal(part.getTokens());
  site.givesSkips = bool(part.getSkips());
  setInputs(site, part);
  for (OutputOp output : opsOf<OutputOp>(part->getParentOfType<ModelOp>()))
    if (hasPositions(output, site.positions())) {
      site.matched = true;
      site.owesTokens |= pinsTokenPerPosition(output) && isFirstWithPositions(part);
    }
  return site;
}

/// The part's positions when it keeps one token for each, else none.
static SmallVector<int64_t> gridOf(Value operand, RankedTensorType tokens) {
  auto reduce = operand.getDefiningOp<ReduceOp>();
  if (!reduce)
    return {};
  Site site = siteOf(reduce);
  if (site.positionCount() != tokens.getShape()[1])
    return {};
  return SmallVector<int64_t>(site.positions());
}

/// Numbers of a sample, of all inputs together; an index into a vocabulary says as much as some.
static int64_t givenNumbers(ModelOp model) {
  constexpr int64_t kPerIndex = 8;
  int64_t given = 0;
  for (InputOp input : opsOf<InputOp>(model)) {
    if (input.isAside())
      continue;
    auto type = cast<RankedTensorType>(input.getValue().getType());
    int64_t values = productOf(type.getShape().drop_front());
    given += input.getVocabulary() ? values * kPerIndex : values;
  }
  return given;
}

Site siteOf(CoreOp part, ArrayRef<RankedTensorType> operands, SmallVectorImpl<unsigned> &order) {
  Site site = commonSite(part);
  site.given = givenNumbers(part->getParentOfType<ModelOp>());
  SmallVector<TokenGroup> groups;
  for (auto [value, type] : llvm::zip(part.getInputs(), operands))
    groups.push_back({type, gridOf(value, type), value, isCausal(value)});
  site.causal = llvm::any_of(groups, [](const TokenGroup &group) { return group.causal; });
  // Causal tokens see all others, which are before them.
  order = llvm::to_vector(llvm::seq<unsigned>(0, groups.size()));
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    auto rank = [&](unsigned i) { return groups[i].causal ? 2 : groups[i].grid.empty() ? 1 : 0; };
    return rank(a) < rank(b);
  });
  for (unsigned number : order)
    site.groups.push_back(groups[number]);
  return site;
}

/// Where the tokens of `part` start among the core's, or -1.
static int64_t firstTokenOf(ReduceOp part, const Site &core, RankedTensorType tokens) {
  if (core.groupTokens() != tokens.getShape()[1])
    return -1;
  int64_t first = 0;
  for (const TokenGroup &group : core.groups) {
    if (group.tokens == part.getTokens())
      return first;
    first += group.type.getShape()[1];
  }
  return -1;
}

Site siteOf(ExpandOp part, const Site &core, RankedTensorType tokens, SkipsOf skips) {
  Site site = commonSite(part);
  site.groups = core.groups;
  site.causal = core.causal;
  site.input = tokens;
  for (Value value : part.getSkips())
    if (auto reduce = value.getDefiningOp<ReduceOp>())
      site.pyramids.push_back({skips(reduce), firstTokenOf(reduce, core, tokens)});
  site.output = cast<RankedTensorType>(part.getOutput().getType());
  for (Operation *user : part.getOutput().getUsers())
    if (auto output = dyn_cast<OutputOp>(user)) {
      site.structure = output.getStructure();
      site.vocabulary = output.getVocabulary().value_or(0);
    }
  return site;
}

bool isSharedBy(PartOpInterface part, PartOpInterface other) {
  return part.getShare() && part.getShare() == other.getShare() &&
         part.getPartKind() == other.getPartKind();
}

/// What a strategy is given and must give, in an order of no meaning.
static SmallVector<const void *> shapesOf(const Site &site) {
  SmallVector<const void *> shapes;
  auto add = [&](RankedTensorType type, int64_t number) {
    shapes.push_back(type.getAsOpaquePointer());
    shapes.push_back(reinterpret_cast<const void *>(number));
  };
  add(site.input, site.vocabulary);
  add(site.output, site.optional);
  for (const AlignedInput &member : site.aligned) {
    add(member.type, member.vocabulary);
    add({}, member.optional);
  }
  for (int64_t extent : site.grid)
    add({}, extent);
  add({}, site.givesSkips);
  for (const Pyramid &pyramid : site.pyramids)
    for (const SkipType &level : pyramid.levels)
      add(level.type, level.window);
  return shapes;
}

LogicalResult checkShared(const Site &first, const Site &second) {
  PartOpInterface part = second.part, other = first.part;
  auto refuse = [&](StringRef what, const Twine &found, const Twine &expected) {
    auto error = emitError(part->getLoc())
                 << "a `share` between different " << what << ": " << found.str();
    error.attachNote(other->getLoc())
        << "'" << *part.getShare() << "' is that of " << expected.str();
    return failure();
  };
  auto shaped = [](const Site &site) {
    return describeShape(site) + ", channels " + std::to_string(site.channels());
  };
  if (shapesOf(first) != shapesOf(second))
    return refuse("shapes", shaped(second), shaped(first));
  if (part.getPinAttr() && part.getPinAttr() != other.getPinAttr())
    return refuse("strategies", describe(part) + " pins its own", describe(other));
  return success();
}

std::string describe(PartOpInterface part) {
  if (isa<CoreOp>(part))
    return "the core";
  StringRef side = isa<ReduceOp>(part) ? " input" : " output";
  return ("the " + part.getPort() + side).str();
}

std::string describeShape(const Site &site) {
  int64_t tokens = 0;
  for (const TokenGroup &group : site.groups)
    tokens += group.type.getShape()[1];
  std::string causal = site.causal ? ", autoregressive" : "";
  if (isa<CoreOp>(site.part))
    return describe(site.part) + " of " + std::to_string(tokens) + " tokens" + causal;
  auto extents = llvm::map_range(site.positions(), [](int64_t e) { return std::to_string(e); });
  std::string shape = "shape [" + llvm::join(extents, ", ") + "]";
  if (!site.aligned.empty())
    return describe(site.part) + ": aligned, " + shape + (site.givesSkips ? ", with skips" : "");
  return (describe(site.part) + ": " + stringifyStructure(site.structure) +
          (site.vocabulary ? ", discrete, " : ", continuous, ") + shape +
          (site.pyramids.empty() ? "" : ", with skips") + causal)
      .str();
}

std::string prefixOf(PartOpInterface part) {
  if (std::optional<StringRef> name = part.getShare())
    return ("share." + *name).str();
  if (isa<CoreOp>(part))
    return "core";
  return (part.getPartKind() + "." + part.getPort()).str();
}

SmallVector<PartOpInterface> partsOf(ModelOp model) {
  return llvm::to_vector(model.getBody().getOps<PartOpInterface>());
}

} // namespace ccm
