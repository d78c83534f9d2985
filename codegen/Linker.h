// SPDX-License-Identifier: Apache-2.0
// Objects to a shared library, in this process.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace ccm {

/// An object file in memory. Names are unique in a link and stand in messages only.
struct LinkObject {
  std::string name;
  llvm::StringRef bytes;
};

/// Links all objects into a library that needs no other, exports `symbol` alone and is called
/// `soname`. The same objects in the same order give the same bytes. The linker works on files in a
/// private temporary directory that is gone afterwards. An error holds the linker's messages, or
/// what the file system said.
llvm::Expected<std::string> linkLibrary(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol,
                                        llvm::StringRef soname);

/// The object file of `codegen/artifact`, which every library contains.
llvm::StringRef artifactObject();

} // namespace ccm
