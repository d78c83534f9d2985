// SPDX-License-Identifier: Apache-2.0
// The folder's one entry: a planned module becomes a library, shared or static.
#pragma once

#include "codegen/Targets.h"
#include "codegen/host/HostForm.h"
#include "codegen/host/MemoryNeeds.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"
#include <functional>
#include <string>
#include <vector>

namespace ccm {

struct EmitOptions {
  unsigned jobs = 1;          ///< kernels compiled at once
  std::string cacheDirectory; ///< of compiled kernels; "": none
  std::string ir;             ///< text of the library's section `.ccm.ir`; "": no section
  std::string compiler;       ///< version, for the description
  std::string soname = {};    ///< of a shared library; "": `<name>.so`
  bool byReference = false;   ///< kernels go through upstream's own lowering, for comparing
  mlir::TimingScope *timing = nullptr; ///< receives the times of steps; null: not wanted
  /// Told how many kernels of how many are compiled; those in the cache count not.
  std::function<void(size_t done, size_t all)> progress = {};
};

/// What an artifact is linked as.
enum class ArtifactKind {
  Object,        ///< for static linking, with one global symbol
  StaticLibrary, ///< an archive of that object
  SharedLibrary,
};

/// What was emitted, for reports.
struct EmitReport {
  size_t kernels = 0;                 ///< distinct, over all targets
  std::vector<std::string> schedules; ///< one per distinct kernel
  uint64_t bytes = 0;                 ///< of the artifact
  MemoryNeeds memory = {};            ///< of calls
};

/// Emits the artifact of a module with one `ccm.model` and its planned functions. Kernels are
/// compiled first, in other processes; then the host code is made and all is linked. Fails
/// after a diagnostic; `isFileError` (FileError.h) tells whether it is about a file.
///
/// The artifact's description is the JSON object in the module's string attribute `ccm.describe`,
/// when there is one, joined by what is known here: `name`, `abi`, `compiler`, `source_hash`,
/// `targets`, `entries` (the word of `ccm-compile --entries`), `kernels`, `blocks` and `internals`
/// (per block size, ascending: `samples`, `bytes`, and `values`, each with `of`, the primitive, and
/// the `offset` and `elements` of its floats; `outputs`, the primitive of each output).
llvm::LogicalResult emitArtifact(mlir::ModuleOp module, llvm::ArrayRef<const Target *> targets,
                                 ArtifactKind kind, const EmitOptions &options,
                                 std::string &artifact, EmitReport &report);

/// The host code alone as text: what `--emit=llvm` and `--emit=asm` print.
llvm::LogicalResult emitHostText(mlir::ModuleOp module, llvm::ArrayRef<const Target *> targets,
                                 HostForm form, const EmitOptions &options, std::string &text,
                                 EmitReport &report);

/// The description that a library with these paths holds; see `emitArtifact`. Fails after a
/// diagnostic where `ccm.describe` is no JSON object.
llvm::FailureOr<std::string> describeArtifact(mlir::ModuleOp module,
                                              llvm::ArrayRef<const Target *> targets,
                                              const EmitOptions &options, size_t kernels);

} // namespace ccm
