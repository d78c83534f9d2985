// SPDX-License-Identifier: Apache-2.0
// The host code of an artifact: planned functions become tables of launches, which the entries of
// `codegen/artifact` read.
#pragma once

#include "codegen/artifact/blocks.h"
#include "codegen/halide/HalideEmitter.h"
#include "codegen/host/HostForm.h"
#include "codegen/host/HostModel.h"
#include "codegen/host/MemoryNeeds.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <array>

namespace ccm {

/// How a kernel is called.
struct HostCall {
  std::string symbol;
  llvm::SmallVector<KernelArgument> arguments;
  int tasks = 1;
};

/// One code path: what it is called, the processor features it needs, and its kernels.
struct HostPath {
  std::string name;
  std::array<uint32_t, CCM_FEATURE_WORDS> required = {};
  llvm::DenseMap<mlir::Operation *, HostCall> kernels; ///< of every `ccm.kernel`
};

/// What the host code holds beside the functions.
struct HostTexts {
  std::string describe; ///< JSON of `ccm_model::describe`
  std::string ir;       ///< of section `.ccm.ir`; "": no section
};

/// An LLVM module and what it lives in, and what calls of it take.
struct HostModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  MemoryNeeds memory;
};

/// Builds a module that exports `ccm_model_<name>`. `paths` come in the order of preference. Fails
/// after a diagnostic, for one where an operation is not planned or a place lies outside its
/// region.
llvm::FailureOr<HostModule> buildHostModule(mlir::ModuleOp planned, llvm::ArrayRef<HostPath> paths,
                                            const HostTexts &texts);

/// Code of a module for processors of LLVM's name `cpu`; host code runs on all of the architecture.
llvm::Expected<std::string> emitHostObject(llvm::Module &host, HostForm form = HostForm::Object,
                                           llvm::StringRef cpu = "x86-64");

} // namespace ccm
