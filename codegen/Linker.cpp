// SPDX-License-Identifier: Apache-2.0
// Runs lld on an archive of all objects, and LLVM's object copier on what is linked statically.
#include "codegen/Linker.h"
#include "codegen/Manifest.h"
#include "lld/Common/Driver.h"
#include "runtime/io/Io.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

LLD_HAS_DRIVER(elf)

namespace ccm {

static llvm::Error failure(const llvm::Twine &message) { return llvm::createStringError(message); }

static llvm::Error failure(const io::Error &error) {
  return llvm::createStringError(std::make_error_code(std::errc::io_error), error.message);
}

namespace {
/// A private directory for as long as a link lasts.
class TemporaryDirectory {
public:
  static llvm::Expected<TemporaryDirectory> create() {
    io::Result<std::string> path = io::makeTemporaryDirectory();
    if (!path)
      return failure(path.error());
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
    return written ? llvm::Error::success() : failure(written.error());
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

static llvm::Expected<std::string> writeArchive(llvm::ArrayRef<LinkObject> objects,
                                                llvm::SymtabWritingMode index) {
  std::vector<llvm::NewArchiveMember> members;
  for (const LinkObject &object : objects)
    members.emplace_back(llvm::MemoryBufferRef(object.bytes, object.name));
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> archive = llvm::writeArchiveToBuffer(
      members, index, llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return (*archive)->getBuffer().str();
}

/// Runs lld with these arguments. An error holds its messages.
static llvm::Error runLinker(const TemporaryDirectory &directory,
                             llvm::ArrayRef<std::string> arguments) {
  std::vector<const char *> pointers{"ld.lld"};
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  return failure("cannot link: " + llvm::StringRef(directory.clean(messages)).trim());
}

/// Links all objects with these options beside those of every link.
static llvm::Expected<std::string> link(const TemporaryDirectory &directory,
                                        llvm::ArrayRef<LinkObject> objects,
                                        std::vector<std::string> options) {
  // One file instead of one per object: the archive is without times, owners and symbol index.
  llvm::Expected<std::string> archive = writeArchive(objects, llvm::SymtabWritingMode::NoSymtab);
  if (!archive)
    return archive.takeError();
  if (llvm::Error error = directory.write("objects.a", *archive))
    return error;
  std::string output = directory.file("output");
  for (std::string option :
       {std::string("--threads=1"), std::string("--color-diagnostics=never"),
        std::string("--whole-archive"), directory.file("objects.a"), std::string("-o"), output})
    options.push_back(option);
  if (llvm::Error error = runLinker(directory, options))
    return error;
  io::Result<std::string> linked = io::readFile(output);
  if (!linked)
    return failure(linked.error());
  return std::move(*linked);
}

llvm::Expected<std::string> linkLibrary(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol,
                                        llvm::StringRef soname) {
  llvm::Expected<TemporaryDirectory> directory = TemporaryDirectory::create();
  if (!directory)
    return directory.takeError();
  std::string exports = ("{ global: " + symbol + "; local: *; };\n").str();
  if (llvm::Error error = directory->write("exports", exports))
    return error;
  llvm::Expected<std::string> library =
      link(*directory, objects,
           {"-shared", "-znow", "-zrelro", "-znoexecstack", "-ztext", "--build-id=none",
            "--hash-style=gnu", "--no-undefined", "--gc-sections",
            "--version-script=" + directory->file("exports"), "--soname=" + soname.str()});
  if (!library)
    return library;
  if (llvm::Error error = sealManifest(*library))
    return error;
  return library;
}

// ---- Static linking -----------------------------------------------------------------------------

/// Makes every defined symbol but one local, and removes the note: it is of libraries.
static llvm::Expected<std::string> localize(llvm::StringRef bytes, llvm::StringRef symbol) {
  namespace objcopy = llvm::objcopy;
  auto object = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "model.o"));
  if (!object)
    return object.takeError();
  objcopy::ConfigManager config;
  config.Common.OutputFilename = "model.o";
  auto passOn = [](llvm::Error error) { return error; };
  if (llvm::Error error = config.Common.SymbolsToKeepGlobal.addMatcher(
          objcopy::NameOrPattern::create(symbol, objcopy::MatchStyle::Literal, passOn)))
    return error;
  if (llvm::Error error = config.Common.ToRemove.addMatcher(
          objcopy::NameOrPattern::create(kManifestSection, objcopy::MatchStyle::Literal, passOn)))
    return error;
  llvm::SmallString<0> result;
  llvm::raw_svector_ostream stream(result);
  if (llvm::Error error = objcopy::executeObjcopyOnBinary(config, **object, stream))
    return error;
  return result.str().str();
}

llvm::Expected<std::string> linkObject(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol) {
  llvm::Expected<TemporaryDirectory> directory = TemporaryDirectory::create();
  if (!directory)
    return directory.takeError();
  llvm::Expected<std::string> object =
      link(*directory, objects, {"-r", "--gc-sections", "--undefined=" + symbol.str()});
  if (!object)
    return object.takeError();
  return localize(*object, symbol);
}

llvm::Expected<std::string> archiveObject(llvm::StringRef object, llvm::StringRef name) {
  return writeArchive({{name.str(), object}}, llvm::SymtabWritingMode::NormalSymtab);
}

} // namespace ccm
