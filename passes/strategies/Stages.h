// SPDX-License-Identifier: Apache-2.0
// Stages of 3-tap convolutions over a grid, which strategies share.
#pragma once

#include "passes/strategies/Strategy.h"

namespace ccm {

/// Whether a port has the one to three dimensions that convolutions here serve.
bool hasGrid(const Site &site);

/// Shrinking along one axis between stages, so that every stage has a quarter of the positions, or
/// of three axes an eighth.
int64_t shrinkOf(const Site &site);

/// Positions that the last of `stages` keeps: one per window of `stem` in the first, then one per
/// `shrinkOf` from stage to stage.
int64_t positionsAfter(const Site &site, int64_t stem, int64_t stages);

/// Prior of a stem: one that leaves few positions blurs detail.
double preferStem(const Site &site, int64_t stem);

/// `depth` convolutions "<name>.conv0", … that keep the grid; from the third on each adds to what
/// it is given, so that deltas reach the first ones undiminished.
mlir::Value convolve(PartBuilder &b, llvm::StringRef name, mlir::Value grid, int64_t width,
                     int64_t depth);

/// As `convolve`, but the last one's values are normalized ("<name>.norm") and not yet cut off
/// below zero: after that a position's channels may all be the same zero, which a norm makes steps
/// of.
mlir::Value convolveToNormal(PartBuilder &b, llvm::StringRef name, mlir::Value grid, int64_t width,
                             int64_t depth);

/// The grid of the last of the stages "stage0", …, one for every width, of `depth` convolutions
/// each; `input` first goes through windows of `stem` unless that is 1.
mlir::Value convolveStages(PartBuilder &b, const Site &site, mlir::Value input, int64_t stem,
                           llvm::ArrayRef<int64_t> widths, int64_t depth);

} // namespace ccm
