// SPDX-License-Identifier: Apache-2.0
// Words of C and C++ that a port may be called, but no member of a struct.
#include "codegen/host/HeaderNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using llvm::StringRef;

namespace ccm {

/// Keywords of C11 and C++20 that are names by their letters; macros that compilers define of
/// themselves outside of strict modes, and those of standard headers that would be replaced.
static constexpr llvm::StringLiteral kWords =
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t "
    "char32_t char8_t class co_await co_return co_yield compl complex concept const "
    "const_cast consteval constexpr constinit continue decltype default delete do double "
    "dynamic_cast else enum errno explicit export extern false float for friend goto if "
    "imaginary inline int linux long mutable namespace new noexcept noreturn not not_eq "
    "nullptr operator or or_eq private protected public register reinterpret_cast requires "
    "restrict return short signed sizeof static static_assert static_cast struct switch "
    "template this thread_local throw true try typedef typeid typename typeof union unix "
    "unsigned using virtual void volatile wchar_t while xor xor_eq";

static bool isWord(StringRef name) {
  llvm::SmallVector<StringRef, 128> words;
  kWords.split(words, ' ');
  return llvm::is_contained(words, name);
}

std::string memberName(StringRef port) { return port.str() + (isWord(port.rtrim('_')) ? "_" : ""); }

} // namespace ccm
