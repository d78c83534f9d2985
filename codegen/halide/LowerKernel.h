// SPDX-License-Identifier: Apache-2.0
// From scheduled functions to loops over memory.
#pragma once

#include "Halide.h"

namespace ccm {

/// Lowers functions to one statement by Halide's own passes. Left out are those that prepare what
/// kernels have no use for: checks of buffers at run time (most of the code of a small kernel until
/// Halide strips it), queries of bounds, tracing, memoizing, sliding windows, prefetching, threads,
/// other devices. Every dimension of operands and results must be constrained to constants; their
/// names stand for their memory.
Halide::Internal::Stmt lowerKernel(const std::vector<Halide::Func> &stores,
                                   const Halide::Target &target);

} // namespace ccm
