// SPDX-License-Identifier: Apache-2.0
// Files of the system's memory, reached by the number of their descriptor.
#include "runtime/io/MemoryFile.h"

#include "runtime/io/Descriptor.h"

#include <sys/mman.h>
#include <unistd.h>

namespace ccm::io {

Result<MemoryFile> MemoryFile::create() {
  auto file = std::make_unique<Descriptor>(
      retry([] { return systemCalls().memfd_create("ccm", MFD_CLOEXEC); }));
  if (!*file)
    return failure(errno, "create", "file in memory");
  MemoryFile made(std::move(file));
  // Those who are given the path could not say as well what it means that /proc is not there.
  struct stat status;
  if (retry([&] { return systemCalls().stat(made.path().c_str(), &status); }) != 0)
    return failure(errno, "reach", made.path());
  return made;
}

MemoryFile::MemoryFile(std::unique_ptr<Descriptor> file) : file(std::move(file)) {}
MemoryFile::MemoryFile(MemoryFile &&) noexcept = default;
MemoryFile::~MemoryFile() = default;

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(file->get()); }

Status MemoryFile::append(std::string_view bytes) { return writeAll(*file, path(), bytes); }

Status MemoryFile::takeStandardOutput() {
  if (retry([&] { return ::dup2(file->get(), STDOUT_FILENO); }) < 0)
    return failure(errno, "write", "standard output");
  file = std::make_unique<Descriptor>(STDOUT_FILENO);
  return Done{};
}

Result<std::string> MemoryFile::read() const { return readFile(path()); }

} // namespace ccm::io
