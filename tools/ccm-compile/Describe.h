// SPDX-License-Identifier: Apache-2.0
// The description of a model that its library carries.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// Sets the module's `ccm.describe` to the JSON of ports, parts, costs and training of `model`.
void describe(mlir::ModuleOp module, ModelOp model);

} // namespace ccm
