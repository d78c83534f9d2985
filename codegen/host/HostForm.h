// SPDX-License-Identifier: Apache-2.0
// The forms in which host code is written.
#pragma once

namespace ccm {

enum class HostForm {
  Object,   ///< a relocatable ELF file
  Assembly, ///< text
  Llvm,     ///< text of LLVM IR
};

} // namespace ccm
