// SPDX-License-Identifier: Apache-2.0
// What can be learned from a library's file before any of it runs.
#pragma once

#include "ccm/result.h"

#include <elf.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

/// A shared library's file, seen as the system's loader sees it: through its program headers alone.
/// Never reads outside its bytes, which must outlive it. Messages of errors are reasons to be put
/// behind the file's name.
class ElfFile {
public:
  /// Refuses what is not a whole 64-bit ELF shared library for this machine.
  static Result<ElfFile> parse(std::string_view bytes);

  /// The content of the first note with that owner and type; nothing when there is none.
  std::optional<std::string_view> note(std::string_view owner, uint32_t type) const;
  /// Names of the libraries that must be loaded with it.
  Result<std::vector<std::string_view>> neededLibraries() const;
  /// Refuses what no compiled model is: code that can be written, a stack that can be executed,
  /// code that the system's loader would have to change.
  Status checkProtection() const;
  /// The digest of what is loaded, as `ccm/manifest.h` defines it, in hexadecimal; `digestBytes`
  /// are the bytes of the file that hold it.
  std::string digest(std::string_view digestBytes) const;

private:
  explicit ElfFile(std::string_view bytes) : bytes(bytes) {}
  Status readHeader();
  Status readSegments();
  const Elf64_Phdr *find(uint32_t type) const;
  std::optional<std::string_view> at(uint64_t address) const;
  std::optional<std::vector<Elf64_Dyn>> dynamicEntries() const;

  std::string_view bytes;
  Elf64_Ehdr header = {};
  std::vector<Elf64_Phdr> segments;
};

/// The content of the first note with that owner and type among the notes of one segment.
std::optional<std::string_view> findNote(std::string_view notes, std::string_view owner,
                                         uint32_t type);

} // namespace ccm
