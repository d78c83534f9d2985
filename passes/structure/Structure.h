// SPDX-License-Identifier: Apache-2.0
// The primitives of a model whose strategies are chosen.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// Replaces every part by the primitives of its strategy. Returns their number; fails after a
/// diagnostic.
llvm::FailureOr<size_t> buildStructure(ModelOp model);

/// What the part of an input whose values may be missing reads: the values with 0 for those that
/// are, and behind them by channel 1 where one was.
mlir::Value createFilled(InputOp input);

/// Puts scales where ports have one: their parameters, and the primitives that apply them. Parts
/// are built before.
void scalePorts(ModelOp model);

} // namespace ccm
