// SPDX-License-Identifier: Apache-2.0
// Runs lld on an archive of all objects.
#include "codegen/Linker.h"
#include "lld/Common/Driver.h"
#include "runtime/io/Io.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MemoryBuffer.h"

LLD_HAS_DRIVER(elf)

namespace ccm {

static llvm::Error failure(const llvm::Twine &message) { return llvm::createStringError(message); }

namespace {
/// A private directory for as long as a link lasts.
class TemporaryDirectory {
public:
  static llvm::Expected<TemporaryDirectory> create() {
    io::Result<std::string> path = io::makeTemporaryDirectory();
    if (!path)
      return failure(path.error().message);
    return TemporaryDirectory(*path);
  }
  TemporaryDirectory(TemporaryDirectory &&other) : path(std::exchange(other.path, "")) {}
  ~TemporaryDirectory() {
    if (!path.empty())
      (void)static_cast<bool>(io::removeTree(path)); // what is left is in the system's own folder
  }

  std::string file(llvm::StringRef name) const { return path + "/" + name.str(); }

  llvm::Error write(llvm::StringRef name, llvm::StringRef bytes) const {
    io::Status written = io::writeFileAtomically(file(name), bytes, 0600);
    return written ? llvm::Error::success() : failure(written.error().message);
  }

  /// A message without the directory, which differs from run to run.
  std::string clean(std::string message) const {
    for (size_t at; (at = message.find(path + "/")) != std::string::npos;)
      message.erase(at, path.size() + 1);
    return message;
  }

private:
  explicit TemporaryDirectory(std::string path) : path(std::move(path)) {}
  std::string path;
};
} // namespace

/// One file instead of one per object: the archive is without times, owners and symbol index.
static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
archive(llvm::ArrayRef<LinkObject> objects) {
  std::vector<llvm::NewArchiveMember> members;
  for (const LinkObject &object : objects)
    members.emplace_back(llvm::MemoryBufferRef(object.bytes, object.name));
  return llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NoSymtab,
                                    llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                                    /*Thin=*/false);
}

static llvm::Error runLinker(const TemporaryDirectory &directory, llvm::StringRef soname) {
  std::string objects = directory.file("objects.a"), output = directory.file("library.so");
  std::string exports = "--version-script=" + directory.file("exports");
  std::string name = "--soname=" + soname.str();
  const char *arguments[] = {"ld.lld",
                             "-shared",
                             "-znow",
                             "-zrelro",
                             "-znoexecstack",
                             "-ztext",
                             "--build-id=none",
                             "--hash-style=gnu",
                             "--no-undefined",
                             "--gc-sections",
                             "--threads=1",
                             "--color-diagnostics=never",
                             exports.c_str(),
                             name.c_str(),
                             "--whole-archive",
                             objects.c_str(),
                             "-o",
                             output.c_str()};
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  return failure("cannot link: " + llvm::StringRef(directory.clean(messages)).trim());
}

llvm::Expected<std::string> linkLibrary(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol,
                                        llvm::StringRef soname) {
  llvm::Expected<TemporaryDirectory> directory = TemporaryDirectory::create();
  if (!directory)
    return directory.takeError();
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> bytes = archive(objects);
  if (!bytes)
    return bytes.takeError();
  std::string exports = ("{ global: " + symbol + "; local: *; };\n").str();
  if (llvm::Error error = directory->write("objects.a", (*bytes)->getBuffer()))
    return error;
  if (llvm::Error error = directory->write("exports", exports))
    return error;
  if (llvm::Error error = runLinker(*directory, soname))
    return error;
  io::Result<std::string> library = io::readFile(directory->file("library.so"));
  if (!library)
    return failure(library.error().message);
  return std::move(*library);
}

} // namespace ccm
