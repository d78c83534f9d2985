// SPDX-License-Identifier: Apache-2.0
// Strides of dense tensors, and of what is seen through reshapes.
#pragma once

#include "mlir/IR/Operation.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>

namespace ccm {

/// Element strides of a dense row-major tensor, outermost first.
llvm::SmallVector<int64_t> denseStrides(llvm::ArrayRef<int64_t> shape);

/// tensor.expand_shape or tensor.collapse_shape; null is neither.
bool isReshape(mlir::Operation *op);

/// Strides of a reshape's result from those of its operand; none where one stride does not say it.
///   tensor<4x6> [100, 1] expanded to <4x2x3>: [100, 3, 1]; collapsed to <24>: none
std::optional<llvm::SmallVector<int64_t>> stridesAfter(mlir::Operation *reshape,
                                                       llvm::ArrayRef<int64_t> strides);
/// The other way: strides of its operand from those of its result.
std::optional<llvm::SmallVector<int64_t>> stridesBefore(mlir::Operation *reshape,
                                                        llvm::ArrayRef<int64_t> strides);

} // namespace ccm
