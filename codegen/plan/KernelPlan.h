// SPDX-License-Identifier: Apache-2.0
// How a kernel's nests are computed together: pure data, printable, decided before any code exists.
#pragma once

#include "codegen/plan/Tile.h"
#include "ir/Ccm.h"
#include "nests/Ties.h"
#include <vector>

namespace ccm {

/// Where a nest that is not part of its readers' expressions is computed.
enum class Placement {
  Root,   ///< once, before everything else
  Loop,   ///< inside the outermost `depth` loops of its group
  Tile,   ///< inside the register tile of its group
  Inline, ///< anew for every element that needs it
};

/// A nest with a buffer of its own.
struct Stage {
  unsigned nest;
  Placement placement = Placement::Inline;
  unsigned depth = 0;
  llvm::SmallVector<int64_t> extents; ///< of what one computation of it covers, per dim
  /// Elementwise nests: vectors along the innermost dim; row reductions: along the partial sums.
  unsigned lanes = 1;
  RegisterTile tile; ///< reductions; unused when the group's tile covers it
  /// Products: the operand of the nest that is copied panel by panel, as its rows lie far apart.
  std::optional<unsigned> packed;
};

/// A kernel's result: the value that is yielded, behind reshapes, and the strides in elements at
/// which its elements are stored.
struct Sink {
  mlir::Value value;
  llvm::SmallVector<int64_t> shape, strides;
  std::optional<unsigned> inPlace; ///< operand whose buffer it is written into
};

/// A store cut into parts of constant size along one dim, so that different threads may compute
/// them. The loop over parts is outside all others.
struct TaskCut {
  unsigned dim;
  int64_t chunk; ///< elements along the dim; a multiple of the tile's
  int64_t tasks; ///< at least 2
};

/// Results of one shape that are stored by the same loops.
struct Group {
  llvm::SmallVector<unsigned> results;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<unsigned> order; ///< dims of the store's loops, outermost first
  bool once = false;                 ///< some result is in place
  std::optional<unsigned> scatter;   ///< the scatter nest that the group consists of
  std::optional<unsigned> product;   ///< the nest that the store's tile was chosen for
  RegisterTile tile;                 ///< of the store; dims are the store's
  std::vector<Stage> stages;         ///< producers before readers
  std::optional<TaskCut> cut;        ///< only where the kernel has one group
};

/// The nests of a kernel, classified, and how they are computed.
struct KernelPlan : NestList {
  std::vector<llvm::SmallVector<int64_t>> operandStrides; ///< of the kernel's operands
  std::vector<Sink> sinks;                                ///< per result
  std::vector<Group> groups;                              ///< in the order of computing
  std::vector<Stage> shared; ///< nests that several groups read, all at the root

  /// The group that stores `value`, if it is yielded.
  std::optional<unsigned> groupOf(mlir::Value value) const;
};

/// How much a plan dares: `Fast` keeps stages in buffers; `Plain` has no vectors, tiles or buffers
/// beyond single elements and fits any kernel.
enum class PlanLevel { Fast, Plain };

/// Plans a kernel. Fails with a diagnostic at what is not supported.
mlir::FailureOr<KernelPlan> planKernel(KernelOp kernel, const Target &target, PlanLevel level);

/// One line per group and stage, as `--print-schedules` prints them.
std::string describe(const KernelPlan &plan);

} // namespace ccm
