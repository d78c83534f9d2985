// SPDX-License-Identifier: Apache-2.0
// The C header of one model: its symbol, and types for its ports.
#pragma once

#include "ir/Ccm.h"
#include <string>

namespace ccm {

/// The header of a model at any stage, C11 and C++: the declaration of `ccm_model_<name>`,
/// constants for every port, structs with one typed array per port, and a function that makes a
/// `ccm_batch` of them. It includes `ccm/abi.h` alone. `compiler` is the version that stands in it.
/// Fails after a diagnostic where a name is no identifier or a port exceeds its limit.
llvm::FailureOr<std::string> emitHeader(ModelOp model, llvm::StringRef compiler);

} // namespace ccm
