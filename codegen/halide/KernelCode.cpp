// SPDX-License-Identifier: Apache-2.0
// LLVM's passes and code generation for kernels.
#include "codegen/halide/KernelCode.h"
#include "codegen/Machine.h"
#include "codegen/halide/LoweredKernel.h"
#include "llvm/Passes/PassBuilder.h"

using namespace llvm;

namespace ccm {

/// Keeps unrolled tiles in registers, shares what statements have in common and takes out of loops
/// what does not change there. All of O3 takes several times as long and gives no faster kernels.
static constexpr StringLiteral kPasses =
    "function(sroa,early-cse<memssa>,simplifycfg,loop-mssa(licm),"
    "instcombine<no-verify-fixpoint>,early-cse,adce)";

static void optimize(llvm::Module &module, TargetMachine &machine) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager calls;
  ModuleAnalysisManager modules;
  PassBuilder passes(&machine);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(calls);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, calls, modules);
  ModulePassManager pipeline;
  cantFail(passes.parsePassPipeline(pipeline, kPasses));
  pipeline.run(module, modules);
}

/// The function of a kernel, without a body.
static llvm::Function *declareKernel(llvm::Module &module, StringRef symbol, const Target &target) {
  IRBuilder<> builder(module.getContext());
  Type *word = builder.getInt32Ty();
  auto *type =
      FunctionType::get(builder.getVoidTy(), {builder.getPtrTy(), word, word}, /*isVarArg=*/false);
  auto *function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
  std::string bits = std::to_string(target.lanes * 32);
  function->addFnAttr(Attribute::NoUnwind);
  function->addFnAttr("target-cpu", target.cpu);
  function->addFnAttr("prefer-vector-width", bits);
  function->addFnAttr("min-legal-vector-width", bits);
  return function;
}

/// Gives the body's names their values at the function's start.
static void bindArguments(LoweredKernel &kernel, llvm::Function &function, IRBuilder<> &builder,
                          ArrayRef<KernelBuffer> buffers) {
  kernel.bind(kFirstTask, function.getArg(1));
  kernel.bind(kTaskCount, function.getArg(2));
  for (auto [number, buffer] : enumerate(buffers)) {
    Value *place =
        builder.CreateConstInBoundsGEP1_64(builder.getPtrTy(), function.getArg(0), number);
    kernel.bindBuffer(buffer.name, builder.CreateLoad(builder.getPtrTy(), place), buffer.memory);
  }
}

static Error translate(const Halide::Internal::Stmt &body, ArrayRef<KernelBuffer> buffers,
                       llvm::Function &function) {
  IRBuilder<> builder(BasicBlock::Create(function.getContext(), "", &function));
  LoweredKernel kernel(builder);
  bindArguments(kernel, function, builder, buffers);
  kernel.translate(body);
  builder.CreateRetVoid();
  return kernel.refusal().empty() ? Error::success() : createStringError(kernel.refusal());
}

Expected<std::string> compileLowered(const Halide::Internal::Stmt &body,
                                     ArrayRef<KernelBuffer> buffers, StringRef symbol,
                                     const Target &target) {
  LLVMContext context;
  context.setDiscardValueNames(true); // nobody reads them
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  auto machine = createMachine(target.cpu, options, CodeGenOptLevel::Aggressive);
  if (!machine)
    return machine.takeError();
  llvm::Module module("kernel", context);
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  if (Error error = translate(body, buffers, *declareKernel(module, symbol, target)))
    return error;
  optimize(module, **machine);
  return emitCode(module, **machine, CodeGenFileType::ObjectFile);
}

} // namespace ccm
