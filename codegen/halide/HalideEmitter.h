// SPDX-License-Identifier: Apache-2.0
// A kernel's nests to one object file, through Halide.
#pragma once

#include "codegen/plan/KernelPlan.h"
#include <string>
#include <vector>

namespace ccm {

/// What a buffer of a compiled kernel holds: an operand or a result of the kernel op. A result that
/// is written in place is given the operand's address.
struct KernelArgument {
  bool isResult;
  unsigned number;
  bool operator==(const KernelArgument &) const = default;
};

/// A compiled kernel, `void symbol(void *const *buffers, int32_t first_task, int32_t task_count)`:
/// `buffers` are the addresses of `arguments`. One that cannot be cut into tasks does all it does
/// whatever the numbers say. The object needs nothing but memcpy, memmove and memset, allocates
/// nothing and never reads or writes outside the tensors.
struct KernelObject {
  std::string symbol;
  int tasks = 1;
  std::vector<KernelArgument> arguments;
  std::string bytes;    ///< a relocatable ELF object
  std::string schedule; ///< what `--print-schedules` shows: a line per store and buffer
};

/// Compiles a kernel by a plan of level `first`, or plainly where that gives no code that stands
/// alone; the schedule then says why. Fails with a diagnostic at the kernel or at the operation
/// that has no translation. The same kernel gives the same bytes only in a process that has not
/// used Halide before; `compileKernels` sees to that.
mlir::FailureOr<KernelObject> emitKernel(KernelOp kernel, const Target &target,
                                         llvm::StringRef symbol, PlanLevel first = PlanLevel::Fast);

} // namespace ccm
