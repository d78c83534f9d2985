// SPDX-License-Identifier: Apache-2.0
// Recovery from failures and crashes of passes, by MLIR's own reproducers.
#include "tools/ccm-compile/Reproducer.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "runtime/io/Io.h"
#include "runtime/io/Sabotage.h"
#include "llvm/Support/CrashRecoveryContext.h"

using namespace mlir;

namespace ccm {

bool runSafely(llvm::function_ref<void()> step) {
  llvm::CrashRecoveryContext::Enable();
  bool survived = llvm::CrashRecoveryContext().RunSafely(step);
  llvm::CrashRecoveryContext::Disable();
  return survived;
}

namespace {
/// Crashes before a pass, as a test asks for.
struct CrashBefore : PassInstrumentation {
  explicit CrashBefore(StringRef pass) : pass(pass) {}

  void runBeforePass(Pass *next, Operation *) override {
    if (next->getArgument() == pass)
      __builtin_trap();
  }

  StringRef pass;
};

/// Collects a reproducer in a string.
class TextStream : public ReproducerStream {
public:
  explicit TextStream(std::string &text) : stream(text) {}
  StringRef description() override { return "the reproducer"; }
  raw_ostream &os() override { return stream; }

private:
  llvm::raw_string_ostream stream;
};
} // namespace

void addStage(PassManager &manager, AddPasses add) {
  manager.enableVerifier();
  add(manager);
  if (io::sabotaged("crash_in_pass"))
    manager.addInstrumentation(std::make_unique<CrashBefore>("ccm-expand-train"));
}

Reproducer reproducePasses(ModuleOp before, AddPasses add) {
  Reproducer reproducer{"", "ccm-opt -run-reproducer"};
  // What is said was said the first time.
  ScopedDiagnosticHandler silence(before.getContext(), [](Diagnostic &) { return success(); });
  PassManager manager(before.getContext());
  manager.enableCrashReproducerGeneration(
      [&](std::string &) { return std::make_unique<TextStream>(reproducer.ir); },
      /*genLocalReproducer=*/true);
  addStage(manager, add);
  ModuleOp again = before.clone(); // a crash leaves it broken: it is never freed
  runSafely([&] { (void)manager.run(again); });
  if (reproducer.ir.empty())
    reproducer.ir = makeReproducer(ModuleOp::getOperationName(), manager.getPasses(), before, "");
  return reproducer;
}

std::string reproducerPath(const Options &options) {
  return (options.output == "-" ? "ccm" : options.output) + ".crash.mlir";
}

/// The input's text where there is no IR yet.
static std::string asComments(llvm::StringRef text) {
  std::string comments;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  for (llvm::StringRef line : lines)
    comments += ("// " + line + "\n").str();
  return comments;
}

void writeReproducer(const Options &options, const Reproducer &reproducer, llvm::StringRef input) {
  std::string path = reproducerPath(options);
  std::string command = reproducer.command + " " + (reproducer.ir.empty() ? options.input : path);
  std::string bytes = "// " + command + "\n";
  bytes += reproducer.ir.empty() ? asComments(input) : reproducer.ir;
  auto written = io::writeFileAtomically(path, bytes);
  if (!written)
    llvm::errs() << "ccm-compile: error: " << written.error().message << "\n";
  llvm::errs() << "ccm-compile: internal error" << (written ? ", please report it with " : "")
               << (written ? path : "") << "; `" << command << "` repeats it\n";
}

} // namespace ccm
