// SPDX-License-Identifier: Apache-2.0
// Compiles a declaration to a native library.
#include "frontend/ModelSchema.h"
#include "passes/structure/Report.h"
#include "runtime/io/Io.h"
#include "tools/ccm-compile/Compilation.h"
#include "tools/support/Process.h"
#include <cerrno>
#include <chrono>
#include <unistd.h>

using namespace ccm;

namespace {

constexpr uint64_t kLargestInput = uint64_t(16) << 20; // bytes, of declarations and of IR

ExitCode fail(const io::Error &error) {
  llvm::errs() << "ccm-compile: error: " << error.message << "\n";
  return kBadFile;
}

/// Every input must survive: an output that is the same file is refused.
bool wouldOverwrite(const std::string &path, const Options &options) {
  if (path == "-" || options.output == "-")
    return false;
  auto input = io::fileIdentity(path), output = io::fileIdentity(options.output);
  if (!input || !output || *input != *output)
    return false;
  llvm::errs() << "ccm-compile: error: the output '" << options.output << "' is "
               << (path == options.input ? "the" : "an") << " input\n";
  return true;
}

/// The files that were read.
using Inputs = std::vector<std::string>;

Inputs inputsOf(const Options &options, const frontend::Diagnostics &diagnostics) {
  Inputs inputs{options.input};
  for (const frontend::Source *used : diagnostics.files().drop_front())
    inputs.push_back(used->path().str());
  return inputs;
}

/// A path as make reads it.
std::string escaped(llvm::StringRef path) {
  std::string text;
  for (char c : path) {
    if (c == '$')
      text += '$';
    if (c == ' ' || c == '#' || c == '\\')
      text += '\\';
    text += c;
  }
  return text;
}

/// The rule for make goes first: an output without it would not be made again when it should.
ExitCode write(const Options &options, const Inputs &inputs, const std::string &bytes) {
  if (!options.depfile.empty()) {
    std::string rule = escaped(options.output) + ":";
    for (const std::string &input : inputs)
      rule += " " + escaped(input);
    rule += "\n";
    if (auto status = io::writeFileAtomically(options.depfile, rule); !status)
      return fail(status.error());
  }
  if (options.output == "-") {
    llvm::outs() << bytes;
    return kDone;
  }
  unsigned mode = options.stage == Stage::Library ? 0755 : 0644;
  auto status = io::writeFileAtomically(options.output, bytes, mode);
  if (!status && !options.depfile.empty())
    (void)static_cast<bool>(io::removeTree(options.depfile));
  return status ? kDone : fail(status.error());
}

ExitCode compile(const Options &options) {
  auto start = std::chrono::steady_clock::now();
  if (wouldOverwrite(options.input, options))
    return kBadCommandLine;
  bool compilesKernels = !options.check && options.stage >= Stage::Llvm;
  if (compilesKernels && options.needsCache)
    if (auto made = io::makeDirectories(options.cacheDirectory); !made)
      return fail(made.error());
  auto text = io::readFile(options.input, kLargestInput);
  if (!text) // one that is too large could be read, but is no input
    return fail(text.error()), text.error().code == EFBIG ? kBadInput : kBadFile;
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
    writeReproducer(options, compilation.reproducer(), *text);
  if (code != kDone)
    return code;
  const Inputs inputs = inputsOf(options, diagnostics);
  for (const std::string &used : llvm::ArrayRef(inputs).drop_front())
    if (!options.check && wouldOverwrite(used, options))
      return kBadCommandLine;
  if (!options.check)
    code = write(options, inputs, bytes);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (code == kDone)
    compilation.report(seconds, bytes.size());
  return code;
}

/// What is printed instead of compiling: tables of the compiler itself.
ExitCode printTables(const Options &options) {
  mlir::DialectRegistry registry;
  registerDialect(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (options.printSchema)
    frontend::printSchema(frontend::Language(context), stream);
  if (options.printStrategies)
    printStrategies(stream);
  return write(options, {options.input}, text);
}

} // namespace

int main(int argc, char **argv) {
  startTool("ccm-compile");
  Options options;
  if (auto code = parseOptions(argc, argv, options))
    return finishTool(*code);
  if (options.printSchema || options.printStrategies)
    return finishTool(printTables(options));
  return finishTool(supervise([&] { return compile(options); }));
}
