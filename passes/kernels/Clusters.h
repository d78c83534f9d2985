// SPDX-License-Identifier: Apache-2.0
// Which nests of a function become one kernel.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
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
///   computed from nothing that the rest of the cluster needs too;
/// - it is computed at the very points of the store, or the part of it that belongs to one
///   iteration of outer loops that they share fits into a buffer on the stack. Products are
///   computed in parts only along batches, as the heads of attention are: cut otherwise they
///   would be slow.
/// Elementwise nests that read one product at its own points share its loops. Kernels never read
/// each other in a circle. What is added to in place is the last nest of its cluster. A kernel of
/// a backward that stores what one of its halves returns stores nothing that this half does not
/// need.
///
///     product           one kernel: relu(product + bias) is applied to the product's tiles while
///        |              they are in registers, and stored once
///     + bias
///        |
///      relu             the sink: several read it, so that it ends its cluster
///      /  \             has two readers
///   pad   product      each begins another
class Clusters {
public:
  Clusters(mlir::Block &block, const ClusterFit &fit);

  /// In no particular order.
  llvm::SmallVector<Cluster> take();

  /// Operations looked at while looking for circles: what forming clusters costs.
  int64_t visits() const { return visited; }

private:
  using Members = llvm::SmallVector<unsigned>; ///< numbers of nests, ascending

  void connect(mlir::Block &block);
  void markPurposes(mlir::func::ReturnOp end);
  void grow(unsigned sink);
  bool addSiblings(unsigned sink, Members &members);
  bool addProducers(Members &members);
  bool tryMerge(Members &members, unsigned candidate);
  void adopt(const Members &members);
  bool servesOnePurpose(llvm::ArrayRef<unsigned> members);
  bool readsInCircle(llvm::ArrayRef<unsigned> members);
  llvm::SmallVector<unsigned> groupOf(unsigned position) const;
  unsigned lastReachable(unsigned position) const;
  unsigned positionOf(mlir::Operation *op) const { return positions.lookup(op); }

  const ClusterFit &fit;
  llvm::SmallVector<mlir::linalg::GenericOp> nests;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  llvm::SmallVector<int> owner; ///< sink of the cluster that a nest is in; -1: not decided
  llvm::DenseMap<unsigned, Members> clusters; ///< by sink

  // Of every operation of the block, by its position there.
  llvm::DenseMap<mlir::Operation *, unsigned> positions;
  llvm::SmallVector<llvm::SmallVector<unsigned, 4>> readers; ///< ascending, each once
  llvm::SmallVector<int> nestAt;                             ///< its number; -1: no nest
  llvm::SmallVector<unsigned> purposes; ///< a bit for each half of the backward that needs it
  llvm::SmallVector<unsigned> seen;     ///< search in which it was met last
  /// The last position of the clusters that begin at or before it.
  llvm::SmallVector<unsigned> reach;
  unsigned search = 0;
  int64_t visited = 0;
};

} // namespace ccm
