// SPDX-License-Identifier: Apache-2.0
// Strides of dense tensors.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace ccm {

/// Element strides of a dense row-major tensor, outermost first.
llvm::SmallVector<int64_t> denseStrides(llvm::ArrayRef<int64_t> shape);

} // namespace ccm
