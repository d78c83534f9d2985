// SPDX-License-Identifier: Apache-2.0
// Models of primitives, taken through the passes and code generation.
#pragma once

#include "codegen/Codegen.h"
#include "tests/unit/artifact/TinyModel.h"

namespace ccm::test {

/// The library of a module of primitives for one target or, where it is null, for all; "" after a
/// test failure.
std::string emitModel(const char *text, const Target *target, const EmitOptions &options,
                      EmitReport &report);

/// A module of primitives whose model is called tiny, for x86-64-v3 and loaded; null after a test
/// failure.
const ccm_model *loadEmitted(const std::string &text);

} // namespace ccm::test
