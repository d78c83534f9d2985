// SPDX-License-Identifier: Apache-2.0
// Formulas of one variable that cases state in words: "log(1 + exp(x))".
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace ccm::laws {

/// The value of `formula` at `x`: numbers, `x`, + - * /, brackets, and the functions abs, exp, log,
/// max, min, sqrt and tanh. None where it cannot be read.
std::optional<long double> evaluate(llvm::StringRef formula, long double x);

} // namespace ccm::laws
