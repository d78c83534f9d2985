// SPDX-License-Identifier: Apache-2.0
// Strides, dense and through reshapes.
#include "ir/Strides.h"
#include "ir/Builders.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ccm {

SmallVector<int64_t> denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = int64_t(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

bool isReshape(Operation *op) {
  return isa_and_present<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

static SmallVector<ReassociationIndices> groupsOf(Operation *reshape) {
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(reshape))
    return expand.getReassociationIndices();
  return cast<tensor::CollapseShapeOp>(reshape).getReassociationIndices();
}

/// Strides of the finer shape from those of the coarser.
static SmallVector<int64_t> splitStrides(ArrayRef<int64_t> coarse,
                                         ArrayRef<ReassociationIndices> groups,
                                         ArrayRef<int64_t> fineShape) {
  SmallVector<int64_t> strides(fineShape.size());
  for (auto [stride, group] : llvm::zip(coarse, groups)) {
    int64_t running = stride;
    for (int64_t dim : llvm::reverse(group)) {
      strides[dim] = running;
      running *= fineShape[dim];
    }
  }
  return strides;
}

/// Strides of the coarser shape from those of the finer; none when a group is not contiguous.
static std::optional<SmallVector<int64_t>> mergeStrides(ArrayRef<int64_t> fine,
                                                        ArrayRef<ReassociationIndices> groups,
                                                        ArrayRef<int64_t> fineShape) {
  SmallVector<int64_t> strides;
  for (const ReassociationIndices &group : groups) {
    int64_t stride = 0, running = 0;
    for (int64_t dim : llvm::reverse(group)) {
      if (fineShape[dim] == 1)
        continue;
      if (running && fine[dim] != running)
        return std::nullopt;
      if (!running)
        stride = fine[dim];
      running = fine[dim] * fineShape[dim];
    }
    strides.push_back(running ? stride : 1);
  }
  return strides;
}

std::optional<SmallVector<int64_t>> stridesAfter(Operation *reshape, ArrayRef<int64_t> strides) {
  if (isa<tensor::ExpandShapeOp>(reshape))
    return splitStrides(strides, groupsOf(reshape), shapeOf(reshape->getResult(0)));
  return mergeStrides(strides, groupsOf(reshape), shapeOf(reshape->getOperand(0)));
}

std::optional<SmallVector<int64_t>> stridesBefore(Operation *reshape, ArrayRef<int64_t> strides) {
  if (isa<tensor::ExpandShapeOp>(reshape))
    return mergeStrides(strides, groupsOf(reshape), shapeOf(reshape->getResult(0)));
  return splitStrides(strides, groupsOf(reshape), shapeOf(reshape->getOperand(0)));
}

} // namespace ccm
