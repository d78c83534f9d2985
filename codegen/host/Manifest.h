// SPDX-License-Identifier: Apache-2.0
// The note by which a loader knows a library before it runs any of it; see `ccm/manifest.h`.
#pragma once

#include "codegen/host/HostEmitter.h"

namespace ccm {

/// Section of the note.
constexpr llvm::StringLiteral kManifestSection = ".note.ccm";

/// Refuses, with a diagnostic, names and paths that a manifest cannot hold.
llvm::LogicalResult checkManifest(mlir::ModuleOp module, llvm::StringRef model,
                                  llvm::ArrayRef<HostPath> paths);

/// The section's bytes for a model that `checkManifest` takes; the digest in it is zero.
std::string manifestNote(llvm::StringRef model, llvm::ArrayRef<HostPath> paths);

/// Writes the digest into the note of a linked library whose digest is zero. A library without one
/// stays as it is. Fails where the bytes are no library.
llvm::Error sealManifest(std::string &library);

} // namespace ccm
