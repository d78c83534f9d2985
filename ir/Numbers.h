// SPDX-License-Identifier: Apache-2.0
// Ranges of the numbers that an optimizer and its training take.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace ccm {

/// The smallest positive and the largest number that training takes where nothing narrower is said:
/// far from where f32 would round them to zero or infinity.
constexpr double kSmallestNumber = 1e-30;
constexpr double kLargestNumber = 1e30;

/// A number by its name and the range it lies in.
struct NumberRange {
  llvm::StringRef name;
  double lowest = 0;
  double highest = kLargestNumber;
  bool belowHighest = false; ///< the highest itself is out of range

  /// Whether a number lies in the range; NaN never does.
  bool contains(double value) const;
  /// The range in words, such as "a number from 0 to below 1".
  std::string text() const;
};

/// Numbers of the training itself, whatever the optimizer: learning rate and clip.
llvm::ArrayRef<NumberRange> trainingNumbers();

} // namespace ccm
