// SPDX-License-Identifier: Apache-2.0
// LLVM's code generation for the host's architecture: kernels and host code alike.
#pragma once

#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include <memory>
#include <string>

namespace ccm {

/// A machine that makes position-independent code for processors of LLVM's name `cpu`; "": any that
/// Linux on x86-64 runs on.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(llvm::StringRef cpu, const llvm::TargetOptions &options, llvm::CodeGenOptLevel level);

/// A module, which is of the machine's triple and data layout, as an object file or assembly. Fails
/// where it has no such form.
llvm::Expected<std::string> emitCode(llvm::Module &module, llvm::TargetMachine &machine,
                                     llvm::CodeGenFileType type);

} // namespace ccm
