// SPDX-License-Identifier: Apache-2.0
// Values on other extents of the same axes, brought together.
#pragma once

#include "passes/strategies/Strategy.h"

namespace ccm {

/// How one grid becomes another: along each axis every position is repeated, then windows are
/// taken.
struct Strides {
  llvm::SmallVector<int64_t> repeats, windows;
};

/// The strides from extents to extents: a whole stride, up to padding at the end, where there is
/// one; else the ratio in lowest terms. None where a term exceeds 16.
std::optional<Strides> stridesBetween(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

/// `value` [?, extents, C] as [?, positions, width]: repeated, cut into windows, and by "<name>" an
/// affine map of what a window holds. Positions are such that `stridesBetween` has strides.
mlir::Value bring(PartBuilder &b, llvm::StringRef name, mlir::Value value,
                  llvm::ArrayRef<int64_t> positions, int64_t width);

/// The inputs of a reduce part that joins. Discrete ones are rows of a table "table<n>" of 16
/// values; where a sample lacks an optional one, "missing<n>" stands in.
struct Meeting {
  mlir::Value joined = {}; ///< those on the part's grid, side by side; null: none
  llvm::SmallVector<std::pair<unsigned, mlir::Value>> others; ///< with their numbers
};

Meeting meet(PartBuilder &b, const Site &site, mlir::ValueRange inputs);

/// `value` plus every one of `others` that has strides to its grid, brought there by
/// "<name>.input<n>". A null `value` is zeros on `positions`, `width` wide.
mlir::Value addOthers(PartBuilder &b, llvm::StringRef name, mlir::Value value,
                      const Meeting &meeting, llvm::ArrayRef<int64_t> positions, int64_t width);

/// Whether all inputs of a reduce part that joins can be brought to its grid.
bool canMeet(const Site &site);

} // namespace ccm
