// SPDX-License-Identifier: Apache-2.0
// What primitives and losses mean, written once more as plain sums over canonical indices.
#pragma once

#include "ir/Ccm.h"
#include "tests/laws/Reference.h"

namespace ccm::laws {

/// The result of `op` for arguments with `batch` samples, in 64-bit mantissas, or none for an
/// operation without a formula. Loss primitives give their losses per sample.
std::optional<std::vector<long double>>
evaluate(mlir::Operation *op, const std::vector<Array> &arguments, const Array &like);

} // namespace ccm::laws
