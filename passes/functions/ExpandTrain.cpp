// SPDX-License-Identifier: Apache-2.0
// Builds the loss functions and the optimizer's update on flat chunks.
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_EXPANDTRAIN
#include "passes/Passes.h.inc"

namespace {

/// Offset and factor of an output's scale as arguments, or none.
SmallVector<Value> scalingOf(FunctionBuilder &function, OutputOp output) {
  auto parameters = opsOf<ParameterOp>(output->getParentOfType<ModelOp>());
  return llvm::map_to_vector(output.getScaling(), [&](Value value) {
    auto *found = llvm::find(parameters, value.getDefiningOp<ParameterOp>());
    int64_t number = found - parameters.begin();
    return function.argument(value.getType(), {Region::Params, number});
  });
}

/// What is compared is scaled, and the delta is one of what is not.
LogicalResult expandLoss(FunctionBuilder &function, OutputOp output, int64_t number,
                         int64_t block) {
  OpBuilder &builder = function.builder;
  Value value =
      function.argument(withBatch(output.getValue().getType(), block), {Region::Output, number});
  Value target =
      function.argument(withBatch(output.getTargetType(), block), {Region::Target, number});
  SmallVector<Value> scaling = scalingOf(function, output);
  NestBuilder nests(builder, output.getLoc());
  // A loss is looked up by name; the operation exists only to reach its interface.
  OperationState state(output.getLoc(), ("ccm." + output.getLoss()).str());
  state.addOperands({value, target});
  state.addTypes(RankedTensorType::get({block}, builder.getF32Type()));
  OwningOpRef<Operation *> op(Operation::create(state));
  target = nests.numbersOf(target);
  if (!scaling.empty()) {
    value = ScaleOp::scaled(nests, value, scaling[0], scaling[1]);
    target = ScaleOp::scaled(nests, target, scaling[0], scaling[1]);
  }
  LossBuilder b(builder, output.getLoc(), value, target, ccm::number(output.getWeight()));
  if (failed(cast<LossOpInterface>(*op).buildLoss(b)))
    return failure();
  function.result(b.loss, {Region::Loss, number});
  Value delta =
      scaling.empty() ? b.outputDelta : ScaleOp::inputDelta(nests, b.outputDelta, scaling[1]);
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
