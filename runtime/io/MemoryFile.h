// SPDX-License-Identifier: Apache-2.0
// Files without a directory, for libraries that know nothing but paths.
#pragma once

#include "runtime/io/Io.h"

namespace ccm::io {

class Descriptor;

/// A file in memory, gone with this object or its process, however that ends. It needs neither a
/// disk nor its room, but /proc.
class MemoryFile {
public:
  static Result<MemoryFile> create();
  MemoryFile(MemoryFile &&) noexcept;
  ~MemoryFile();

  /// Good within this process.
  std::string path() const;
  /// Adds to the end.
  Status append(std::string_view bytes);
  /// From now on the process writes its standard output here, and knows the file as that alone.
  Status takeStandardOutput();
  /// All that was written, by whomever.
  Result<std::string> read() const;

private:
  explicit MemoryFile(std::unique_ptr<Descriptor> file);
  std::unique_ptr<Descriptor> file;
};

} // namespace ccm::io
