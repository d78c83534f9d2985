// SPDX-License-Identifier: Apache-2.0
// The code paths an artifact can hold: one row per target, with the numbers its schedules follow.
#pragma once

#include "ir/Ccm.h"
#include "ir/Limits.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace ccm {

/// What the processor must offer for a target's code to run; a table per level is tested at load.
enum class CpuLevel { X86_64_V3, X86_64_V4 };

/// Register tiles of one nest class: how many accumulators stay in registers and how many vectors
/// of the lane dimension one tile spans at most.
struct TileLimits {
  unsigned accumulators;
  unsigned vectors;
};

/// One code path. All strings are null-terminated literals.
struct Target {
  llvm::StringLiteral name;
  /// Halide's name for the machine; kernels need no runtime and check nothing.
  llvm::StringLiteral halide;
  /// LLVM's name for the processor.
  llvm::StringLiteral cpu;
  CpuLevel level;
  /// f32 values per vector register, and how many registers there are.
  unsigned lanes, registers;
  TileLimits contraction, window, weights;
  Limits limits; ///< that passes see
};

/// Every target, the most demanding last.
llvm::ArrayRef<Target> targets();

/// The target of that name, or null.
const Target *findTarget(llvm::StringRef name);

/// Everything that kernels depend on: two rows of one text give the same kernels.
std::string describe(const Target &target);

/// What a module for `targets`, at least one, says of them: the widest vectors, else the smallest
/// numbers.
TargetAttr targetOf(mlir::MLIRContext *context, llvm::ArrayRef<const Target *> targets);

} // namespace ccm
