// SPDX-License-Identifier: Apache-2.0
// The numbers by which training changes an input's samples, as `augment` of `ccm.input` has them.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/ArrayRef.h"

namespace ccm {

/// One of them: 0 changes nothing.
struct AugmentNumber {
  llvm::StringLiteral name;
  double most;  ///< from 0 to this
  bool isWhole; ///< and an integer
  bool moves;   ///< changes where positions are
};

/// All of them; `codegen/artifact/augment.c` says what each does.
llvm::ArrayRef<AugmentNumber> augmentNumbers();

/// A number of the dictionary, 0 where it has none or is null.
double augmentNumber(mlir::DictionaryAttr augment, llvm::StringRef name);

/// Whether positions are moved.
bool movesPositions(mlir::DictionaryAttr augment);

/// Whether all members are such numbers, within their ranges.
bool areAugmentNumbers(mlir::DictionaryAttr augment);

/// Most extents of an input, channels apart, that is changed so.
constexpr int64_t kAugmentAxes = 3;

} // namespace ccm
