// SPDX-License-Identifier: Apache-2.0
// The code paths an artifact can hold: one row per target, with the numbers its schedules follow.
#pragma once

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
  /// LLVM's processor and features for the host code of the same path.
  llvm::StringLiteral cpu, features;
  CpuLevel level;
  /// f32 values per vector register, and how many registers there are.
  unsigned lanes, registers;
  /// Accumulators a product may hold at once.
  unsigned accumulators;
  TileLimits contraction, window, weights;
};

/// Every target, the most demanding last.
llvm::ArrayRef<Target> targets();

/// The target of that name, or null.
const Target *findTarget(llvm::StringRef name);

} // namespace ccm
