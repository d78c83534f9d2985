// SPDX-License-Identifier: Apache-2.0
// From what Halide has lowered to machine code.
#pragma once

#include "codegen/Targets.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace Halide::Internal {
struct Stmt;
}

namespace ccm {

/// A buffer of a lowered kernel.
struct KernelBuffer {
  std::string name;   ///< in the lowered body
  std::string memory; ///< buffers of another memory never overlap this one
};

/// Machine code, a relocatable ELF object, of a lowered kernel's body as the function `symbol`:
/// `void symbol(void *const *buffers, int32_t first_task, int32_t task_count)`, whose `buffers` are
/// the addresses of those listed, in their order. Every operation is computed as it is written,
/// whatever it is fused with. Fails where the body has something that kernels do not use.
llvm::Expected<std::string> compileLowered(const Halide::Internal::Stmt &body,
                                           llvm::ArrayRef<KernelBuffer> buffers,
                                           llvm::StringRef symbol, const Target &target);

/// Names of the numbers in a lowered body that say which tasks to do.
inline constexpr const char *kFirstTask = "first_task", *kTaskCount = "task_count";

} // namespace ccm
