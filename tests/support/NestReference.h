// SPDX-License-Identifier: Apache-2.0
// The meaning of a kernel's nests, evaluated element by element in double: what every emitted
// kernel is compared with.
#pragma once

#include "ir/Ccm.h"
#include <vector>

namespace ccm::test {

/// Elements of a tensor, row-major; integers as whole numbers, bytes as 0 to 255.
using Elements = std::vector<double>;

/// Evaluates the kernel on `operands` and returns its results. Fails with a diagnostic at an
/// operation that it does not know.
mlir::FailureOr<std::vector<Elements>> evaluateKernel(KernelOp kernel,
                                                      llvm::ArrayRef<Elements> operands);

} // namespace ccm::test
