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
    stage.unroll(step);
}

/// Several partial results of a tile side by side, joined at the end.
static void accumulatePartially(NestFunc &func, const Nest &nest, const RegisterTile &tile,
                                const TileLoops &loops) {
  Func partial = func.partial;
  partial.compute_at(loops.func, loops.level).store_in(MemoryType::Stack);
  std::vector<Var> vars = varsOf(func.sums), steps;
  std::vector<VarOrRVar> pure, update, join;
  for (const TileStep &step : tile.steps) {
    steps.push_back(vars[step.dim]);
    pure.push_back(vars[step.dim]);
  }
  join = update = pure;
  pure.push_back(func.lane);
  update.push_back(func.lane);
  update.push_back(func.partialStep);
  for (unsigned position = 1; position < nest.sums.size(); ++position)
    update.push_back(func.loops[nest.sums[position]]);
  join.push_back(func.partialLane);
  partial.reorder(pure).unroll(func.lane);
  partial.update().reorder(update).unroll(func.lane);
  func.sums.update(0).reorder(join).unroll(func.partialLane);
  for (Halide::Stage stage : {Halide::Stage(partial), partial.update(), func.sums.update(0)})
    keepInRegisters(stage, tile, steps);
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
  Func partial = func.partial;
  partial.compute_at(loops.func, loops.level).store_in(MemoryType::Stack);
  std::vector<Var> storage{func.lane};
  std::vector<VarOrRVar> sequence{func.lane}, update{func.lane, func.partialStep};
  for (unsigned position = 1; position < nest.sums.size(); ++position)
    update.push_back(func.loops[nest.sums[position]]);
  for (const Var &var : func.sums.args()) {
    storage.push_back(var);
    sequence.push_back(var);
    update.push_back(var);
  }
  if (storage.size() > 1)
    partial.reorder_storage(storage).reorder(sequence);
  partial.update().reorder(update);
  for (Halide::Stage stage : {Halide::Stage(partial), partial.update()})
    stage.vectorize(func.lane, int(lanes)).unroll(func.lane);
  func.sums.update(0).atomic().vectorize(func.partialLane);
  if (func.sums.num_update_definitions() > 1)
    func.sums.update(1).unscheduled();
}

} // namespace ccm
