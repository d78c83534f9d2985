// SPDX-License-Identifier: Apache-2.0
// Rules of inputs that are drawn where a batch does not give them.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// One drawn input by itself (C4 of ccm.input).
mlir::LogicalResult verifyDrawn(InputOp op);

/// All of a model, and what they are drawn for (C5 of ccm.model).
mlir::LogicalResult verifyDrawnInputs(ModelOp model);

} // namespace ccm
