// SPDX-License-Identifier: Apache-2.0
// Runs passes over text IR, with ccm's limits on what it reads.
#include "frontend/Source.h"
#include "frontend/TextDepth.h"
#include "ir/Ccm.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/io/Io.h"
#include "tools/support/Process.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cerrno>

using namespace mlir;

namespace {

constexpr uint64_t kLargestText = uint64_t(256) << 20; // bytes

struct Options {
  std::string input, output; ///< paths, or "-"
  bool trustBytecode = false;
};

int fail(const ccm::io::Error &error) {
  llvm::errs() << "ccm-opt: error: " << error.message << "\n";
  return ccm::kBadFile;
}

/// Whether the input may be given to MLIR's parser; says why not.
bool checkText(const Options &options, llvm::StringRef text) {
  if (options.trustBytecode && ccm::frontend::isBytecode(text))
    return true;
  auto problem = ccm::frontend::findTextProblem(text);
  if (!problem)
    return true;
  auto [line, column] = ccm::frontend::Source(options.input, text.str()).position(problem->offset);
  llvm::errs() << options.input << ":" << line << ":" << column << ": error: " << problem->message
               << "\n";
  return false;
}

int run(const Options &options, DialectRegistry &registry) {
  auto text = ccm::io::readFile(options.input, kLargestText);
  if (!text) // one that is too large could be read, but is no input
    return fail(text.error()), text.error().code == EFBIG ? ccm::kBadInput : ccm::kBadFile;
  if (!checkText(options, *text))
    return ccm::kBadInput;
  std::string printed;
  llvm::raw_string_ostream stream(printed);
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(*text, options.input);
  if (failed(MlirOptMain(stream, std::move(buffer), registry,
                         MlirOptMainConfig::createFromCLOptions())))
    return ccm::kBadInput;
  if (options.output == "-") {
    llvm::outs() << printed;
    return 0;
  }
  auto written = ccm::io::writeFileAtomically(options.output, printed);
  return written ? 0 : fail(written.error());
}

/// None after a message about the command line.
std::optional<Options> parseOptions(int argc, char **argv, DialectRegistry &registry) {
  namespace cl = llvm::cl;
  static cl::opt<std::string> input(cl::Positional, cl::desc("<input file>"), cl::init("-"));
  static cl::opt<std::string> output("o", cl::desc("output file"), cl::value_desc("file"),
                                     cl::init("-"));
  static cl::opt<bool> trust("trusted-bytecode",
                             cl::desc("read bytecode too; it may do harm, so only your own"));
  std::string help = registerCLIOptions("ccm's optimizer driver\n", registry);
  // MLIR's own way would end the process with another exit code.
  if (!cl::ParseCommandLineOptions(argc, argv, help, &llvm::errs()))
    return std::nullopt;
  return Options{input, output, trust};
}

} // namespace

int main(int argc, char **argv) {
  ccm::startTool("ccm-opt");
  DialectRegistry registry;
  ccm::registerDialect(registry);
  ccm::registerPasses();
  registerTransformsPasses();
  auto options = parseOptions(argc, argv, registry);
  if (!options)
    return ccm::finishTool(ccm::kBadCommandLine);
  return ccm::finishTool(ccm::supervise([&] { return run(*options, registry); }));
}
