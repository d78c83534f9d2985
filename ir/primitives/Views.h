// SPDX-License-Identifier: Apache-2.0
// Shapes that several primitives share: rows, panels and frames of a value, mostly views.
#pragma once

#include "ir/Builders.h"

namespace ccm {

using Extents = llvm::SmallVector<int64_t>;

/// Extents of a result of `type` when the block has `batch` samples.
Extents extentsOf(mlir::Type type, int64_t batch);

/// [.., C] as [R, C].
mlir::Value rowsOf(NestBuilder &b, mlir::Value value);

/// Zeros after the last axis, up to `extent` elements.
mlir::Value padLast(NestBuilder &b, mlir::Value value, int64_t extent);

/// [.., O] as [.., panels, width], with zeros after the last column.
mlir::Value toPanels(NestBuilder &b, mlir::Value value, int64_t panels, int64_t width);

/// The inverse: [.., panels, width] as `extents`, whose last one drops the padding.
mlir::Value fromPanels(NestBuilder &b, mlir::Value value, llvm::ArrayRef<int64_t> extents);

/// extents[d] elements from starts[d] on along every axis, zeros outside the value. Starts may be
/// negative; the frame and the value must overlap.
mlir::Value frame(NestBuilder &b, mlir::Value value, llvm::ArrayRef<int64_t> starts,
                  llvm::ArrayRef<int64_t> extents);

} // namespace ccm
