// SPDX-License-Identifier: Apache-2.0
// The order of the passes: the only place where it is written.
#include "passes/Pipelines.h"
#include "ir/Entries.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;

namespace ccm {

void addStructureStage(OpPassManager &manager, const PipelineOptions &options) {
  ChooseStrategiesOptions choose;
  choose.explain = options.explain;
  manager.addPass(createDeriveModelType());
  manager.addPass(createChooseStrategies(choose));
  manager.addPass(createBuildStructure());
}

void addNestsStage(OpPassManager &manager, const PipelineOptions &options) {
  ChooseBlocksOptions blocks;
  blocks.cap = options.internalsCap;
  ChooseInternalsOptions internals;
  internals.cap = options.internalsCap;
  SelectEntriesOptions entries;
  entries.keep = options.entries;
  const bool trains = options.entries != entriesWord(Entries::Infer);
  manager.addPass(createChooseBlocks(blocks));
  manager.addPass(createExpandForward());
  if (trains) {
    manager.addPass(createExpandBackward());
    manager.addPass(createExpandTrain());
    manager.addPass(createChooseInternals(internals));
  }
  manager.addPass(createPrepareParameters());
  manager.addPass(createDeriveEntries());
  manager.addPass(createSelectEntries(entries));
  manager.addNestedPass<func::FuncOp>(createFuseNests());
}

void addKernelsStage(OpPassManager &manager, const PipelineOptions &options) {
  manager.addNestedPass<func::FuncOp>(createFormKernels());
  manager.addPass(createPlanBuffers());
}

void registerPasses() {
  registerCcmPasses();
  PassPipelineRegistration<PipelineOptions>("ccm-structure", "parts to primitives",
                                            addStructureStage);
  PassPipelineRegistration<PipelineOptions>("ccm-nests", "parts to loop nests",
                                            [](OpPassManager &manager, const PipelineOptions &o) {
                                              addStructureStage(manager, o);
                                              addNestsStage(manager, o);
                                            });
  PassPipelineRegistration<PipelineOptions>("ccm-kernels", "parts to planned kernels",
                                            [](OpPassManager &manager, const PipelineOptions &o) {
                                              addStructureStage(manager, o);
                                              addNestsStage(manager, o);
                                              addKernelsStage(manager, o);
                                            });
}

} // namespace ccm
