// SPDX-License-Identifier: Apache-2.0
// LLVM modules to object files or text.
#include "codegen/Machine.h"
#include "codegen/host/HostEmitter.h"

namespace ccm {

llvm::Expected<std::string> emitHostObject(llvm::Module &host, HostForm form, llvm::StringRef cpu) {
  llvm::TargetOptions options;
  options.FunctionSections = options.DataSections = true;
  auto machine = createMachine(cpu, options, llvm::CodeGenOptLevel::Default);
  if (!machine)
    return machine.takeError();
  host.setTargetTriple((*machine)->getTargetTriple());
  host.setDataLayout((*machine)->createDataLayout());
  if (form == HostForm::Llvm) {
    std::string text;
    llvm::raw_string_ostream(text) << host;
    return text;
  }
  return emitCode(host, **machine,
                  form == HostForm::Object ? llvm::CodeGenFileType::ObjectFile
                                           : llvm::CodeGenFileType::AssemblyFile);
}

} // namespace ccm
