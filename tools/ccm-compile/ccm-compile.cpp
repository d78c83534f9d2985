// SPDX-License-Identifier: Apache-2.0
// Compiles a declaration to a native library.
#include "frontend/ModelSchema.h"
#include "runtime/io/Io.h"
#include "tools/ccm-compile/Compilation.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include <chrono>
#include <unistd.h>

using namespace ccm;

namespace {

constexpr uint64_t kLargestInput = uint64_t(16) << 20; // bytes, of declarations and of IR

ExitCode fail(const io::Error &error) {
  llvm::errs() << "ccm-compile: error: " << error.message << "\n";
  return kBadFile;
}

/// The input must survive: an output that is the same file is refused before anything runs.
bool wouldOverwriteInput(const Options &options) {
  if (options.input == "-" || options.output == "-")
    return false;
  auto input = io::fileIdentity(options.input), output = io::fileIdentity(options.output);
  return input && output && *input == *output;
}

ExitCode write(const Options &options, const std::string &bytes) {
  if (options.output == "-") {
    llvm::outs() << bytes;
    llvm::outs().flush();
    bool failed = llvm::outs().has_error();
    llvm::outs().clear_error();
    if (failed)
      llvm::errs() << "ccm-compile: error: cannot write to standard output\n";
    return failed ? kBadFile : kDone;
  }
  unsigned mode = options.stage == Stage::Library ? 0755 : 0644;
  if (auto status = io::writeFileAtomically(options.output, bytes, mode); !status)
    return fail(status.error());
  if (options.depfile.empty())
    return kDone;
  auto status =
      io::writeFileAtomically(options.depfile, options.output + ": " + options.input + "\n");
  return status ? kDone : fail(status.error());
}

/// Keeps what a bug report needs: the IR before the failure and the command that repeats it.
void writeReproducer(const Options &options, llvm::StringRef text) {
  std::string path = (options.output == "-" ? "ccm" : options.output) + ".crash.mlir";
  std::string bytes = "// ccm-compile " + options.input + "\n// input:\n";
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  for (llvm::StringRef line : lines)
    bytes += "// " + line.str() + "\n";
  if (io::writeFileAtomically(path, bytes))
    llvm::errs() << "ccm-compile: internal error, please report it with " << path << "\n";
}

ExitCode compile(const Options &options) {
  auto start = std::chrono::steady_clock::now();
  if (wouldOverwriteInput(options)) {
    llvm::errs() << "ccm-compile: error: the output '" << options.output << "' is the input\n";
    return kBadCommandLine;
  }
  auto text = io::readFile(options.input, kLargestInput);
  if (!text)
    return fail(text.error());
  frontend::Source source(options.input == "-" ? "<stdin>" : options.input, *text);
  frontend::Diagnostics diagnostics(source);
  Compilation compilation(options, diagnostics);
  std::string bytes;
  ExitCode code = compilation.run(bytes);
  bool color = options.color.value_or(isatty(STDERR_FILENO));
  diagnostics.print(llvm::errs(),
                    options.diagnosticsJson ? frontend::DiagnosticFormat::Json
                                            : frontend::DiagnosticFormat::Text,
                    color);
  if (code == kInternalError)
    writeReproducer(options, *text);
  if (code != kDone)
    return code;
  if (!options.check)
    code = write(options, bytes);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (code == kDone)
    compilation.report(seconds, bytes.size());
  return code;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  if (auto code = parseOptions(argc, argv, options))
    return *code;
  if (options.printSchema) {
    mlir::DialectRegistry registry;
    registerDialect(registry);
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    frontend::printSchema(frontend::Language(context), llvm::outs());
    return kDone;
  }
  return compile(options);
}
