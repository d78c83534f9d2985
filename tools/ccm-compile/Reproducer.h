// SPDX-License-Identifier: Apache-2.0
// What remains of an internal error: the IR before it and the command that repeats it.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "tools/ccm-compile/Options.h"

namespace ccm {

/// IR and how to repeat a failure with it.
struct Reproducer {
  std::string ir;      ///< text; "": there was none yet
  std::string command; ///< what repeats the failure, without the file that holds the IR
};

/// Adds passes to a pipeline.
using AddPasses = llvm::function_ref<void(mlir::OpPassManager &)>;

/// Runs `step`; false where it crashed. What it worked on must not be touched then.
bool runSafely(llvm::function_ref<void()> step);

/// Adds passes of a stage and, in test builds, what CCM_SABOTAGE asks for.
void addStage(mlir::PassManager &manager, AddPasses add);

/// Repeats the failing passes on the IR before them: the one that fails, alone, with the IR before
/// it. Where the failure does not come again: all of them.
Reproducer reproducePasses(mlir::ModuleOp before, AddPasses add);

/// The file that the reproducer of a run goes to: the output's name, or ccm, with .crash.mlir.
std::string reproducerPath(const Options &options);

/// Writes the reproducer and says so on standard error. Without IR it holds `input`, the text that
/// was read, as comments.
void writeReproducer(const Options &options, const Reproducer &reproducer, llvm::StringRef input);

} // namespace ccm
