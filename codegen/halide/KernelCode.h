// SPDX-License-Identifier: Apache-2.0
// From Halide's bitcode to machine code: the one place that decides which products are fused.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace ccm {

/// What a term of a sum of products is divided by where it is translated: a mark that Halide must
/// keep, as dividing by it is not exact. No kernel ever divides by it.
constexpr float kProductMark = 0x1.6a09e6p-61f;

/// Has Halide not join scalars to vectors, marked ones and others, before `compileBitcode` has seen
/// them. To be called before the process compiles for the first time.
void keepMarksApart();

/// Machine code of the kernel `symbol`, from Halide's bitcode for strict floating point. Every sum
/// of a marked product becomes one fused multiply-add; everything else is computed as it is
/// written, whatever it is fused with. Fails where bitcode cannot be read or a marked product is
/// read by something else than a sum.
llvm::Expected<std::string> compileBitcode(llvm::StringRef bitcode, llvm::StringRef symbol);

} // namespace ccm
