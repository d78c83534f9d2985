// SPDX-License-Identifier: Apache-2.0
// The primitives of a model whose strategies are chosen.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// Replaces every part by the primitives of its strategy. Returns their number; fails after a
/// diagnostic.
llvm::FailureOr<size_t> buildStructure(ModelOp model);

/// Puts scales where ports have one: their parameters, and the primitives that apply them. Parts
/// are built before.
void scalePorts(ModelOp model);

} // namespace ccm
