// SPDX-License-Identifier: Apache-2.0
// What can be learned from a library's file before any of it runs.
#pragma once

#include "ccm/result.h"

#include <string>
#include <string_view>

namespace ccm {

/// The exported symbol `ccm_model_<name>` of a shared library's bytes. Refuses what is not a whole
/// 64-bit ELF shared library for this machine, what needs libraries other than C and math, and what
/// does not export exactly one such symbol. Never reads outside `bytes`. The message of an error is
/// a reason to be put behind the file's name.
Result<std::string> findModelSymbol(std::string_view bytes);

} // namespace ccm
