// SPDX-License-Identifier: Apache-2.0
// What one run of a kernel does, counted from its nests and types.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// The work of one kernel.
struct Work {
  uint64_t macs = 0;  ///< multiply-adds of products, padding of panels included
  uint64_t moved = 0; ///< bytes of all operands and results
  uint64_t loops = 0; ///< iterations of all nests, products included

  /// Nanoseconds on one core as most are; for comparing and for orders of magnitude.
  uint64_t nanoseconds() const;
};

/// Counts a kernel's work.
Work workOf(KernelOp kernel);

/// The work of kernels, each counted once.
class WorkTable {
public:
  Work of(KernelOp kernel) {
    auto [at, isNew] = works.try_emplace(kernel);
    if (isNew)
      at->second = workOf(kernel);
    return at->second;
  }

private:
  llvm::DenseMap<mlir::Operation *, Work> works;
};

/// Where most of a kernel comes from, for people: the primitive and, where it is known, file and
/// line of the declaration; "" when nothing is known.
std::string originOf(KernelOp kernel);

} // namespace ccm
