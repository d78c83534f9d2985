// SPDX-License-Identifier: Apache-2.0
// Interface defaults: a primitive's cost, counted from the nests it builds.
#include "ir/Ccm.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

#include "ir/CcmInterfaces.cpp.inc"

namespace ccm {

Cost &Cost::operator+=(const Cost &other) {
  auto add = [](int64_t &a, int64_t b) {
    if (llvm::AddOverflow(a, b, a))
      a = INT64_MAX;
  };
  add(macs, other.macs);
  add(bytes, other.bytes);
  add(parameters, other.parameters);
  add(internals, other.internals);
  return *this;
}

Cost operator+(Cost a, const Cost &b) { return a += b; }

static int64_t product(ArrayRef<int64_t> extents) {
  int64_t result = 1;
  for (int64_t extent : extents)
    if (llvm::MulOverflow(result, extent, result))
      return INT64_MAX;
  return result;
}

static int64_t bytesOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? product(type.getShape()) * (type.getElementTypeBitWidth() / 8) : 0;
}

/// A sum of products of two operands: what counts as multiply-adds.
static bool isContraction(linalg::GenericOp nest) {
  if (nest.getNumReductionLoops() == 0 || nest.getNumResults() != 1)
    return false;
  auto sum = nest.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  for (Value term : sum ? ValueRange(sum->getOperands()) : ValueRange())
    if (auto multiply = term.getDefiningOp<arith::MulFOp>()) {
      auto left = dyn_cast<BlockArgument>(multiply.getLhs());
      auto right = dyn_cast<BlockArgument>(multiply.getRhs());
      return left && right && left != right;
    }
  return false;
}

static Cost costOfNest(linalg::GenericOp nest) {
  Cost cost;
  if (isContraction(nest))
    cost.macs = product(nest.getStaticLoopRanges());
  for (Value value : nest.getDpsInputs())
    cost.bytes += bytesOf(value);
  for (Value value : nest->getResults())
    cost.bytes += bytesOf(value);
  return cost;
}

static int64_t canonicalElements(Value value) {
  auto parameter = value.getDefiningOp<ParameterOp>();
  return parameter ? product(parameter.getShape())
                   : cast<RankedTensorType>(value.getType()).getNumElements();
}

static Cost costOfBlock(Block &block, const ForwardBuilder &b) {
  Cost cost;
  for (auto nest : block.getOps<linalg::GenericOp>())
    cost += costOfNest(nest);
  for (Value value : b.kept)
    cost.internals += bytesOf(value);
  if (!block.getOps<linalg::GenericOp>().empty())
    cost.internals += bytesOf(b.result);
  return cost;
}

FailureOr<Cost> countBuiltNests(Operation *op) {
  Block block;
  for (Value operand : op->getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    block.addArgument(type.isDynamicDim(0) ? withBatch(type, 1) : type, op->getLoc());
  }
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&block);
  ForwardBuilder b(builder, op->getLoc(), block.getArguments());
  if (failed(cast<ForwardOpInterface>(op).buildForward(b)))
    return failure();
  Cost cost = costOfBlock(block, b);
  if (auto trained = dyn_cast<TrainOpInterface>(op))
    for (unsigned number : trained.getTrainedOperands())
      cost.parameters += canonicalElements(op->getOperand(number));
  // Uses inside the block keep operations from being erased in order: drop them first.
  block.dropAllReferences();
  return cost;
}

} // namespace ccm
