// SPDX-License-Identifier: Apache-2.0
// Many kernels to objects: distinct ones once, in other processes, remembered between runs.
#pragma once

#include "codegen/halide/HalideEmitter.h"
#include <functional>
#include <optional>

namespace ccm {

/// What makes code of kernels.
enum class KernelSource {
  Emitter,   ///< `emitKernel`
  Reference, ///< `emitReferenceKernel`
};

/// How kernels are compiled.
struct KernelOptions {
  unsigned jobs = 1; ///< processes at once; 0: one per processor
  /// Created when missing; "": nothing is remembered. What another compiler left is not used.
  std::string cacheDirectory;
  KernelSource source = KernelSource::Emitter;
  std::function<void(size_t done, size_t all)> progress = {}; ///< told after each kernel compiled
};

/// A kernel and the target it is compiled for.
struct TargetedKernel {
  KernelOp kernel;
  const Target *target;
};

/// Compiles kernels and returns their objects in the order given; kernels of the same content
/// and target get the same object, whose bytes depend on these two alone. They are compiled in
/// forks of this process. Fails after a diagnostic at each kernel that cannot be compiled, or one
/// about the cache directory. The kernels' context must not run threads.
mlir::FailureOr<std::vector<KernelObject>> compileKernels(llvm::ArrayRef<TargetedKernel> kernels,
                                                          const KernelOptions &options);

/// The symbol of a kernel: "ccm_k_" and 16 hexadecimal digits of a digest over its content, where
/// places and locations do not count, the target and the source.
std::string kernelSymbol(KernelOp kernel, const Target &target,
                         KernelSource source = KernelSource::Emitter);

/// A compiled kernel as bytes that carry their own digest, and back. Reading gives none when the
/// bytes are not exactly what was written for `symbol`.
std::string packKernel(const KernelObject &object);
std::optional<KernelObject> unpackKernel(llvm::StringRef bytes, llvm::StringRef symbol);

} // namespace ccm
