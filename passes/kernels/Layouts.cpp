// SPDX-License-Identifier: Apache-2.0
// Computes layouts: destinations first, from their readers; then every value in order.
#include "passes/kernels/Layouts.h"

using namespace mlir;

namespace ccm {

int64_t bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * (type.getElementTypeBitWidth() / 8);
}

bool isView(Operation *op) { return isReshape(op) || isa_and_present<tensor::ExtractSliceOp>(op); }

OpOperand *inPlaceOperand(OpResult result) {
  if (auto kernel = dyn_cast<KernelOp>(result.getOwner())) {
    auto number = kernel.getInPlaceOperand(result.getResultNumber());
    return number ? &kernel->getOpOperand(*number) : nullptr;
  }
  auto nest = dyn_cast<linalg::GenericOp>(result.getOwner());
  if (!nest)
    return nullptr;
  OpOperand *init = nest.getDpsInitOperand(result.getResultNumber());
  return isa_and_present<tensor::EmptyOp, linalg::FillOp>(init->get().getDefiningOp()) ? nullptr
                                                                                       : init;
}

Layouts::Layouts(func::FuncOp function) : function(function) {
  Block &block = function.getBody().front();
  for (Operation &op : block)
    claimDestinations(op);
  for (BlockArgument argument : block.getArguments())
    layouts[argument] = {argument, 0, denseStrides(shapeOf(argument))};
  for (Operation &op : block)
    place(op);
}

bool Layouts::isDense(Value value) const {
  auto dense = denseStrides(shapeOf(value));
  for (auto [extent, found, expected] : llvm::zip(shapeOf(value), of(value).strides, dense))
    if (extent != 1 && found != expected)
      return false;
  return true;
}

std::optional<unsigned> Layouts::returnedAs(Value root) const {
  auto at = returned.find(root);
  return at == returned.end() ? std::nullopt : std::optional<unsigned>(at->second);
}

/// The tensor.empty that a chain of insertions fills, or the value itself.
Value Layouts::startOfInsertions(Value value) const {
  while (auto insert = value.getDefiningOp<tensor::InsertSliceOp>())
    value = insert.getDest();
  return value;
}

static int64_t offsetOf(ArrayRef<int64_t> starts, ArrayRef<int64_t> strides) {
  int64_t offset = 0;
  for (auto [start, stride] : llvm::zip(starts, strides))
    offset += start * stride;
  return offset;
}

void Layouts::claimDestinations(Operation &op) {
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    auto strides = denseStrides(shapeOf(pad.getResult()));
    claim(pad.getSourceMutable(),
          {pad.getResult(), offsetOf(pad.getStaticLow(), strides), strides});
  } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    auto strides = denseStrides(shapeOf(insert.getResult()));
    claim(insert.getSourceMutable(), {startOfInsertions(insert.getResult()),
                                      offsetOf(insert.getStaticOffsets(), strides), strides});
  } else if (isa<func::ReturnOp>(op)) {
    for (OpOperand &operand : op.getOpOperands())
      claimReturn(operand);
  } else if (isa<linalg::GenericOp>(op)) {
    for (OpResult result : op.getResults())
      if (OpOperand *init = inPlaceOperand(result); init && !init->get().hasOneUse())
        needCopy.push_back(init);
  }
}

/// A result may be a computed, padded or concatenated value, reshaped; each once. An accumulator
/// that is returned in its own role already lies where it must.
void Layouts::claimReturn(OpOperand &operand) {
  Value value = operand.get();
  while (isReshape(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  value = startOfInsertions(value);
  Operation *producer = value.getDefiningOp();
  Value chain = value;
  while (auto result = dyn_cast<OpResult>(chain)) {
    OpOperand *init = inPlaceOperand(result);
    if (!init)
      break;
    chain = init->get();
    while (isReshape(chain.getDefiningOp()))
      chain = chain.getDefiningOp()->getOperand(0);
  }
  if (auto argument = dyn_cast<BlockArgument>(chain)) {
    if (chain == value || function.getArgAttrDict(argument.getArgNumber()) !=
                              function.getResultAttrDict(operand.getOperandNumber()))
      needCopy.push_back(&operand);
    return;
  }
  bool ownsBuffer =
      isa_and_present<linalg::GenericOp, KernelOp, tensor::PadOp, tensor::EmptyOp>(producer) &&
      chain == value;
  if (!ownsBuffer || claims.contains(value) ||
      !returned.try_emplace(value, operand.getOperandNumber()).second)
    needCopy.push_back(&operand);
}

/// Walks up from a destination to the nest that computes the value, which then writes there.
void Layouts::claim(OpOperand &operand, Layout layout) {
  Value value = operand.get();
  while (isReshape(value.getDefiningOp())) {
    auto strides = stridesBefore(value.getDefiningOp(), layout.strides);
    if (!strides || !value.hasOneUse()) {
      needCopy.push_back(&operand);
      return;
    }
    layout.strides = *strides;
    value = value.getDefiningOp()->getOperand(0);
  }
  auto result = dyn_cast<OpResult>(value);
  if (!result || !isa<linalg::GenericOp, KernelOp>(result.getOwner()) || inPlaceOperand(result) ||
      returned.contains(value) || !claims.try_emplace(value, layout).second)
    needCopy.push_back(&operand);
}

std::optional<Layout> Layouts::inPlaceLayout(OpResult result) {
  OpOperand *init = inPlaceOperand(result);
  if (!init)
    return std::nullopt;
  auto at = layouts.find(init->get());
  return at == layouts.end() ? std::nullopt : std::optional<Layout>(at->second);
}

void Layouts::place(Operation &op) {
  if (isView(&op))
    return placeView(op);
  for (OpResult result : op.getResults()) {
    if (!isa<RankedTensorType>(result.getType()))
      continue;
    Layout own{startOfInsertions(result), 0, denseStrides(shapeOf(result))};
    if (auto inPlace = inPlaceLayout(result))
      own = *inPlace;
    else if (auto at = claims.find(result); at != claims.end())
      own = at->second;
    layouts[result] = own;
  }
}

void Layouts::placeView(Operation &op) {
  Layout layout = of(op.getOperand(0));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    layout.offset += offsetOf(slice.getStaticOffsets(), layout.strides);
    for (auto [stride, step] : llvm::zip(layout.strides, slice.getStaticStrides()))
      stride *= step;
  } else if (auto strides = stridesAfter(&op, layout.strides)) {
    layout.strides = *strides;
  } else {
    needCopy.push_back(&op.getOpOperand(0));
    layout.strides = denseStrides(shapeOf(op.getResult(0)));
  }
  layouts[op.getResult(0)] = layout;
}

} // namespace ccm
