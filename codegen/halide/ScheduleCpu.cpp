// SPDX-License-Identifier: Apache-2.0
// Order of a kernel's stores and places of its buffers.
#include "codegen/halide/ScheduleCpu.h"
#include "codegen/halide/LoweredKernel.h"
#include "runtime/io/Sabotage.h"

using namespace mlir;
using Halide::Func;
using Halide::MemoryType;
using Halide::TailStrategy;
using Halide::Var;

namespace ccm {

std::vector<Var> varsOf(const Func &func) {
  std::vector<Var> vars = func.args();
  std::reverse(vars.begin(), vars.end());
  return vars;
}

void keepOnStack(Func func) { func.store_in(MemoryType::Register); }

void unrollLater(Halide::Stage stage, const Halide::VarOrRVar &loop) {
  std::string name = loop.name() + kUnrolled;
  if (loop.is_rvar)
    stage.partition(loop, Halide::Partition::Never).rename(loop, Halide::RVar(name));
  else
    stage.partition(loop, Halide::Partition::Never).rename(loop, Var(name));
}

static SmallVector<unsigned> inOrder(size_t rank) {
  return llvm::to_vector(llvm::seq<unsigned>(0, rank));
}

TileLoops cutIntoTiles(Func func, const RegisterTile &tile, ArrayRef<unsigned> order,
                       ArrayRef<int64_t> extents, TailStrategy tail,
                       const std::optional<TaskLoop> &tasks) {
  TileLoops loops{varsOf(func), SmallVector<bool>(extents.size(), true), func, Var::outermost(),
                  std::nullopt};
  if (tasks) {
    loops.outer[tasks->dim] = tasks->inside;
    loops.task = tasks->task;
  }
  std::vector<Halide::VarOrRVar> sequence;
  for (const TileStep &step : tile.steps) {
    Var whole = loops.outer[step.dim], inner = whole;
    if (step.count < extents[step.dim]) {
      inner = Var(whole.name() + "i");
      loops.outer[step.dim] = Var(whole.name() + "o");
      func.split(whole, loops.outer[step.dim], inner, int(step.count), tail);
    } else {
      loops.hasOuter[step.dim] = false;
    }
    sequence.push_back(inner);
  }
  size_t steps = sequence.size();
  for (unsigned dim : llvm::reverse(order))
    if (loops.hasOuter[dim])
      sequence.push_back(loops.outer[dim]);
  if (tasks)
    sequence.push_back(tasks->task);
  if (sequence.size() > steps)
    loops.level = sequence[steps].var;
  if (sequence.size() > 1)
    func.reorder(sequence);
  if (steps != 0 && tile.lanes > 1)
    func.vectorize(sequence[0].var, int(tile.lanes), tail);
  for (size_t step = 0; step < steps; ++step)
    unrollLater(func, sequence[step]);
  return loops;
}

namespace {

/// Schedules one group, or the nests that are computed for all groups.
class GroupScheduler {
public:
  GroupScheduler(KernelFuncs &funcs, const KernelPlan &plan, int number)
      : funcs(funcs), plan(plan), number(number) {}

  void runShared() {
    for (const Stage &stage : plan.shared)
      scheduleStage(stage, nullptr);
  }

  void run() {
    const Group &group = plan.groups[number];
    Func store = funcs.stores[number];
    bound(group, store);
    if (group.scatter) {
      scatter(group, store);
      for (const Stage &stage : group.stages)
        scheduleStage(stage, nullptr);
      return;
    }
    auto tail = group.once ? TailStrategy::GuardWithIf : TailStrategy::ShiftInwards;
    SmallVector<int64_t> extents = group.shape;
    std::optional<TaskLoop> tasks = cutIntoTasks(group, store, extents);
    TileLoops loops = cutIntoTiles(store, group.tile, group.order, extents, tail, tasks);
    for (const Stage &stage : group.stages)
      scheduleStage(stage, &loops);
  }

private:
  /// Says what the store computes: all or, along the dim that is cut, the tasks that are asked for.
  void bound(const Group &group, Func store) {
    for (auto [dim, extent] : llvm::enumerate(group.shape)) {
      int missed = extent > 1 && io::sabotaged("off_by_one_tile");
      Var var = varsOf(store)[dim];
      if (group.cut && group.cut->dim == dim)
        store.bound(var, funcs.firstTask * int(group.cut->chunk),
                    funcs.taskCount * int(group.cut->chunk) - missed);
      else
        store.bound(var, 0, int(extent - missed));
    }
  }

