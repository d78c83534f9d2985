// SPDX-License-Identifier: Apache-2.0
// What a kernel holds and where its results go; the printed form of a plan.
#include "codegen/plan/KernelPlan.h"
#include "codegen/plan/PlanStages.h"
#include "llvm/Support/InterleavedRange.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace ccm {

std::optional<unsigned> KernelPlan::groupOf(Value value) const {
  for (auto [number, group] : llvm::enumerate(groups))
    for (unsigned result : group.results)
      if (sinks[result].value == value)
        return number;
  return std::nullopt;
}

static LogicalResult checkElementType(Operation *op, Type type) {
  Type element = getElementTypeOrSelf(type);
  if (element.isF32() || element.isInteger(32) || element.isInteger(8) || element.isInteger(1) ||
      element.isIndex())
    return success();
  return op->emitOpError() << "expects elements of type f32, i32, i8 or i1 in a kernel, got "
                           << element;
}

/// Kernels count elements in 32 bits: from the first of a tensor to its last must be fewer.
static LogicalResult checkSpan(Operation *op, const Twine &what, ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> strides) {
  int64_t span = 1, reach;
  for (auto [extent, stride] : llvm::zip(shape, strides)) {
    if (llvm::MulOverflow(extent - 1, stride, reach) || llvm::AddOverflow(span, reach, span))
      return op->emitOpError() << "expects strides of " << what << " that fit its extents";
  }
  if (span <= INT32_MAX)
    return success();
  return op->emitOpError() << "expects " << what << " to span at most " << INT32_MAX
                           << " elements, got " << span;
}

static LogicalResult checkSpans(KernelOp kernel, const KernelPlan &plan) {
  for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes()))
    if (failed(checkSpan(kernel, "operand " + Twine(number), cast<ShapedType>(type).getShape(),
                         plan.operandStrides[number])))
      return failure();
  for (auto [number, sink] : llvm::enumerate(plan.sinks))
    if (failed(checkSpan(kernel, "result " + Twine(number), sink.shape, sink.strides)))
      return failure();
  for (const Nest &nest : plan.nests)
    for (Value value : nest.op->getResults())
      if (auto shape = cast<ShapedType>(value.getType()).getShape();
          failed(checkSpan(nest.op, "a value", shape, denseStrides(shape))))
        return failure();
  return success();
}

static LogicalResult collectNests(KernelOp kernel, KernelPlan &plan) {
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    for (Type type : op.getResultTypes())
      if (failed(checkElementType(&op, type)))
        return failure();
    auto nest = dyn_cast<linalg::LinalgOp>(op);
    if (nest && !isa<linalg::FillOp>(op)) {
      auto classified = classify(nest);
      if (failed(classified))
        return failure();
      plan.numbers[&op] = plan.nests.size();
      plan.nests.push_back(std::move(*classified));
    } else if (!nest && !isa<arith::ConstantOp, tensor::EmptyOp, tensor::ExtractSliceOp,
                             tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::PadOp>(op)) {
      return op.emitOpError() << "expects loop nests, views and constants in a kernel, got '"
                              << op.getName() << "'";
    }
  }
  return success();
}

SmallVector<int64_t> stridesOf(ArrayAttr attribute, unsigned number, Type type) {
  if (attribute)
    if (auto strides = dyn_cast<DenseI64ArrayAttr>(attribute[number]); strides && !strides.empty())
      return SmallVector<int64_t>(strides.asArrayRef());
  return denseStrides(cast<ShapedType>(type).getShape());
}

/// Looks through reshapes of a yielded value, so that its nest stores it directly.
static void peel(Sink &sink) {
  while (isReshape(sink.value.getDefiningOp())) {
    Operation *reshape = sink.value.getDefiningOp();
    auto before = stridesBefore(reshape, sink.strides);
    if (!before)
      return;
    sink.strides = *before;
    sink.value = reshape->getOperand(0);
    sink.shape = SmallVector<int64_t>(cast<ShapedType>(sink.value.getType()).getShape());
  }
}

std::optional<unsigned> startOfChain(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto nest = dyn_cast<linalg::LinalgOp>(op))
      value = nest.getDpsInitOperand(cast<OpResult>(value).getResultNumber())->get();
    else if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
      value = op->getOperand(0);
    else
      return std::nullopt;
  }
  return cast<BlockArgument>(value).getArgNumber();
}

static void collectSinks(KernelOp kernel, KernelPlan &plan) {
  for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes()))
    plan.operandStrides.push_back(stridesOf(kernel.getOperandStridesAttr(), number, type));
  Operation *yield = kernel.getBody().front().getTerminator();
  for (auto [number, value] : llvm::enumerate(yield->getOperands())) {
    Sink sink;
    sink.value = value;
    sink.shape = SmallVector<int64_t>(cast<ShapedType>(value.getType()).getShape());
    sink.inPlace = startOfChain(value);
    ArrayAttr results = kernel.getResultStridesAttr();
    if (!results && sink.inPlace && kernel.getInPlaceOperand(number))
      sink.strides = stridesOf(kernel.getOperandStridesAttr(), *sink.inPlace, value.getType());
    else
      sink.strides = stridesOf(results, number, value.getType());
    peel(sink);
    plan.sinks.push_back(std::move(sink));
  }
}

FailureOr<KernelPlan> planKernel(KernelOp kernel, const Target &target, PlanLevel level) {
  KernelPlan plan;
  if (failed(collectNests(kernel, plan)))
    return failure();
  collectSinks(kernel, plan);
  if (failed(checkSpans(kernel, plan)))
    return failure();
  if (failed(formGroups(kernel, plan)))
    return failure();
  planStages(plan, target, level);
  if (level == PlanLevel::Fast)
    planTasks(kernel, plan);
  return plan;
}

static void print(llvm::raw_ostream &os, const KernelPlan &plan, const Stage &stage) {
  const Nest &nest = plan.nests[stage.nest];
  os << "  " << describe(nest);
  switch (stage.placement) {
  case Placement::Root:
    os << ", first";
    break;
  case Placement::Loop:
    os << ", in loop " << stage.depth;
    break;
  case Placement::Tile:
    os << ", in the tile";
    break;
  case Placement::Inline:
    os << ", inline";
    break;
  }
  if (nest.isReduction() && nest.kind != NestClass::RowReduction &&
      stage.placement != Placement::Inline)
    os << ", " << describe(stage.tile);
  if (stage.lanes > 1)
    os << ", lanes " << stage.lanes;
  if (stage.packed)
    os << ", packs operand " << *stage.packed;
  os << "\n";
}

std::string describe(const KernelPlan &plan) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const Stage &stage : plan.shared)
    print(os << "shared", plan, stage);
  for (const Group &group : plan.groups) {
    os << "store [" << llvm::interleaved(group.shape) << "]";
    if (group.once)
      os << " in place";
    if (group.scatter)
      os << " scatter";
    os << " order [" << llvm::interleaved(group.order) << "] " << describe(group.tile);
    if (group.cut)
      os << ", " << group.cut->tasks << " tasks along " << group.cut->dim;
    os << "\n";
    for (const Stage &stage : group.stages)
      print(os, plan, stage);
  }
  return text;
}

} // namespace ccm
