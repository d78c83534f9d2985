// SPDX-License-Identifier: Apache-2.0
// One run of the compiler, from the input's text to the output's bytes.
#pragma once

#include "codegen/Codegen.h"
#include "frontend/Diagnostics.h"
#include "ir/Ccm.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "tools/ccm-compile/Options.h"
#include "tools/ccm-compile/Reproducer.h"

namespace ccm {

/// Holds the IR between stages. Errors go to `diagnostics`, which must outlive it.
class Compilation {
public:
  Compilation(const Options &options, frontend::Diagnostics &diagnostics);

  /// Runs up to the wanted stage and fills `bytes`. The exit code says whose fault a failure is.
  ExitCode run(std::string &bytes);

  /// The report, in the form that the options ask for: on standard error as text, on standard
  /// output as JSON. `seconds` is the time of the whole run.
  void report(double seconds, size_t bytes);

  /// After an internal error: what repeats it.
  const Reproducer &reproducer() const { return remains; }

private:
  ExitCode load();
  ExitCode runStages();
  ExitCode emit(std::string &bytes);
  ExitCode emitArtifact(ArtifactKind kind, const EmitOptions &emitOptions, std::string &bytes);
  ExitCode emitHostText(HostForm form, const EmitOptions &emitOptions, std::string &bytes);
  ExitCode runPasses(llvm::StringRef stage, AddPasses add, ExitCode fault);
  ExitCode guarded(Reproducer repeats, llvm::function_ref<ExitCode()> step);
  std::string emissionCommand();
  bool isIr() const;
  std::string text();
  std::string textOfLibrary();
  ModelOp model();

  const Options &options;
  mlir::DefaultTimingManager timing; ///< prints when it ends
  mlir::TimingScope time;            ///< of the whole run
  frontend::Diagnostics &diagnostics;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string structure; ///< text of the IR of primitives, which the library carries
  mlir::Attribute parts; ///< of the model, with what was passed over; null before they are built
  Reproducer remains;
  EmitReport emitted;
  bool fileFailed = false; ///< rather than the model or the compiler
};

} // namespace ccm
