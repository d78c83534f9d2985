// SPDX-License-Identifier: Apache-2.0
// The manifest as bytes, and its digest.
#include "codegen/host/Manifest.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;

namespace ccm {

using File = llvm::object::ELF64LEFile;

LogicalResult checkManifest(ModuleOp module, StringRef model, ArrayRef<HostPath> paths) {
  size_t longest = CCM_MANIFEST_NAME - sizeof("ccm_model_");
  if (model.size() > longest)
    return module.emitError() << "expects a model's name of at most " << longest
                              << " characters, got " << model.size();
  if (paths.empty() || paths.size() > CCM_MAX_PATHS)
    return module.emitError() << "expects 1 to " << CCM_MAX_PATHS << " code paths, got "
                              << paths.size();
  for (const HostPath &path : paths)
    if (path.name.size() >= CCM_PATH_NAME)
      return module.emitError() << "expects a code path's name of at most " << CCM_PATH_NAME - 1
                                << " characters, got '" << path.name << "'";
  return success();
}

std::string manifestNote(StringRef model, ArrayRef<HostPath> paths) {
  struct {
    uint32_t nameBytes = sizeof(CCM_NOTE_NAME), contentBytes = sizeof(ccm_manifest);
    uint32_t type = CCM_NOTE_TYPE;
    char name[sizeof(CCM_NOTE_NAME)] = CCM_NOTE_NAME;
    ccm_manifest content = {};
  } note;
  static_assert(sizeof(CCM_NOTE_NAME) % 4 == 0 && sizeof(ccm_manifest) % 4 == 0,
                "notes are padded to four bytes");
  note.content.abi_major = CCM_ABI_MAJOR;
  note.content.abi_minor = CCM_ABI_MINOR;
  llvm::copy(("ccm_model_" + model).str(), note.content.symbol);
  note.content.path_count = paths.size();
  for (auto [record, path] : llvm::zip(note.content.paths, paths)) {
    llvm::copy(path.name, record.name);
    llvm::copy(path.required, record.required);
  }
  return std::string(reinterpret_cast<const char *>(&note), sizeof(note));
}

/// Where the manifest's content starts in the file; nothing when there is no manifest.
static llvm::Expected<std::optional<size_t>> findManifest(const File &file) {
  auto segments = file.program_headers();
  if (!segments)
    return segments.takeError();
  for (const File::Elf_Phdr &segment : *segments) {
    if (segment.p_type != llvm::ELF::PT_NOTE)
      continue;
    llvm::Error error = llvm::Error::success();
    for (const auto &note : file.notes(segment, error))
      if (note.getName() == CCM_NOTE_NAME && note.getType() == CCM_NOTE_TYPE)
        return reinterpret_cast<const uint8_t *>(note.getDesc(segment.p_align).data()) -
               file.base();
    if (error)
      return error;
  }
  return std::nullopt;
}

/// SHA-256 of the segments of a library whose manifest has no digest yet.
static llvm::Expected<std::array<uint8_t, CCM_DIGEST_BYTES>> digestOf(std::string library) {
  auto header = reinterpret_cast<File::Elf_Ehdr *>(library.data());
  header->e_shoff = 0;
  header->e_shentsize = 0;
  header->e_shnum = 0;
  header->e_shstrndx = 0;
  auto file = File::create(library);
  if (!file)
    return file.takeError();
  auto segments = file->program_headers();
  if (!segments)
    return segments.takeError();
  llvm::SHA256 hash;
  for (const File::Elf_Phdr &segment : *segments)
    if (segment.p_type == llvm::ELF::PT_LOAD)
      hash.update(StringRef(library).substr(segment.p_offset, segment.p_filesz));
  return hash.final();
}

llvm::Error sealManifest(std::string &library) {
  auto file = File::create(library);
  if (!file)
    return file.takeError();
  auto start = findManifest(*file);
  if (!start)
    return start.takeError();
  if (!*start)
    return llvm::Error::success();
  auto digest = digestOf(library);
  if (!digest)
    return digest.takeError();
  llvm::copy(*digest, library.begin() + **start + offsetof(ccm_manifest, digest));
  return llvm::Error::success();
}

} // namespace ccm
