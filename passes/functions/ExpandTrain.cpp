// SPDX-License-Identifier: Apache-2.0
// Builds the loss functions and the optimizer's update on flat chunks.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_EXPANDTRAIN
#include "passes/Passes.h.inc"

namespace {

/// A parameter as an argument.
Value argumentOf(FunctionBuilder &function, Value parameter) {
  auto op = parameter.getDefiningOp<ParameterOp>();
  auto parameters = opsOf<ParameterOp>(op->getParentOfType<ModelOp>());
  int64_t number = llvm::find(parameters, op) - parameters.begin();
  return function.argument(parameter.getType(), {Region::Params, number});
}

/// The weights of a block's samples, [block], or null where the output has none.
Value weightsOf(FunctionBuilder &function, OutputOp output, int64_t block) {
  InputOp weight = output.findWeight();
  if (!weight)
    return nullptr;
  auto inputs = opsOf<InputOp>(output->getParentOfType<ModelOp>());
  int64_t number = llvm::find(inputs, weight) - inputs.begin();
  Value given = function.argument(withBatch(weight.getType(), block), {Region::Input, number});
  return NestBuilder(function.builder, output.getLoc()).reshape(given, {block});
}

/// Each sample's value times its weight, where there are weights.
Value weighed(NestBuilder &b, Value value, Value weights) {
  if (!weights)
    return value;
  std::string axes = axisNames(value);
  return b.map(axes + ", d0 -> " + axes, {value, weights},
               [](ArrayRef<Scalar> s) { return s[0] * s[1]; });
}

/// A loss as an operation: it is looked up by name, and exists only to reach its interface.
OwningOpRef<Operation *> lossOf(OutputOp output, ArrayRef<Value> operands, int64_t block) {
  OpBuilder builder(output->getContext());
  OperationState state(output.getLoc(), ("ccm." + output.getLoss()).str());
  state.addOperands(operands);
  state.addTypes(RankedTensorType::get({block}, builder.getF32Type()));
  if (output.getVocabulary())
    state.addAttribute("smoothing", output.getSmoothingAttr());
  return Operation::create(state);
}

/// What is compared is scaled, and the delta is one of what is not.
LogicalResult expandLoss(FunctionBuilder &function, OutputOp output, int64_t number,
                         int64_t block) {
  Value value =
      function.argument(withBatch(output.getValue().getType(), block), {Region::Output, number});
  Value target =
      function.argument(withBatch(output.getTargetType(), block), {Region::Target, number});
  SmallVector<Value> scaling = llvm::map_to_vector(
      output.getScaling(), [&](Value parameter) { return argumentOf(function, parameter); });
  Value classWeights = output.getWeighing() ? argumentOf(function, output.getWeighing()) : Value();
  Value weights = weightsOf(function, output, block);
  SmallVector<Value> operands{value, target};
  if (classWeights)
    operands.push_back(classWeights);
  OwningOpRef<Operation *> op = lossOf(output, operands, block);
  NestBuilder nests(function.builder, output.getLoc());
  target = nests.numbersOf(target);
  if (!scaling.empty())
    value = ScaleOp::scaled(nests, value, scaling[0], scaling[1]);
  if (!scaling.empty() && output.getScale() != Scale::Calibrated)
    target = ScaleOp::scaled(nests, target, scaling[0], scaling[1]);
  LossBuilder b(function.builder, output.getLoc(), value, target, classWeights,
                ccm::number(output.getWeight()));
  if (failed(cast<LossOpInterface>(*op).buildLoss(b)))
    return failure();
  function.result(weighed(nests, b.loss, weights), {Region::Loss, number});
  Value delta = weighed(nests, b.outputDelta, weights);
  if (!scaling.empty())
    delta = ScaleOp::inputDelta(nests, delta, scaling[1]);
  function.result(delta, {Region::OutputDelta, number});
  return success();
}

LogicalResult expandLosses(ModelOp model, int64_t block) {
  FunctionBuilder function(model, EntryKind::Loss, block);
  for (auto [number, output] : llvm::enumerate(opsOf<OutputOp>(model)))
    if (failed(expandLoss(function, output, number, block)))
      return failure();
  function.finish();
  return success();
}

/// The body: block arguments are delta, the numbers of the step, parameter, states.
void buildUpdate(OpBuilder &builder, Location loc, OptimizerOpInterface optimizer,
                 ValueRange arguments) {
  SmallVector<Scalar> s;
  for (Value argument : arguments)
    s.push_back(Scalar(builder, loc, argument));
  auto number = [&](HyperNumber which) { return s[1 + size_t(which)]; };
  Hyper hyper{number(HyperNumber::Rate), number(HyperNumber::Correction1),
              number(HyperNumber::Correction2), number(HyperNumber::Decay)};
  Scalar delta = s[0] * number(HyperNumber::Scale);
  auto states = ArrayRef(s).drop_front(kHyperNumbers + 2);
  SmallVector<Value> yielded;
  for (Scalar value : optimizer.update(s[kHyperNumbers + 1], delta, states, hyper))
    yielded.push_back(value.get());
  linalg::YieldOp::create(builder, loc, yielded);
}

LogicalResult expandUpdate(ModelOp model, int64_t elements) {
  FailureOr<OwningOpRef<Operation *>> op = createOptimizer(model);
  if (failed(op))
    return failure();
  auto optimizer = cast<OptimizerOpInterface>(**op);
  FunctionBuilder function(model, EntryKind::Update, elements);
  OpBuilder &builder = function.builder;
  auto flat = RankedTensorType::get({elements}, builder.getF32Type());
  SmallVector<Value> inits{function.argument(flat, {Region::Params, 0})};
  Value delta = function.argument(flat, {Region::Delta, 0});
  for (unsigned i = 0; i < optimizer.getStateCount(); ++i)
    inits.push_back(function.argument(flat, {Region::State, i}));
  Value hyper = function.argument(RankedTensorType::get({kHyperCount}, builder.getF32Type()),
                                  {Region::Hyper, 0});
  SmallVector<Value> inputs{delta};
  AffineMap identity = builder.getMultiDimIdentityMap(1);
  SmallVector<AffineMap> maps{identity};
  for (int64_t i = 0; i < kHyperNumbers; ++i) {
    inputs.push_back(hyper);
    maps.push_back(AffineMap::get(1, 0, builder.getAffineConstantExpr(i)));
  }
  maps.append(inits.size(), identity);
  auto nest = linalg::GenericOp::create(builder, model.getLoc(), TypeRange(ValueRange(inits)),
                                        inputs, inits, maps, utils::IteratorType::parallel,
                                        [&](OpBuilder &body, Location loc, ValueRange arguments) {
                                          buildUpdate(body, loc, optimizer, arguments);
                                        });
  for (auto [i, value] : llvm::enumerate(nest.getResults()))
    function.result(value, i == 0 ? Role{Region::Params, 0} : Role{Region::State, int64_t(i) - 1});
  function.finish();
  return success();
}

struct ExpandTrain : impl::ExpandTrainBase<ExpandTrain> {
  LogicalResult expand(ModelOp model) {
    for (int64_t block : blocksOf(model))
      if (failed(expandLosses(model, block)))
        return failure();
    for (int64_t elements : {kLargeChunk, kSmallChunk})
      if (failed(expandUpdate(model, elements)))
        return failure();
    return success();
  }

  void runOnOperation() override {
    for (ModelOp model : llvm::to_vector(getOperation().getOps<ModelOp>()))
      if (failed(expand(model)))
        return signalPassFailure();
  }
};
} // namespace
} // namespace ccm
