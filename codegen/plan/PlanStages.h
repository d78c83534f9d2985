// SPDX-License-Identifier: Apache-2.0
// Steps of planning a kernel, and what they share.
#pragma once

#include "codegen/plan/KernelPlan.h"
#include "ir/Strides.h"

namespace ccm {

/// Strides of operand or result `number` of a kernel, as its attribute says or dense.
llvm::SmallVector<int64_t> stridesOf(mlir::ArrayAttr attribute, unsigned number, mlir::Type type);

/// The kernel's argument at the start of the chain of destinations of `value`, seen through
/// reshapes: the buffer that the value may be written into.
std::optional<unsigned> startOfChain(mlir::Value value);

/// Groups the results that are stored by the same loops and orders the groups. Fails where a buffer
/// that is written in place is read at other elements too.
llvm::LogicalResult formGroups(KernelOp kernel, KernelPlan &plan);

/// Decides for every group which nests have buffers, where these are filled, and all tiles.
void planStages(KernelPlan &plan, const Target &target, PlanLevel level);

/// Decides whether a kernel's store is cut into tasks, once its stages are planned.
void planTasks(KernelOp kernel, KernelPlan &plan);

/// Ties of the nests that `group` computes itself: those of other groups and of `shared` are not
/// among them.
Ties tiesOf(const KernelPlan &plan, const Group &group, llvm::ArrayRef<unsigned> shared = {});

} // namespace ccm