  /// Cuts the store into tasks, of which each then has constant `extents`.
  static std::optional<TaskLoop> cutIntoTasks(const Group &group, Func store,
                                              SmallVectorImpl<int64_t> &extents) {
    if (!group.cut)
      return std::nullopt;
    Var whole = varsOf(store)[group.cut->dim];
    TaskLoop loop{group.cut->dim, Var(whole.name() + "t"), Var(whole.name() + "p")};
    store.split(whole, loop.task, loop.inside, int(group.cut->chunk), TailStrategy::RoundUp);
    extents[group.cut->dim] = group.cut->chunk;
    return loop;
  }

  void scatter(const Group &group, Func store) {
    if (group.tile.steps.empty())
      return;
    const Nest &nest = plan.nests[*group.scatter];
    Var lane = varsOf(store)[group.tile.steps.front().dim];
    std::vector<Halide::VarOrRVar> sequence{lane};
    for (unsigned loop : nest.sums)
      sequence.push_back(funcs.nest(*group.scatter, number).loops[loop]);
    Halide::Stage update = store.update();
    update.reorder(sequence);
    for (Halide::Stage stage : {Halide::Stage(store), update})
      stage.vectorize(lane, int(group.tile.lanes));
  }

  void scheduleStage(const Stage &stage, const TileLoops *store) {
    if (stage.placement == Placement::Inline || !funcs.has(stage.nest, number))
      return;
    const Nest &nest = plan.nests[stage.nest];
    NestFunc &func = funcs.nest(stage.nest, number);
    if (stage.placement == Placement::Tile) {
      accumulate(stage, func, *store);
      if (stage.packed)
        packPanel(funcs, func, nest, stage, *store, plan.groups[number].order);
      return;
    }
    if (stage.placement == Placement::Root)
      func.full.compute_root();
    else
      func.full.compute_at(store->func, store->outer[plan.groups[number].order[stage.depth - 1]]);
    keepOnStack(func.full);
    if (nest.isReduction())
      accumulate(stage, func,
                 cutIntoTiles(func.full, stage.tile, inOrder(stage.extents.size()), stage.extents,
                              TailStrategy::ShiftInwards));
    else
      fill(stage, nest, func.full);
  }

  void accumulate(const Stage &stage, NestFunc &func, const TileLoops &loops) {
    const Nest &nest = plan.nests[stage.nest];
    if (nest.kind == NestClass::RowReduction)
      reduceRows(func, nest, stage.lanes, loops);
    else
      accumulateInTile(func, nest, stage.tile, loops);
  }

  /// An elementwise nest with a buffer of its own.
  void fill(const Stage &stage, const Nest &nest, Func func) {
    if (stage.lanes < 2)
      return;
    Var lane = varsOf(func)[*nest.lane];
    func.vectorize(lane, int(stage.lanes), TailStrategy::ShiftInwards);
    if (int64_t unroll = chooseUnroll(stage.extents[*nest.lane], stage.lanes); unroll > 1)
      func.unroll(lane, int(unroll), TailStrategy::ShiftInwards);
  }

  KernelFuncs &funcs;
  const KernelPlan &plan;
  const int number;
};

} // namespace

void scheduleForCpu(KernelFuncs &funcs, const KernelPlan &plan) {
  GroupScheduler(funcs, plan, KernelFuncs::kShared).runShared();
  for (int number = 0; number < int(plan.groups.size()); ++number)
    GroupScheduler(funcs, plan, number).run();
}

} // namespace ccm
