// SPDX-License-Identifier: Apache-2.0
// What passes may count on of the machine that a module is compiled for.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace mlir {
class MLIRContext;
class Operation;
} // namespace mlir

namespace ccm {
class TargetAttr;

/// Name of a module's `#ccm.target`.
constexpr llvm::StringLiteral kTargetAttr = "ccm.target";

/// A core's limits. The defaults are those of the default target, whose row in the table of targets
/// is held to them: IR without a `#ccm.target` is compiled for it.
struct Limits {
  int64_t cacheBytes = int64_t(1) << 20; ///< of a core's own cache
  int64_t partBytes = 64 * 1024;         ///< of one buffer inside a kernel, on the stack
  int64_t largestBlock = 64;             ///< samples that functions work on at once
  int64_t operations = 60'000'000'000;   ///< per second, of kernels
  int64_t bandwidth = 20'000'000'000;    ///< bytes per second of memory beyond the cache

  bool operator==(const Limits &other) const = default;
  /// The smaller numbers: what fits them fits both machines.
  Limits least(const Limits &other) const;
};

/// A class of targets whose widest vectors have `lanes` values, as an attribute.
TargetAttr makeTarget(mlir::MLIRContext *context, llvm::StringRef kind, int64_t lanes,
                      const Limits &limits);

/// The limits of the module around `op`; the defaults when it names no target.
Limits limitsOf(mlir::Operation *op);

} // namespace ccm
