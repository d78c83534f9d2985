// SPDX-License-Identifier: Apache-2.0
// Runs passes over text IR, with ccm's limits on what it reads.
#include "frontend/TextDepth.h"
#include "ir/Ccm.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/io/Io.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

namespace {

constexpr int kBadInput = 1, kBadFile = 74;

/// Bytecode is not safe to read from strangers: text only.
bool isBytecode(llvm::StringRef text) { return text.starts_with("ML\xefR"); }

int run(llvm::StringRef input, llvm::StringRef output, DialectRegistry &registry) {
  auto text = ccm::io::readFile(input.str());
  if (!text) {
    llvm::errs() << "error: " << text.error().message << "\n";
    return kBadFile;
  }
  if (isBytecode(*text)) {
    llvm::errs() << input << ": error: expects text, got bytecode\n";
    return kBadInput;
  }
  if (auto offset = ccm::frontend::scanDepth(*text)) {
    llvm::errs() << input << ":" << 1 + llvm::StringRef(*text).take_front(*offset).count('\n')
                 << ": error: expects brackets nested at most " << ccm::frontend::kTextDepthLimit
                 << " deep\n";
    return kBadInput;
  }
  std::string printed;
  llvm::raw_string_ostream stream(printed);
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(*text, input);
  if (failed(MlirOptMain(stream, std::move(buffer), registry,
                         MlirOptMainConfig::createFromCLOptions())))
    return kBadInput;
  if (output == "-") {
    llvm::outs() << printed;
    return 0;
  }
  auto written = ccm::io::writeFileAtomically(output.str(), printed);
  if (!written)
    llvm::errs() << "error: " << written.error().message << "\n";
  return written ? 0 : kBadFile;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  ccm::registerDialect(registry);
  ccm::registerPasses();
  registerTransformsPasses();
  auto [input, output] =
      registerAndParseCLIOptions(argc, argv, "ccm's optimizer driver\n", registry);
  return run(input, output, registry);
}
