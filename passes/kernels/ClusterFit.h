// SPDX-License-Identifier: Apache-2.0
// Whether nests can be computed together without computing anything twice.
#pragma once

#include "ir/Limits.h"
#include "nests/NestClass.h"
#include "passes/kernels/Clusters.h"

namespace ccm {

/// Judges clusters of the nests of one block, as the code generation that will plan them does.
class ClusterFit {
public:
  /// Classifies the nests of a block. Fails after a diagnostic at one that no kernel can hold.
  static mlir::FailureOr<ClusterFit> of(mlir::Block &block);

  /// Whether the nests of a candidate cluster, in the order of their block, form a kernel as
  /// `Clusters` describes it; circles apart.
  bool holds(const Cluster &cluster) const;

private:
  explicit ClusterFit(const Limits &limits) : limits(limits) {}

  Limits limits;
  llvm::DenseMap<mlir::Operation *, Nest> nests;
};

} // namespace ccm
