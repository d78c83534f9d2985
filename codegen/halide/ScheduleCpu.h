// SPDX-License-Identifier: Apache-2.0
// A plan as Halide's scheduling directives, for processors with vector registers.
#pragma once

#include "codegen/halide/HalideNests.h"

namespace ccm {

/// Applies the plan that `funcs` were translated for. Halide's errors pass through as exceptions.
void scheduleForCpu(KernelFuncs &funcs, const KernelPlan &plan);

/// The loop over a store's tasks and the one inside it that takes the place of the dim.
struct TaskLoop {
  unsigned dim;
  Halide::Var task, inside;
};

/// A function's loops after it was cut into tiles.
struct TileLoops {
  std::vector<Halide::Var> outer; ///< per dim, the loop outside the tile
  llvm::SmallVector<bool> hasOuter;
  Halide::Func func;
  Halide::Var level;               ///< innermost loop outside the tile
  std::optional<Halide::Var> task; ///< loop over tasks, outside all
};

/// Cuts the loops of a function whose dims have `extents` into `tile`, outer loops in `order`; that
/// over tasks, if there is one, is outside all.
TileLoops cutIntoTiles(Halide::Func func, const RegisterTile &tile, llvm::ArrayRef<unsigned> order,
                       llvm::ArrayRef<int64_t> extents, Halide::TailStrategy tail,
                       const std::optional<TaskLoop> &tasks = std::nullopt);

/// Computes a reduction in registers for each tile of `loops`.
void accumulateInTile(NestFunc &func, const Nest &nest, const RegisterTile &tile,
                      const TileLoops &loops);

/// Copies the panel of an operand that a tile needs before the loops over rows; `order` is that of
/// the loops.
void packPanel(KernelFuncs &funcs, const NestFunc &func, const Nest &nest, const Stage &stage,
               const TileLoops &loops, llvm::ArrayRef<unsigned> order);

/// Computes a row reduction for each element that `loops` stores: partial sums in vectors first.
void reduceRows(NestFunc &func, const Nest &nest, unsigned lanes, const TileLoops &loops);

/// Has a loop of constant extent translated turn by turn. The loop has another name afterwards.
void unrollLater(Halide::Stage stage, const Halide::VarOrRVar &loop);

/// Keeps a function's buffer on the stack. Halide moves what it calls stack memory to the heap
/// beyond 16 KB, but never what it calls registers.
void keepOnStack(Halide::Func func);

/// The variables of a function by dim, outermost first as in MLIR.
std::vector<Halide::Var> varsOf(const Halide::Func &func);

} // namespace ccm
