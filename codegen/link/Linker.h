// SPDX-License-Identifier: Apache-2.0
// Objects to a shared library, or to one object for static linking, in this process.
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
/// what the file system said, and then converts to std::errc::io_error. The manifest of the host
/// code receives its digest.
llvm::Expected<std::string> linkLibrary(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol,
                                        llvm::StringRef soname);

/// Links all objects into one whose only global symbol is `symbol`, so that any number of models
/// can be linked into one program. Everything else is as for `linkLibrary`; the note that a loader
/// reads is left out.
llvm::Expected<std::string> linkObject(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol);

/// A static library of that object alone, which is called `name`, with an index of its symbols.
llvm::Expected<std::string> archiveObject(llvm::StringRef object, llvm::StringRef name);

/// The object file of `codegen/artifact`, which every library contains.
llvm::StringRef artifactObject();

} // namespace ccm
