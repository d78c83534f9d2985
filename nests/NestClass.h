// SPDX-License-Identifier: Apache-2.0
// What kind of loop nest this is, read off its iterators, maps and body alone.
#pragma once

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace ccm {

/// Classes that are scheduled differently.
enum class NestClass {
  Elementwise,     ///< no reduction
  Contraction,     ///< sum of products, every loop stands alone in the operands' indices
  Window,          ///< sum of products whose taps move along the rows
  Weights,         ///< sum of products over positions whose taps are dims of the result
  RowReduction,    ///< reduces what lies side by side in memory
  ColumnReduction, ///< reduces across rows; neighbours in the result are neighbours in the operand
  Reduction,       ///< any other reduction
  Scatter,         ///< adds rows of an operand to rows of the result that indices choose, or
                   ///< writes them there
};

llvm::StringRef toString(NestClass kind);

/// A `linalg.generic` without reduced loops; null is none.
bool isElementwise(mlir::Operation *op);

/// How a reduction joins a term to what it has.
enum class Combiner { Add, Max, Min, Other };

/// A yielded value of a reduction: combiner(what it has, term).
struct Combination {
  Combiner combiner = Combiner::Other;
  mlir::Value term;
};

/// What body result `number` of a reduction adds, or `Other` when the form is unknown.
Combination combinationOf(mlir::linalg::LinalgOp op, unsigned number);

/// A tensor as a nest reads it, seen through views: the value that holds the elements and, for each
/// of its dims, the index over the reader's loops; null where no affine expression says it.
struct Access {
  mlir::Value source;
  llvm::SmallVector<mlir::AffineExpr> indices;
  bool destination = false; ///< the nest updates what it reads here
};

/// One slice or reshape behind `value`, indexed by `indices`; no source when there is none.
Access stepThroughView(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> indices);

/// Follows slices and reshapes of `value`, indexed by `indices`, to where the elements lie.
Access accessOf(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> indices);

/// The access of one operand of a nest.
Access accessOf(mlir::OpOperand &operand);

/// The parts of a scatter: result[index, ...] += term, along result dim `dim`, or = term where it
/// `replaces`.
struct OneHot {
  unsigned dim;
  mlir::Value index, term;
  bool replaces;
};

/// How a reduction that is no product joins its terms: a property of the nest, so that its result
/// is the same whatever computes it. The densest sum is cut into `blocks` runs of `steps` times
/// `width` elements. In a run, `width` partial results take every `width`-th element each, one
/// after the other, and are joined pairwise, the first half with the second. The run's result joins
/// what the nest has, run by run, the other sums outside. At last the `rest` elements after the
/// runs follow one by one. Width 1: all terms follow one by one.
struct PartialSums {
  int64_t width = 1, steps = 0, blocks = 0, rest = 0;
};

/// Whether nests read through slices, reshapes and padding, or these stand outside of what is
/// looked at, as they do before kernels are formed.
enum class Views { Through, Outside };

/// A nest and the roles of its loops. "Dim" is a position in the result, "loop" one in the nest.
struct Nest {
  mutable mlir::linalg::LinalgOp op; ///< mutable, as MLIR's accessors are not const
  Views views = Views::Through;
  NestClass kind = NestClass::Elementwise;
  llvm::SmallVector<int64_t> extents;  ///< per loop
  llvm::SmallVector<unsigned> results; ///< loop of each dim, outermost first
  /// Reduced loops, the innermost first. Terms of a product are added in their order; of a window,
  /// the first tap is innermost and the others are outside of what is no tap.
  llvm::SmallVector<unsigned> sums;
  PartialSums partial; ///< reductions that are no products
  /// Sums of so many terms or runs that each addition passes on to the next what it lost (Kahan):
  /// they err by little more than one rounding, however many rows there are.
  bool isCompensated = false;
  /// Innermost dim of more than one element; none for a single element.
  std::optional<unsigned> lane;
  /// Products only, dims innermost first: those of the operand without the lane dim, those of the
  /// operand with it, and those of both or neither.
  llvm::SmallVector<unsigned> rows, columns, batches;
  /// Products only: reduced loops that are added to a row, and column or row dims added to a loop.
  llvm::SmallVector<unsigned> sumTaps, dimTaps;
  /// Scatters only.
  std::optional<OneHot> oneHot;

  bool isProduct() const;
  bool isReduction() const { return !sums.empty(); }
  int64_t extentOfDim(unsigned dim) const { return extents[results[dim]]; }
  /// Elements of one result.
  int64_t elements() const;
};

/// Classifies a nest. Fails, with a diagnostic at the op, when a result is not indexed by distinct
/// loops or the results are indexed differently.
mlir::FailureOr<Nest> classify(mlir::linalg::LinalgOp op, Views views = Views::Through);

/// The access of one operand of a nest, through views where the nest is looked at so.
Access readOf(const Nest &nest, mlir::OpOperand &operand);

/// "window rows [1, 0] columns [2] sums [6, 4, 5]", for people.
std::string describe(const Nest &nest);

} // namespace ccm
