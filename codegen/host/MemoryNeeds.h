// SPDX-License-Identifier: Apache-2.0
// What a compiled model takes of memory, as far as the compiler knows it.
#pragma once

#include "codegen/host/HostModel.h"

namespace ccm {

/// Bytes that calls take. A worker's are those of blocks of the largest size; how many workers and
/// deltas there are follows from batch and threads: `sizes` of the library tells their sum.
struct MemoryNeeds {
  uint64_t parameters = 0;  ///< with all padding; of a delta too
  uint64_t state = 0;       ///< of the optimizer
  uint64_t prepared = 0;    ///< values made of parameters alone, once per call
  uint64_t inferWorker = 0; ///< that a worker of `infer` takes
  uint64_t trainWorker = 0; ///< that a worker of `step` takes; 0: the library does not train
};

MemoryNeeds memoryNeeds(const HostModel &model);

/// Bytes of the internals that an infer function keeps for itself; 0 where it keeps none.
uint64_t inferInternalBytes(mlir::func::FuncOp infer);

} // namespace ccm
