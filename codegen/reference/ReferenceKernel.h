// SPDX-License-Identifier: Apache-2.0
// A kernel's nests to one object file, through upstream's own lowering: slow, and independent of
// everything that the emitter does.
#pragma once

#include "codegen/halide/HalideEmitter.h"

namespace ccm {

/// Compiles a kernel loop by loop, in f32, one operation after the other as the nests write them.
/// Called as what `emitKernel` makes. Fails with a diagnostic at the
/// kernel, also where its buffers would not fit on a thread's stack.
mlir::FailureOr<KernelObject> emitReferenceKernel(KernelOp kernel, const Target &target,
                                                  llvm::StringRef symbol);

} // namespace ccm
