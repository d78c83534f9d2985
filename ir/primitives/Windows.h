// SPDX-License-Identifier: Apache-2.0
// Nests over any number of position axes, written once: names of loops and extents per axis.
#pragma once

#include "ir/primitives/Views.h"

namespace ccm {

/// Names of loops along `axes` axes, each followed by a blank so that lists join: "x0 x1 ".
std::string loops(llvm::StringRef name, unsigned axes);

/// The index that runs through `taps` backwards: "2-m0", or the name alone where there is one tap.
std::string backwards(const std::string &name, int64_t taps);

/// Extents of the loops that `loops` names.
NestBuilder::Sizes sizesOf(llvm::StringRef name, llvm::ArrayRef<int64_t> extents);

/// [batch, positions, last...].
Extents around(int64_t batch, llvm::ArrayRef<int64_t> positions, llvm::ArrayRef<int64_t> last);

/// Whether there are one to three position axes with a number of at least `least` each.
bool isPerAxis(llvm::ArrayRef<int64_t> numbers, mlir::RankedTensorType input, int64_t least);

} // namespace ccm
