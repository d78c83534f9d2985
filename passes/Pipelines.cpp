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
  manager.addPass(createDeriveModelType());        // from ports alone, before parts are gone
  manager.addPass(createChooseStrategies(choose)); // all parts, before any is replaced
  manager.addPass(createBuildStructure());         // what follows sees primitives only
}

void addNestsStage(OpPassManager &manager, const PipelineOptions &options) {
  ChooseBlocksOptions blocks;
  blocks.cap = options.internalsCap;
  ChooseInternalsOptions internals;
  internals.cap = options.internalsCap;
  const bool trains = options.entries != entriesWord(Entries::Infer);
  manager.addPass(createChooseBlocks(blocks)); // needs the primitives' costs; functions are static
  manager.addPass(createExpandForward());
  manager.addPass(createExpandDecode()); // beside the forward, which it repeats for one position
  if (trains) {
    manager.addPass(createExpandBackward()); // beside the forward, which it repeats
    manager.addPass(createExpandTrain());
    manager.addPass(createChooseInternals(internals)); // while the two are alike, nest by nest
  }
  manager.addPass(createPrepareParameters()); // what recomputing left to parameters alone
  manager.addPass(createDeriveEntries());     // before merging: inference may merge more
  manager.addNestedPass<func::FuncOp>(createFuseNests()); // when nothing is cut apart any more
}

void addKernelsStage(OpPassManager &manager, const PipelineOptions &options) {
  SelectEntriesOptions entries;
  entries.keep = options.entries;
  manager.addNestedPass<func::FuncOp>(createFormKernels());
  manager.addPass(createDeriveHalves()); // after kernels: the halves share them with the whole
  manager.addPass(createSelectEntries(entries)); // when the halves no longer need the whole
  manager.addPass(createPlanBuffers()); // last: every function's values are as they will be
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
