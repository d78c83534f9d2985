// SPDX-License-Identifier: Apache-2.0
// Declarations of the passes; see Passes.td for what each does.
#pragma once

#include "ir/Ccm.h"
#include "mlir/Pass/Pass.h"

namespace ccm {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace ccm
