// SPDX-License-Identifier: Apache-2.0
// Pieces of Python source text.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace ccm {

/// `text` as it stands in a string literal or a comment, without quotes around it.
std::string pythonText(llvm::StringRef text);

/// A string literal that holds `text`, whatever is in it.
std::string pythonString(llvm::StringRef text);

/// "3, 28, 1".
std::string pythonList(llvm::ArrayRef<int64_t> numbers);

/// The shortest number that reads as the same one.
std::string pythonNumber(double number);
std::string pythonNumber(float number);

/// A line, broken behind commas inside brackets where it is longer than 100 columns; what follows
/// is indented four columns more.
std::string pythonLine(llvm::StringRef line);

/// Lines without the indent of the first one that is not empty, and without empty ones around.
std::string withoutIndent(llvm::StringRef text);

} // namespace ccm
