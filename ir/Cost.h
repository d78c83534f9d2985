// SPDX-License-Identifier: Apache-2.0
// What a primitive costs, as a value that adds up.
#pragma once

#include "llvm/Support/LogicalResult.h"
#include <cstdint>

namespace mlir {
class Operation;
}

namespace ccm {

/// Cost of one forward pass of one sample. All counts saturate at INT64_MAX instead of wrapping.
struct Cost {
  int64_t macs = 0;       ///< multiply-adds of contractions and windows
  int64_t bytes = 0;      ///< read and written by nests, before fusion
  int64_t parameters = 0; ///< canonical elements of trained operands
  int64_t internals = 0;  ///< bytes of values that the backward reads

  Cost &operator+=(const Cost &other);
};

Cost operator+(Cost a, const Cost &b);

/// Builds the forward nests of `op` for one sample in a scratch function and counts them; trained
/// operands that several primitives share are counted by each. Fails after a diagnostic at `op`.
llvm::FailureOr<Cost> countBuiltNests(mlir::Operation *op);

} // namespace ccm
