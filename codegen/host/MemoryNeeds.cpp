// SPDX-License-Identifier: Apache-2.0
// What a compiled model takes of memory, as far as the compiler knows it.
#include "codegen/host/MemoryNeeds.h"
#include "codegen/host/Places.h"

using namespace mlir;

namespace ccm {

uint64_t inferInternalBytes(func::FuncOp infer) {
  bool keeps = regionsOf(plannedOps(infer)) & CCM_REGION(internal);
  return keeps ? bytesAttribute(infer, kInternalBytes) : 0;
}

static uint64_t scratchOf(const HostBlock &block, ArrayRef<int> functions) {
  uint64_t most = 0;
  for (int number : functions)
    most = std::max(most, bytesAttribute(block.functions[number], kScratchBytes));
  return most;
}

MemoryNeeds memoryNeeds(const HostModel &model) {
  const HostBlock &largest = model.blocks.back();
  func::FuncOp infer = largest.functions[CCM_INFER], train = largest.functions[CCM_BACKWARD_TRAIN];
  MemoryNeeds needs;
  needs.parameters = model.paramsBytes;
  needs.state = model.stateCount * model.trainedBytes;
  needs.prepared = bytesAttribute(model.prepare, kPreparedBytes);
  needs.inferWorker = inferInternalBytes(infer) + scratchOf(largest, {CCM_INFER});
  if (train)
    needs.trainWorker = bytesAttribute(largest.functions[CCM_FORWARD], kInternalBytes) +
                        scratchOf(largest, {CCM_FORWARD, CCM_LOSS, CCM_BACKWARD_TRAIN});
  return needs;
}

} // namespace ccm
