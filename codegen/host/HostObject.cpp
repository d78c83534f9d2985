// SPDX-License-Identifier: Apache-2.0
// LLVM dialect to object file or assembly.
#include "codegen/Machine.h"
#include "codegen/host/HostEmitter.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Module.h"

using namespace mlir;

namespace ccm {

FailureOr<std::string> emitHostObject(ModuleOp host, HostForm form, StringRef cpu) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  host.getContext()->appendDialectRegistry(registry);
  llvm::TargetOptions options;
  options.FunctionSections = options.DataSections = true;
  auto machine = createMachine(cpu, options, llvm::CodeGenOptLevel::Default);
  if (!machine)
    return host.emitError() << "cannot create code for this architecture: "
                            << llvm::toString(machine.takeError());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(host, context, "host", /*disableVerification=*/false);
  if (!module)
    return failure();
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  auto code = emitCode(*module, **machine,
                       form == HostForm::Object ? llvm::CodeGenFileType::ObjectFile
                                                : llvm::CodeGenFileType::AssemblyFile);
  if (!code)
    return host.emitError() << "cannot emit code for this architecture: "
                            << llvm::toString(code.takeError());
  return std::move(*code);
}

} // namespace ccm
