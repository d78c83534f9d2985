// SPDX-License-Identifier: Apache-2.0
// Runs lld on an archive of all objects, and LLVM's object copier on what is linked statically.
#include "codegen/link/Linker.h"
#include "codegen/host/Manifest.h"
#include "codegen/kernels/ChildProcess.h"
#include "lld/Common/Driver.h"
#include "runtime/io/MemoryFile.h"
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

/// How a child begins a message about a file instead of the link.
static constexpr llvm::StringLiteral kFileFailed = "file: ";

/// A file in memory that holds `bytes`; its path is added to the options of a link.
static io::Status addFile(llvm::StringRef option, llvm::StringRef bytes,
                          std::vector<io::MemoryFile> &files, std::vector<std::string> &options) {
  io::Result<io::MemoryFile> file = io::MemoryFile::create();
  if (!file)
    return file.error();
  options.push_back(option.str() + file->path());
  files.push_back(std::move(*file));
  return files.back().append(bytes);
}

/// Runs in a child: links the archive, and what the script says of exports, to `output`, which is
/// where lld finds its standard output. "" or a message.
static std::string linkInChild(io::MemoryFile &output, llvm::StringRef archive,
                               llvm::StringRef exports, std::vector<std::string> options) {
  std::vector<io::MemoryFile> files;
  io::Status ready = output.takeStandardOutput();
  if (ready && !exports.empty())
    ready = addFile("--version-script=", exports, files, options);
  if (ready)
    ready = addFile("", archive, files, options);
  if (!ready)
    return (kFileFailed + ready.error().message).str();
  std::vector<const char *> arguments{"ld.lld"};
  for (const std::string &option : options)
    arguments.push_back(option.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (llvm::outs().has_error())
    return (kFileFailed + "cannot link: " + llvm::outs().error().message()).str();
  return result.retCode == 0 ? "" : ("cannot link: " + llvm::StringRef(messages).trim()).str();
}

/// Links all objects with these options beside those of every link.
static llvm::Expected<std::string> link(llvm::ArrayRef<LinkObject> objects, llvm::StringRef exports,
                                        std::vector<std::string> options) {
  // One file instead of one per object: the archive is without times, owners and symbol index.
  llvm::Expected<std::string> archive = writeArchive(objects, llvm::SymtabWritingMode::NoSymtab);
  if (!archive)
    return archive.takeError();
  for (const char *option :
       {"--threads=1", "--color-diagnostics=never", "-o", "-", "--whole-archive"})
    options.push_back(option);
  io::Result<io::MemoryFile> output = io::MemoryFile::create();
  if (!output)
    return failure(output.error());
  auto task = [&] { return linkInChild(*output, *archive, exports, options); };
  ChildResult child = runInChildren({task}, 1).front();
  if (!child.failure.empty())
    return failure("internal error: linking " + child.failure);
  if (llvm::StringRef message = child.output; message.consume_front(kFileFailed))
    return failure(io::Error{EIO, "", message.str()});
  if (!child.output.empty())
    return failure(child.output);
  io::Result<std::string> linked = output->read();
  if (!linked)
    return failure(linked.error());
  return std::move(*linked);
}

llvm::Expected<std::string> linkLibrary(llvm::ArrayRef<LinkObject> objects, llvm::StringRef symbol,
                                        llvm::StringRef soname) {
  std::string exports = ("{ global: " + symbol + "; local: *; };\n").str();
  llvm::Expected<std::string> library =
      link(objects, exports,
           {"-shared", "-znow", "-zrelro", "-znoexecstack", "-ztext", "--build-id=none",
            "--hash-style=gnu", "--no-undefined", "--gc-sections", "--soname=" + soname.str()});
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
  llvm::Expected<std::string> object =
      link(objects, "", {"-r", "--gc-sections", "--undefined=" + symbol.str()});
  if (!object)
    return object.takeError();
  return localize(*object, symbol);
}

llvm::Expected<std::string> archiveObject(llvm::StringRef object, llvm::StringRef name) {
  return writeArchive({{name.str(), object}}, llvm::SymtabWritingMode::NormalSymtab);
}

} // namespace ccm
