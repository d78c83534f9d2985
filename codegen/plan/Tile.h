// SPDX-License-Identifier: Apache-2.0
// How one nest's loops are cut for registers: pure data, chosen from class, extents and target.
#pragma once

#include "codegen/Targets.h"
#include "nests/NestClass.h"
#include <string>

namespace ccm {

/// Elements of one dim that a tile spans. The tile's loops are unrolled, the first one in vectors.
struct TileStep {
  unsigned dim;
  int64_t count;
};

/// A reduced loop of a tile: how often its body is repeated without a jump.
struct SumStep {
  unsigned loop;
  int64_t unroll;
};

/// The register tile of a reduction. The result is computed in tiles of `steps`; inside one, sums
/// run in the order of `sums`, from the inside.
struct RegisterTile {
  unsigned lanes = 1;
  llvm::SmallVector<TileStep> steps; ///< lane dim first
  llvm::SmallVector<SumStep> sums;
  /// Sums that run inside all steps but the lane's, so that taps share what the rows load.
  unsigned innerSums = 0;

  /// Elements the tile spans along a dim; 1 when it is not among the steps.
  int64_t countOf(unsigned dim) const;
};

/// What the surroundings demand of a tile: extents per dim (a stage may compute a part of a nest
/// only), and whether every element must be written once (the result is added to in place).
struct TileDemand {
  llvm::SmallVector<int64_t> extents;
  bool once = false;
};

/// Lanes of vectors along a dim of `extent` elements: a power of two of at most the target's. They
/// divide the extent when `divides`; otherwise the last vector may overlap the one before.
unsigned chooseLanes(int64_t extent, const Target &target, bool divides);

/// The tile of a reduction that keeps neighbours of the result in vectors.
RegisterTile chooseColumnTile(const Nest &nest, const Target &target, const TileDemand &demand);

/// The same steps for another product of the same result, with its own sums.
RegisterTile sharedTile(const Nest &nest, const Target &target, const RegisterTile &tile);

/// The tile of a product, by the least estimated time over all tiles whose accumulators fit.
RegisterTile chooseTile(const Nest &nest, const Target &target, const TileDemand &demand);

/// Registers that a step of a product needs: its sums, the vectors that several broadcast values
/// meet (a single one takes them from memory), and one for the broadcast value.
int64_t registersOf(int64_t vectors, int64_t broadcasts);

/// Vectors of a loop over `extent` elements to unroll: a divisor of their number.
int64_t chooseUnroll(int64_t extent, unsigned lanes);

/// "tile 16x1 [3: 32, 1: 12] sums [4 x2]", for people and tests.
std::string describe(const RegisterTile &tile);

} // namespace ccm
