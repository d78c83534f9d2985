// SPDX-License-Identifier: Apache-2.0
// Which nests of a function become one kernel.
#pragma once

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace ccm {
class ClusterFit;

/// Nests of one kernel, in the order of the block. The last one's result is what the kernel's loops
/// store.
using Cluster = llvm::SmallVector<mlir::linalg::GenericOp>;

/// Forms clusters of all nests of a block. A nest joins the one that reads it when
/// - nothing else reads it, or it is a value per row, as the mean of a layer norm is, and is
/// computed
///   from nothing that the rest of the cluster needs too;
/// - it is computed at the very points of the store, or the part of it that belongs to one
/// iteration
///   of outer loops that they share fits into a buffer on the stack. Products are computed in parts
///   only along batches, as the heads of attention are: cut otherwise they would be slow.
/// Elementwise nests that read one product at its own points share its loops. Kernels never read
/// each other in a circle. What is added to in place is the last nest of its cluster.
class Clusters {
public:
  Clusters(mlir::Block &block, const ClusterFit &fit);

  /// In no particular order.
  llvm::SmallVector<Cluster> take();

private:
  using Members = llvm::SmallVector<unsigned>; ///< numbers of nests, ascending

  void grow(unsigned sink);
  bool addSiblings(unsigned sink, Members &members);
  bool addProducers(Members &members);
  bool tryMerge(Members &members, unsigned candidate);
  bool readsInCircle(const Members &members);
  llvm::SmallVector<mlir::Operation *> groupOf(mlir::Operation *op, const Members &members);

  const ClusterFit &fit;
  llvm::SmallVector<mlir::linalg::GenericOp> nests;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  llvm::SmallVector<int> owner; ///< sink of the cluster that a nest is in; -1: not decided
};

} // namespace ccm
