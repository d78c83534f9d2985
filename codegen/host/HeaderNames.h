// SPDX-License-Identifier: Apache-2.0
// Names of a port in the header of its model.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace ccm {

/// What the members of a port are called: its name, with an underscore more where that is a word of
/// C or C++ or one with underscores after it: "class" is "class_", "class_" is "class__". Different
/// ports keep different names.
std::string memberName(llvm::StringRef port);

} // namespace ccm
