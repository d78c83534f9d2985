// SPDX-License-Identifier: Apache-2.0
// Into how many tasks a kernel may be cut.
#include "codegen/plan/PlanStages.h"
#include "codegen/plan/Work.h"

using namespace mlir;

namespace ccm {

/// More tasks than that serve no processor that is used today.
constexpr int64_t kMostTasks = 16;
/// Nanoseconds that a task must take, by estimate: handing it to another thread and waiting for it
/// then take little beside it.
constexpr uint64_t kLeastTask = 5000;

/// Whether the parts of a store along a dim compute nothing twice: what is computed outside the
/// dim's loop would be computed for every part.
static bool isIndependent(const Group &group, unsigned dim) {
  unsigned position = unsigned(llvm::find(group.order, dim) - group.order.begin());
  return llvm::all_of(group.stages, [&](const Stage &stage) {
    return stage.placement == Placement::Tile || stage.placement == Placement::Inline ||
           (stage.placement == Placement::Loop && position < stage.depth);
  });
}

/// Whether an operand's panel is copied inside the loop over a dim.
static bool isPackedInside(const KernelPlan &plan, const Group &group, unsigned dim) {
  return llvm::none_of(group.stages, [&](const Stage &stage) {
    return stage.packed && llvm::is_contained(plan.nests[stage.nest].rows, dim);
  });
}

/// The most tasks along a dim that are whole tiles and long enough; 1: it cannot be cut.
static int64_t tasksAlong(const KernelPlan &plan, const Group &group, unsigned dim, int64_t most) {
  int64_t count = group.tile.countOf(dim), steps = group.shape[dim] / count;
  if (group.shape[dim] % count != 0 || !isIndependent(group, dim) ||
      !isPackedInside(plan, group, dim))
    return 1;
  int64_t tasks = std::min(most, steps);
  while (tasks > 1 && steps % tasks != 0)
    --tasks;
  return std::max<int64_t>(tasks, 1);
}

void planTasks(KernelOp kernel, KernelPlan &plan) {
  if (plan.groups.size() != 1 || !plan.shared.empty() || plan.groups.front().scatter)
    return;
  Group &group = plan.groups.front();
  int64_t most = std::min<int64_t>(kMostTasks, workOf(kernel).nanoseconds() / kLeastTask);
  // The loop that is cut is the outermost of all; one that stood inside makes the others go through
  // memory in stripes (a transposed copy then takes a quarter longer), so it must give more.
  for (unsigned dim : group.order)
    if (int64_t tasks = tasksAlong(plan, group, dim, most);
        tasks >= (group.cut ? 2 * group.cut->tasks : 2))
      group.cut = TaskCut{dim, group.shape[dim] / tasks, tasks};
}

} // namespace ccm
