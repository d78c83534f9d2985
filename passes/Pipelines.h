// SPDX-License-Identifier: Apache-2.0
// The compiler as one list of passes, cut into named stages.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace ccm {

/// Knobs of the pipeline; both tools take them as `--ccm-pipeline="..."`.
struct PipelineOptions : mlir::PassPipelineOptions<PipelineOptions> {
  Option<bool> explain{*this, "explain", llvm::cl::desc("record every rejected candidate"),
                       llvm::cl::init(false)};
  Option<std::string> entries{*this, "entries",
                              llvm::cl::desc("that the library has: infer, train or all"),
                              llvm::cl::init("all")};
  Option<int64_t> internalsCap{
      *this, "internals-cap", llvm::cl::desc("bytes of internals per sample; 0: the declaration's"),
      llvm::cl::init(0)};
};

/// Parts with budgets -> primitives.
void addStructureStage(mlir::OpPassManager &manager, const PipelineOptions &options);
/// Primitives -> functions of loop nests.
void addNestsStage(mlir::OpPassManager &manager, const PipelineOptions &options);
/// Loop nests -> kernels with places.
void addKernelsStage(mlir::OpPassManager &manager, const PipelineOptions &options);

/// Registers the passes and the pipelines ccm-structure, ccm-nests and ccm-kernels (each from a
/// declaration's IR) for ccm-opt.
void registerPasses();

} // namespace ccm
