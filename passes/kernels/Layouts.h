// SPDX-License-Identifier: Apache-2.0
// Where the tensors of a function lie relative to each other: views, padded interiors, in-place.
#pragma once

#include "ir/Strides.h"
#include "passes/functions/Expansion.h"

namespace ccm {

/// A tensor as a strided window of the buffer of `root`; offset and strides are in elements.
struct Layout {
  mlir::Value root;
  int64_t offset = 0;
  llvm::SmallVector<int64_t> strides;
};

int64_t bytesOf(mlir::Value value);
/// Expand, collapse or slice: no bytes move.
bool isView(mlir::Operation *op);

/// Layouts of all tensors of a function of nests or kernels. Every computed value has at most one
/// destination: a padded buffer or a concatenation that it is written into, or a result of the
/// function. Operands that would need a second one, and reshapes that strides cannot express, are
/// listed in `needCopy`; the layouts are complete when that list is empty.
///
///     %v = nest                  root %p, offset 5, strides [4, 1]   written into the interior
///     %p = tensor.pad %v         root %p, offset 0, strides [4, 1]   . . . .
///     %s = extract_slice %p      root %p, offset 4, strides [4, 1]   . v v .
///     %e = expand_shape %s       root %p, offset 4, strides …        . . . .
class Layouts {
public:
  explicit Layouts(mlir::func::FuncOp function);

  const Layout &of(mlir::Value value) const { return layouts.at(value); }
  bool isDense(mlir::Value value) const;
  /// Takes over that `to` stands in the place of `from`.
  void replace(mlir::Value from, mlir::Value to) { layouts[to] = layouts.at(from); }
  /// The function's result that a buffer's root is returned as, or none.
  std::optional<unsigned> returnedAs(mlir::Value root) const;

  llvm::SmallVector<mlir::OpOperand *> needCopy;

private:
  void claimDestinations(mlir::Operation &op);
  void claimReturn(mlir::OpOperand &operand);
  void claim(mlir::OpOperand &operand, Layout layout);
  mlir::Value startOfInsertions(mlir::Value value) const;
  void place(mlir::Operation &op);
  void placeView(mlir::Operation &op);
  std::optional<Layout> inPlaceLayout(mlir::OpResult result);

  mlir::func::FuncOp function;
  llvm::DenseMap<mlir::Value, Layout> claims;
  llvm::DenseMap<mlir::Value, unsigned> returned;
  std::map<mlir::Value, Layout, bool (*)(mlir::Value, mlir::Value)> layouts{
      [](mlir::Value a, mlir::Value b) { return a.getAsOpaquePointer() < b.getAsOpaquePointer(); }};
};

/// The operand that a nest's or kernel's result is written over, or null.
mlir::OpOperand *inPlaceOperand(mlir::OpResult result);

} // namespace ccm
