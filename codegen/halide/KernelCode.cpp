// SPDX-License-Identifier: Apache-2.0
// Marked products become fused multiply-adds; LLVM's code generation does the rest.
#include "codegen/halide/KernelCode.h"
#include "codegen/Machine.h"
#include "runtime/io/Sabotage.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>

using namespace llvm;

namespace ccm {

namespace {

/// Fuses the marked products of one function; returns false where a mark has another reader than a
/// sum.
class Fusion {
public:
  explicit Fusion(Function &function) : function(function), builder(function.getContext()) {}

  bool run() {
    for (Instruction &instruction : make_early_inc_range(instructions(function)))
      if (is_contained({Instruction::FAdd, Instruction::FSub}, instruction.getOpcode()))
        fuse(instruction);
    return eraseMarks();
  }

private:
  static bool isMark(Value *value) {
    const APFloat *divisor = nullptr;
    return PatternMatch::match(value, PatternMatch::m_FDiv(PatternMatch::m_Value(),
                                                           PatternMatch::m_APFloat(divisor))) &&
           divisor->bitwiseIsEqual(APFloat(kProductMark));
  }

  /// The factors of a marked product, also of one that was moved before a shuffle; or none.
  std::optional<std::pair<Value *, Value *>> factorsOf(Value *value) {
    if (auto *shuffle = dyn_cast<ShuffleVectorInst>(value)) {
      auto inside = factorsOf(shuffle->getOperand(0));
      if (!inside || !isa<UndefValue>(shuffle->getOperand(1)))
        return std::nullopt;
      return std::pair(builder.CreateShuffleVector(inside->first, shuffle->getShuffleMask()),
                       builder.CreateShuffleVector(inside->second, shuffle->getShuffleMask()));
    }
    auto *product = isMark(value) ? productOf(value) : nullptr;
    // The fault contracts wherever it can, as compilers do that look at whole functions.
    if (!product && io::sabotaged("contract_across_nests"))
      product = dyn_cast<BinaryOperator>(value);
    if (!product || product->getOpcode() != Instruction::FMul)
      return std::nullopt;
    return std::pair(product->getOperand(0), product->getOperand(1));
  }

  static BinaryOperator *productOf(Value *mark) {
    auto *product = dyn_cast<BinaryOperator>(cast<Instruction>(mark)->getOperand(0));
    return product && product->getOpcode() == Instruction::FMul ? product : nullptr;
  }

  /// Halide subtracts products by negative constants.
  void fuse(Instruction &sum) {
    builder.SetInsertPoint(&sum);
    bool subtracts = sum.getOpcode() == Instruction::FSub;
    for (unsigned side : {1u, 0u}) {
      auto factors = factorsOf(sum.getOperand(side));
      if (!factors || (subtracts && side == 0))
        continue;
      Value *left = subtracts ? builder.CreateFNeg(factors->first) : factors->first;
      Value *fused = builder.CreateIntrinsic(Intrinsic::fma, {sum.getType()},
                                             {left, factors->second, sum.getOperand(1 - side)});
      fused->takeName(&sum);
      sum.replaceAllUsesWith(fused);
      sum.eraseFromParent();
      return;
    }
  }

  /// A square to which zero was added is the square itself, as it is no negative zero.
  bool eraseMarks() {
    bool fused = true;
    for (Instruction &instruction : make_early_inc_range(instructions(function))) {
      if (!isMark(&instruction))
        continue;
      BinaryOperator *product = productOf(&instruction);
      fused &=
          onlyMoved(instruction) || (product && product->getOperand(0) == product->getOperand(1));
      instruction.replaceAllUsesWith(instruction.getOperand(0));
      instruction.eraseFromParent();
    }
    return fused;
  }

  /// Whether nothing but shuffles that nobody reads any more read a value.
  static bool onlyMoved(const Instruction &value) {
    return all_of(value.users(), [](const User *user) {
      auto *shuffle = dyn_cast<ShuffleVectorInst>(user);
      return shuffle && onlyMoved(*shuffle);
    });
  }

  Function &function;
  IRBuilder<> builder;
};

/// What is left to do on code that Halide has optimized, see `keepMarksApart`; all of O3 takes
/// more than twice as long and gives no faster kernels.
constexpr StringLiteral kPasses =
    "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),"
    "early-cse,slp-vectorizer,vector-combine,instcombine<no-verify-fixpoint>,adce),globaldce";

void optimize(Module &module, TargetMachine &machine) {
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

} // namespace

/// Hides what the kernel's own functions call, so that it is inlined or dropped.
static void hideHelpers(Module &module, StringRef symbol) {
  for (Function &function : module)
    if (!function.isDeclaration() && !function.getName().starts_with(symbol))
      function.setLinkage(GlobalValue::InternalLinkage);
}

void keepMarksApart() {
  // Halide reads it once, before it compiles for the first time. `compileBitcode` runs these
  // passes.
  static const bool isSet =
      ::setenv("HL_LLVM_ARGS",
               "-vectorize-slp=false -disable-vector-combine -debug-counter=instcombine-visit=0",
               /*overwrite=*/1) == 0;
  (void)isSet;
}

Expected<std::string> compileBitcode(StringRef bitcode, StringRef symbol) {
  LLVMContext context;
  context.setDiscardValueNames(true); // nobody reads them
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bitcode, "kernel"), context);
  if (!module)
    return module.takeError();
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  auto machine =
      createMachine((*module)->getTargetTriple(), /*cpu=*/"", options, CodeGenOptLevel::Aggressive);
  if (!machine)
    return machine.takeError();
  for (Function &function : **module)
    if (!Fusion(function).run())
      return createStringError("a product is not part of a sum");
  hideHelpers(**module, symbol);
  (*module)->setDataLayout((*machine)->createDataLayout());
  optimize(**module, **machine);
  return emitCode(**module, **machine, CodeGenFileType::ObjectFile);
}

} // namespace ccm
