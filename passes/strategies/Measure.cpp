// SPDX-License-Identifier: Apache-2.0
// What a configuration costs, by building it in a scratch block and asking its primitives.
#include "passes/strategies/Measure.h"
#include "passes/strategies/Sites.h"

using namespace mlir;

namespace ccm {

/// Primitives of one key cost the same: name, types and attributes. Parameters count by canonical
/// shape, which the packed type does not tell.
static Attribute keyOf(Operation *op) {
  Builder builder(op->getContext());
  SmallVector<Attribute> parts{builder.getStringAttr(op->getName().getStringRef())};
  for (Value operand : op->getOperands()) {
    parts.push_back(TypeAttr::get(operand.getType()));
    if (auto parameter = operand.getDefiningOp<ParameterOp>())
      parts.push_back(parameter.getShapeAttr());
  }
  for (Type type : op->getResultTypes())
    parts.push_back(TypeAttr::get(type));
  parts.push_back(op->getAttrDictionary());
  return builder.getArrayAttr(parts);
}

FailureOr<Cost> Measure::costOf(CostOpInterface primitive) {
  auto [place, isNew] = known.try_emplace(keyOf(primitive));
  if (!isNew)
    return place->second;
  FailureOr<Cost> cost = primitive.getCost();
  if (succeeded(cost))
    place->second = *cost;
  return cost;
}

FailureOr<Cost> Measure::sum(Block::iterator begin, Block::iterator end) {
  Cost total;
  for (Operation &op : llvm::make_range(begin, end))
    if (auto primitive = dyn_cast<CostOpInterface>(op)) {
      FailureOr<Cost> cost = costOf(primitive);
      if (failed(cost))
        return failure();
      total += *cost;
    }
  return total;
}

/// `cost` and those of the repetitions that were not built; a failure stays one.
FailureOr<Cost> Measure::addTimes(FailureOr<Cost> cost, const PartBuilder::Repetition &repetition) {
  FailureOr<Cost> once =
      sum(Block::iterator(repetition.first), std::next(Block::iterator(repetition.last)));
  if (failed(cost) || failed(once))
    return failure();
  for (int64_t i = 0; i < repetition.more; ++i)
    *cost += *once;
  return cost;
}

static bool allBounded(Block &block) {
  return llvm::all_of(block, [](Operation &op) {
    return llvm::all_of(op.getResultTypes(), [](Type type) {
      auto tensor = cast<RankedTensorType>(type);
      return tensor.hasStaticShape() ? isTrainedType(tensor)
                                     : elementsPerSample(tensor).has_value();
    });
  });
}

/// Types of the values that `build` gets, as arguments of the scratch block.
static void addArguments(Block &block, const Site &site, Location loc) {
  if (isa<CoreOp>(site.part))
    for (const TokenGroup &group : site.groups)
      block.addArgument(group.type, loc);
  if (site.input)
    block.addArgument(site.input, loc);
  for (const AlignedInput &member : site.aligned)
    block.addArgument(member.type, loc);
  Type f32 = Float32Type::get(loc.getContext());
  auto presence = RankedTensorType::get({ShapedType::kDynamic, 1}, f32);
  int64_t presences = site.optional;
  for (const AlignedInput &member : site.aligned)
    presences += member.optional;
  while (presences-- > 0)
    block.addArgument(presence, loc);
  for (const Pyramid &pyramid : site.pyramids)
    for (const SkipType &level : pyramid.levels)
      block.addArgument(level.type, loc);
}

FailureOr<std::optional<Built>> Measure::operator()(const Strategy &strategy, const Site &site,
                                                    DictionaryAttr config) {
  Block block;
  PartOpInterface part = site.part;
  Location loc = part->getLoc();
  addArguments(block, site, loc);
  OpBuilder builder(config.getContext());
  builder.setInsertionPointToEnd(&block);
  SmallVector<PartBuilder::Repetition> repeated;
  PartBuilder b(builder, loc, prefixOf(part), &repeated);
  Made made = buildPart(strategy, b, site, block.getArguments(), Config(config));
  if (!allBounded(block))
    return std::optional<Built>();
  FailureOr<Cost> cost = sum(block.begin(), block.end());
  for (const PartBuilder::Repetition &repetition : repeated)
    cost = addTimes(cost, repetition);
  Built built{cast<RankedTensorType>(made.value.getType()), typesOf(made.skips), {}};
  block.dropAllReferences();
  if (failed(cost))
    return failure();
  built.cost = *cost;
  for (int64_t copy = 1; copy < site.copies; ++copy)
    built.cost += {cost->macs, cost->bytes, /*parameters=*/0, cost->internals};
  return std::optional(std::move(built));
}

} // namespace ccm
