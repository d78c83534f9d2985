// SPDX-License-Identifier: Apache-2.0
// Upstream's passes from nests to the LLVM dialect, in order.
#include "codegen/reference/ReferenceLowering.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/Transforms/BufferDeallocationOpInterfaceImpl.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/AllocationOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace ccm {

void registerReferenceLowering(DialectRegistry &registry) {
  registry.insert<bufferization::BufferizationDialect, LLVM::LLVMDialect, memref::MemRefDialect,
                  scf::SCFDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  cf::registerBufferDeallocationOpInterfaceExternalModels(registry);
  memref::registerAllocationOpInterfaceExternalModels(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

/// A copy between strided buffers would call a library of MLIR's: loops instead.
static void copyByLoops(ModuleOp module) {
  SmallVector<memref::CopyOp> copies;
  module.walk([&](memref::CopyOp op) { copies.push_back(op); });
  for (memref::CopyOp op : copies) {
    OpBuilder builder(op);
    linalg::makeMemRefCopyOp(builder, op.getLoc(), op.getSource(), op.getTarget());
    op.erase();
  }
}

/// What the buffers of a function may take together; threads have 8 MiB of stack.
static constexpr int64_t kStackBytes = 4 << 20;

/// Buffers of constant size, allocated once per call, can as well lie on the stack.
static LogicalResult allocateOnStack(ModuleOp module) {
  SmallVector<memref::AllocOp> allocations;
  int64_t bytes = 0;
  module.walk([&](memref::AllocOp op) {
    allocations.push_back(op);
    bytes += op.getType().getNumElements() * 8;
  });
  if (bytes > kStackBytes)
    return module.emitError() << "expects the values of a reference kernel within " << kStackBytes
                              << " bytes of stack, got " << bytes;
  for (memref::AllocOp op : allocations) {
    OpBuilder builder(op);
    op.replaceAllUsesWith(
        memref::AllocaOp::create(builder, op.getLoc(), op.getType(), op.getAlignmentAttr())
            .getResult());
    op.erase();
  }
  return success();
}

static LogicalResult approximate(ModuleOp module) {
  RewritePatternSet patterns(module.getContext());
  populateMathPolynomialApproximationPatterns(patterns);
  return applyPatternsGreedily(module, std::move(patterns));
}

static LogicalResult bufferize(ModuleOp module, ReferenceNeeds needs) {
  PassManager passes(module.getContext());
  if (needs == ReferenceNeeds::Nothing)
    passes.addPass(bufferization::createEmptyTensorEliminationPass());
  passes.addPass(bufferization::createOneShotBufferizePass());
  if (needs == ReferenceNeeds::Libraries)
    bufferization::buildBufferDeallocationPipeline(passes, {});
  passes.addPass(createConvertBufferizationToMemRefPass());
  return passes.run(module);
}

static LogicalResult lowerLoops(ModuleOp module, ReferenceNeeds needs) {
  PassManager passes(module.getContext());
  ConvertFuncToLLVMPassOptions calls;
  calls.useBarePtrCallConv = needs == ReferenceNeeds::Nothing;
  passes.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertMathToLLVMPass());
  if (needs == ReferenceNeeds::Libraries)
    passes.addPass(createConvertMathToLibmPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createConvertFuncToLLVMPass(calls));
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  return passes.run(module);
}

LogicalResult lowerByReference(ModuleOp module, ReferenceNeeds needs) {
  if (failed(bufferize(module, needs)))
    return failure();
  copyByLoops(module);
  if (needs == ReferenceNeeds::Nothing &&
      (failed(allocateOnStack(module)) || failed(approximate(module))))
    return failure();
  return lowerLoops(module, needs);
}

} // namespace ccm
