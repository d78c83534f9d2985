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

/// Everything a nest reads: operands that its body uses and tensors that it extracts from.
llvm::SmallVector<Access> readsOf(const Nest &nest);

/// Groups the results that are stored by the same loops and orders the groups. Fails where a buffer
/// that is written in place is read at other elements too.
llvm::LogicalResult formGroups(KernelOp kernel, KernelPlan &plan);

/// Decides for every group which nests have buffers, where these are filled, and all tiles.
void planStages(KernelPlan &plan, const Target &target, PlanLevel level);

/// Decides whether a kernel's store is cut into tasks, once its stages are planned.
void planTasks(KernelOp kernel, KernelPlan &plan);

/// For each nest that a group computes itself: the dim of the group's store that each dim of the
/// nest is indexed by, or -1 where it is not one and the same for all readers.
class Ties {
public:
  Ties(const KernelPlan &plan, const Group &group, llvm::ArrayRef<unsigned> shared = {});

  /// Nests of the group, in the kernel's order.
  llvm::ArrayRef<unsigned> members() const { return cone; }
  bool contains(unsigned nest) const { return ties.contains(nest); }
  llvm::ArrayRef<int> of(unsigned nest) const { return ties.find(nest)->second; }
  /// Nests and results that read a nest.
  unsigned readers(unsigned nest) const { return readerCount.lookup(nest); }
  /// Whether a product reads a nest, directly.
  bool feedsProduct(unsigned nest) const { return productReads.contains(nest); }
  /// Whether the kernel's argument `value` is read only at the element that is stored.
  bool readsPointwise(mlir::Value value) const { return !elsewhere.contains(value); }

private:
  void note(const Access &access, llvm::ArrayRef<int> loopTies, const Nest *reader);
  bool followsStore(const Nest &nest, llvm::ArrayRef<int> loopTies) const;
  void join(unsigned nest, llvm::ArrayRef<int> found);

  const KernelPlan &plan;
  const Group &group;
  llvm::ArrayRef<unsigned> shared;
  llvm::SmallVector<unsigned> cone;
  llvm::DenseMap<unsigned, llvm::SmallVector<int>> ties;
  llvm::DenseMap<unsigned, unsigned> readerCount;
  llvm::DenseSet<unsigned> productReads;
  llvm::DenseSet<mlir::Value> elsewhere;
};

} // namespace ccm
