// SPDX-License-Identifier: Apache-2.0
// Replaces every part by the primitives of its strategy.
#include "ir/Functions.h"
#include "passes/Passes.h"
#include "passes/strategies/Measure.h"
#include "passes/strategies/Pins.h"
#include "passes/strategies/Sites.h"
#include "passes/structure/Report.h"
#include "passes/structure/Structure.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ccm {

#define GEN_PASS_DEF_BUILDSTRUCTURE
#include "passes/Passes.h.inc"

namespace {

/// Builds the parts of one model in order.
class StructureBuilder {
public:
  explicit StructureBuilder(ModelOp model) : model(model) {}

  LogicalResult build() {
    SmallVector<PartOpInterface> parts = partsOf(model);
    for (PartOpInterface part : parts)
      if (failed(TypeSwitch<Operation *, LogicalResult>(part)
                     .Case<ReduceOp, CoreOp, ExpandOp>([&](auto op) { return build(op); })
                     .Default(failure())))
        return failure();
    for (PartOpInterface part : llvm::reverse(parts))
      part->erase();
    model->setAttr(kPartsAttr, ArrayAttr::get(model.getContext(), reports));
    if (failed(expectTrained()))
      return failure();
    if (cap)
      model->setAttr(kInternalsCapAttr, cap);
    scalePorts(model);
    return success();
  }

  size_t primitives = 0;

private:
  LogicalResult build(ReduceOp part) {
    SmallVector<Value> inputs, presences;
    for (Value value : part.getInputs()) {
      auto input = value.getDefiningOp<InputOp>();
      inputs.push_back(input && input.getMissing() ? createFilled(input) : value);
      if (InputOp presence = input ? input.findPresence() : InputOp())
        presences.push_back(presence.getValue());
    }
    llvm::append_range(inputs, presences);
    return build(siteOf(part), inputs);
  }

  LogicalResult build(CoreOp part) {
    if (int64_t bytes = part.getBudget().getActivationBytes())
      cap = Builder(part.getContext()).getI64IntegerAttr(bytes);
    SmallVector<RankedTensorType> types;
    for (Value input : part.getInputs())
      types.push_back(cast<RankedTensorType>(made.lookup(input).value.getType()));
    SmallVector<unsigned> order;
    core = siteOf(part, types, order);
    auto inputs = llvm::map_to_vector(
        order, [&](unsigned i) { return made.lookup(part.getInputs()[i]).value; });
    return build(core, inputs);
  }

  LogicalResult build(ExpandOp part) {
    SmallVector<Value> inputs{made.lookup(part.getInput()).value};
    for (Value pyramid : part.getSkips())
      for (const Skip &skip : madeBy(pyramid.getDefiningOp<ReduceOp>()).skips)
        inputs.push_back(skip.value);
    Site site = siteOf(part, core, cast<RankedTensorType>(inputs[0].getType()),
                       [&](ReduceOp op) { return typesOf(madeBy(op).skips); });
    if (failed(build(site, inputs)))
      return failure();
    part.getOutput().replaceAllUsesWith(made.lookup(part.getOutput()).value);
    return success();
  }

  Made madeBy(ReduceOp part) { return made.lookup(part.getTokens()); }

  /// Builds the part where it stands and remembers its value and report.
  LogicalResult build(const Site &site, ValueRange inputs) {
    PartOpInterface part = site.part;
    if (!part.getStrategy())
      return emitError(part->getLoc())
             << "expects a strategy chosen for " << describe(part) << ", got none";
    FailureOr<const Strategy *> strategy = findNamed(site, *part.getStrategy());
    if (failed(strategy) || failed(checkConfig(**strategy, site, part.getConfigAttr())))
      return failure();
    Operation *before = part->getPrevNode();
    OpBuilder builder(part);
    PartBuilder b(builder, part->getLoc(), prefixOf(part));
    Made &result = made[part->getResult(0)];
    result = buildPart(**strategy, b, site, inputs, Config(part.getConfigAttr()));
    auto begin = [&] {
      return before ? std::next(Block::iterator(before)) : part->getBlock()->begin();
    };
    return failed(share(part, begin())) ? failure() : report(site, result.value, begin());
  }

