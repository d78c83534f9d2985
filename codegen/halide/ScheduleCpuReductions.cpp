// SPDX-License-Identifier: Apache-2.0
// Reductions inside a tile: accumulators in registers, or partial sums along a row.
#include "codegen/halide/ScheduleCpu.h"

using namespace mlir;
using Halide::Func;
using Halide::MemoryType;
using Halide::Var;
using Halide::VarOrRVar;

namespace ccm {

/// Vectors along the first of the tile's loops; all of them unrolled.
static void keepInRegisters(Halide::Stage stage, const RegisterTile &tile,
                            const std::vector<Var> &steps) {
  if (!steps.empty() && tile.lanes > 1)
    stage.vectorize(steps[0], int(tile.lanes));
  for (const Var &step : steps)
    unrollLater(stage, step);
}

/// Runs of terms are added one after the other; where there is one alone, `loops` encloses it.
static Halide::LoopLevel runLevel(const NestFunc &func, const Nest &nest, const TileLoops &loops) {
  bool several = nest.partial.blocks > 1;
  for (unsigned loop : ArrayRef(nest.sums).drop_front())
    several |= nest.extents[loop] > 1;
  return several ? Halide::LoopLevel(func.sums, func.runs.front())
                 : Halide::LoopLevel(loops.func, loops.level);
}

/// Several partial results of a tile side by side, joined at the end.
static void accumulatePartially(NestFunc &func, const Nest &nest, const RegisterTile &tile,
                                const TileLoops &loops) {
  Func partial = func.partial;
  partial.compute_at(runLevel(func, nest, loops)).store_in(MemoryType::Stack);
  std::vector<Var> vars = varsOf(func.sums), partialVars = varsOf(partial), steps, partialSteps;
  for (const TileStep &step : tile.steps) {
    steps.push_back(vars[step.dim]);
    partialSteps.push_back(partialVars[partialVars.size() - vars.size() + step.dim]);
  }
  std::vector<VarOrRVar> pure(partialSteps.begin(), partialSteps.end()), update, join;
  pure.push_back(func.lane);
  update = pure;
  update.push_back(func.step);
  join.assign(steps.begin(), steps.end());
  join.insert(join.end(), func.runs.begin(), func.runs.end());
  partial.reorder(pure).unroll(func.lane);
  partial.update().reorder(update).unroll(func.lane);
  if (join.size() > 1)
    func.sums.update(0).reorder(join);
  keepInRegisters(partial, tile, partialSteps);
  keepInRegisters(partial.update(), tile, partialSteps);
  keepInRegisters(func.sums.update(0), tile, steps);
  if (func.sums.num_update_definitions() > 1)
    keepInRegisters(func.sums.update(1), tile, steps);
}

void accumulateInTile(NestFunc &func, const Nest &nest, const RegisterTile &tile,
                      const TileLoops &loops) {
  Func sums = func.sums;
  sums.compute_at(loops.func, loops.level).store_in(MemoryType::Stack);
  std::vector<Var> vars = varsOf(sums), steps;
  std::vector<VarOrRVar> pure, sequence;
  for (const TileStep &step : tile.steps) {
    steps.push_back(vars[step.dim]);
    sums.bound_extent(vars[step.dim], int(step.count));
    pure.push_back(vars[step.dim]);
  }
  if (pure.size() > 1)
    sums.reorder(pure);
  keepInRegisters(sums, tile, steps);

  if (func.partial.defined()) {
    accumulatePartially(func, nest, tile, loops);
    return;
  }
  size_t inner = 0;
  for (size_t step = 0; step < steps.size(); ++step) {
    sequence.push_back(steps[step]);
    for (; step == 0 && inner < tile.innerSums; ++inner)
      sequence.push_back(func.loops[tile.sums[inner].loop]);
  }
  for (; inner < tile.sums.size(); ++inner)
    sequence.push_back(func.loops[tile.sums[inner].loop]);
  Halide::Stage update = sums.update();
  if (sequence.size() > 1)
    update.reorder(sequence);
  keepInRegisters(update, tile, steps);
  for (const SumStep &sum : tile.sums)
    if (sum.unroll > 1 && sum.unroll == nest.extents[sum.loop])
      update.unroll(func.loops[sum.loop]);
    else if (sum.unroll > 1)
      update.unroll(func.loops[sum.loop], int(sum.unroll));
}

void packPanel(KernelFuncs &funcs, const NestFunc &func, const Nest &nest, const Stage &stage,
               const TileLoops &loops, ArrayRef<unsigned> order) {
  Access access = accessOf(nest.op->getOpOperand(*stage.packed));
  unsigned argument = cast<BlockArgument>(access.source).getArgNumber();
  Func panel = funcs.operands.at(argument).in(func.sums);
  std::optional<Var> level = loops.task;
  for (unsigned dim : order)
    if (loops.hasOuter[dim] && !llvm::is_contained(nest.rows, dim))
      level = loops.outer[dim];
  if (level)
    panel.compute_at(loops.func, *level);
  else
    panel.compute_root();
  keepOnStack(panel);
  AffineExpr lane = getAffineDimExpr(nest.results[*nest.lane], access.source.getContext());
  Var inner = varsOf(panel)[llvm::find(access.indices, lane) - access.indices.begin()];
  panel.vectorize(inner, int(stage.tile.lanes)).unroll(inner);
}

void reduceRows(NestFunc &func, const Nest &nest, unsigned lanes, const TileLoops &loops) {
  func.sums.compute_at(loops.func, loops.level).store_in(MemoryType::Stack);
  if (!func.partial.defined())
    return;
  Halide::LoopLevel level = runLevel(func, nest, loops);
  func.partial.compute_at(level).store_in(MemoryType::Stack);
  func.partial.update().reorder(func.lane, func.step);
  for (Halide::Stage stage : {Halide::Stage(func.partial), func.partial.update()})
    stage.vectorize(func.lane, int(lanes)).unroll(func.lane);
  int64_t width = nest.partial.width;
  for (Func half : func.halves) {
    width /= 2;
    half.compute_at(level).store_in(MemoryType::Stack);
    if (width > 1)
      half.vectorize(func.lane, int(std::min<int64_t>(width, lanes))).unroll(func.lane);
  }
  for (int update = 0; update < func.sums.num_update_definitions(); ++update)
    func.sums.update(update).unscheduled();
}

} // namespace ccm
