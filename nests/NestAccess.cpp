// SPDX-License-Identifier: Apache-2.0
// Reads of tensors seen through slices and reshapes.
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nests/NestClass.h"

using namespace mlir;

namespace ccm {

static SmallVector<AffineExpr> throughSlice(tensor::ExtractSliceOp op, ArrayRef<AffineExpr> at) {
  SmallVector<AffineExpr> indices;
  llvm::SmallBitVector dropped = op.getDroppedDims();
  MLIRContext *context = op.getContext();
  unsigned next = 0;
  for (unsigned dim = 0; dim < dropped.size(); ++dim) {
    AffineExpr index = dropped[dim] ? getAffineConstantExpr(0, context) : at[next++];
    indices.push_back(index ? index * op.getStaticStride(dim) + op.getStaticOffset(dim) : index);
  }
  return indices;
}

static SmallVector<AffineExpr> throughExpand(tensor::ExpandShapeOp op, ArrayRef<AffineExpr> at) {
  SmallVector<AffineExpr> indices;
  ArrayRef<int64_t> shape = op.getResultType().getShape();
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    AffineExpr index = getAffineConstantExpr(0, op.getContext());
    for (int64_t dim : group)
      if (shape[dim] != 1)
        index = index && at[dim] ? index * shape[dim] + at[dim] : AffineExpr();
    indices.push_back(index);
  }
  return indices;
}

/// The index of each dim of a group of `shape` when the whole group is indexed by `at`.
static void splitIndex(AffineExpr at, ArrayRef<int64_t> shape, SmallVector<AffineExpr> &indices) {
  int64_t inner = 1;
  SmallVector<AffineExpr> reversed;
  int64_t outer = ShapedType::getNumElements(shape);
  for (int64_t extent : llvm::reverse(shape)) {
    outer /= extent;
    AffineExpr index = at;
    if (extent == 1)
      index = at ? getAffineConstantExpr(0, at.getContext()) : at;
    else if (index) {
      index = index.floorDiv(inner);
      index = outer == 1 ? index : index % extent;
    }
    reversed.push_back(index);
    inner *= extent;
  }
  indices.append(reversed.rbegin(), reversed.rend());
}

static SmallVector<AffineExpr> throughCollapse(tensor::CollapseShapeOp op,
                                               ArrayRef<AffineExpr> at) {
  SmallVector<AffineExpr> indices;
  ArrayRef<int64_t> shape = op.getSrcType().getShape();
  for (auto [number, group] : llvm::enumerate(op.getReassociationIndices()))
    splitIndex(at[number], shape.slice(group.front(), group.size()), indices);
  if (indices.empty())
    indices.assign(shape.size(), getAffineConstantExpr(0, op.getContext()));
  return indices;
}

Access stepThroughView(Value value, ArrayRef<AffineExpr> indices) {
  if (auto op = value.getDefiningOp<tensor::ExtractSliceOp>())
    return {op.getSource(), throughSlice(op, indices)};
  if (auto op = value.getDefiningOp<tensor::ExpandShapeOp>())
    return {op.getSrc(), throughExpand(op, indices)};
  if (auto op = value.getDefiningOp<tensor::CollapseShapeOp>())
    return {op.getSrc(), throughCollapse(op, indices)};
  return {};
}

Access accessOf(Value value, ArrayRef<AffineExpr> indices) {
  if (Access behind = stepThroughView(value, indices); behind.source)
    return accessOf(behind.source, behind.indices);
  if (auto op = value.getDefiningOp<tensor::PadOp>())
    return accessOf(op.getSource(), SmallVector<AffineExpr>(indices.size()));
  return {value, SmallVector<AffineExpr>(indices)};
}

Access accessOf(OpOperand &operand) {
  auto op = cast<linalg::LinalgOp>(operand.getOwner());
  return accessOf(operand.get(), op.getMatchingIndexingMap(&operand).getResults());
}

Access readOf(const Nest &nest, OpOperand &operand) {
  if (nest.views == Views::Through)
    return accessOf(operand);
  auto op = cast<linalg::LinalgOp>(operand.getOwner());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  return {operand.get(), SmallVector<AffineExpr>(map.getResults())};
}

} // namespace ccm