  /// A part that shares has the parameters of the first that does.
  LogicalResult share(PartOpInterface part, Block::iterator begin) {
    if (!part.getShare())
      return success();
    SmallVector<ParameterOp> own;
    for (Operation &op : llvm::make_range(begin, Block::iterator(part.getOperation())))
      if (auto parameter = dyn_cast<ParameterOp>(op))
        own.push_back(parameter);
    auto [known, isFirst] = shared.try_emplace(*part.getShare(), part, own);
    auto &[first, parameters] = known->second;
    if (isFirst)
      return success();
    if (!llvm::equal(own, parameters, areAlike)) {
      auto error = emitError(part->getLoc()) << "expects the parameters of the other parts that "
                                             << "share '" << *part.getShare() << "', got others";
      error.attachNote(first->getLoc()) << "those are of " << describe(first);
      return failure();
    }
    for (auto [mine, theirs] : llvm::zip(own, parameters)) {
      mine.replaceAllUsesWith(theirs.getValue());
      mine.erase();
    }
    return success();
  }

  static bool areAlike(ParameterOp a, ParameterOp b) {
    return a.getName() == b.getName() && a.getShape() == b.getShape() &&
           a.getLayoutAttr() == b.getLayoutAttr() && a.getType() == b.getType();
  }

  /// Whether its parameters are, of several that share them because one of those says so.
  bool isFrozen(PartOpInterface part) {
    return part.getFrozen() || llvm::any_of(partsOf(model), [&](PartOpInterface other) {
             return other.getFrozen() && isSharedBy(part, other);
           });
  }

  /// Costs are counted anew on what stands in the model.
  LogicalResult report(const Site &site, Value value, Block::iterator begin) {
    PartOpInterface part = site.part;
    Block::iterator end(part.getOperation());
    FailureOr<Cost> cost = measure.sum(begin, end);
    if (failed(cost))
      return failure();
    if (part.getShare() && shared.lookup(*part.getShare()).first != part)
      cost->parameters = 0;
    int64_t frozen = 0;
    for (Operation &op : llvm::make_range(begin, end))
      if (auto parameter = dyn_cast<ParameterOp>(op))
        frozen += frozenValues(parameter, isFrozen(part));
      else
        ++primitives;
    auto type = cast<RankedTensorType>(value.getType());
    auto rejected = part->getAttrOfType<ArrayAttr>("rejected");
    PartReport entry{part.getPartKind(),
                     part.getPort(),
                     *part.getStrategy(),
                     part.getConfigAttr(),
                     isa<ExpandOp>(part) ? site.positionCount() : type.getShape()[1],
                     cost->macs,
                     site.budget ? site.budget.getMacs() : 0,
                     cost->parameters,
                     cost->parameters - frozen,
                     cost->internals,
                     rejected ? rejected : ArrayAttr::get(part.getContext(), {})};
    reports.push_back(entry.toAttribute(part.getContext()));
    return success();
  }

  /// Freezes a parameter where its part is frozen. Returns its canonical values when it is.
  static int64_t frozenValues(ParameterOp parameter, bool partIsFrozen) {
    parameter.setFrozen(parameter.getFrozen() || partIsFrozen);
    return parameter.getFrozen() ? productOf(parameter.getShape()) : 0;
  }

  /// Refuses a model that has parameters, but none that training could change. One that is a part
  /// of others is not trained alone.
  LogicalResult expectTrained() {
    auto parameters = opsOf<ParameterOp>(model);
    if (parameters.empty() || model.isPrivate() ||
        llvm::any_of(parameters, [](ParameterOp op) { return !op.getFrozen(); }))
      return success();
    return emitError(model.getLoc())
           << "expects a part that is trained, got parameters that are all frozen";
  }

  ModelOp model;
  Site core;
  llvm::DenseMap<Value, Made> made;
  /// By name: the first part that shares, and its parameters.
  llvm::StringMap<std::pair<PartOpInterface, SmallVector<ParameterOp>>> shared;
  SmallVector<Attribute> reports;
  IntegerAttr cap; ///< of the internals; null: none
  Measure measure;
};

struct BuildStructure : impl::BuildStructureBase<BuildStructure> {
  void runOnOperation() override {
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      if (partsOf(model).empty())
        continue;
      FailureOr<size_t> primitives = buildStructure(model);
      if (failed(primitives))
        return signalPassFailure();
      numPrimitives += *primitives;
    }
    eraseParts();
  }

  /// Models that were there to be parts of others are in them now.
  void eraseParts() {
    auto models = llvm::to_vector(getOperation().getOps<ModelOp>());
    if (llvm::any_of(models, [](ModelOp model) { return model.isPublic(); }))
      for (ModelOp model : models)
        if (model.isPrivate())
          model->erase();
  }
};

} // namespace

FailureOr<size_t> buildStructure(ModelOp model) {
  StructureBuilder builder(model);
  if (failed(builder.build()))
    return failure();
  return builder.primitives;
}

} // namespace ccm
