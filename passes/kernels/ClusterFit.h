// SPDX-License-Identifier: Apache-2.0
// Whether nests can be computed together without computing anything twice.
#pragma once

#include "passes/kernels/Clusters.h"

namespace ccm {

/// A nest without reduced loops.
bool isElementwise(mlir::linalg::GenericOp nest);

/// Whether the nests of a candidate cluster, in the order of their block, form a kernel as
/// `Clusters` describes it; circles apart.
bool fitsOneKernel(const Cluster &cluster);

} // namespace ccm
