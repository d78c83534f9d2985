// SPDX-License-Identifier: Apache-2.0
// A file without a name in any folder, for readers that take a path.
#pragma once

#include "tests/fuzz/Target.h"
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace ccm::fuzz {

/// Lives in memory; its path is good within this process.
class MemoryFile {
public:
  MemoryFile() : descriptor(memfd_create("fuzz", MFD_CLOEXEC)) {
    require(descriptor >= 0, "a file in memory can be made");
  }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  ~MemoryFile() { close(descriptor); }

  /// Makes `bytes` all that the file holds.
  void replace(std::string_view bytes) {
    require(ftruncate(descriptor, 0) == 0, "the file can be emptied");
    require(pwrite(descriptor, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()),
            "the file can be written");
  }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }

private:
  int descriptor;
};

} // namespace ccm::fuzz
