// SPDX-License-Identifier: Apache-2.0
// Reads ELF headers with every offset checked: the file may be truncated, damaged or foreign.
#include "runtime/ElfFile.h"

#include "runtime/Sha256.h"

#include <cstring>

namespace ccm {

static Error refuse(std::string reason) { return {ErrorKind::Input, std::move(reason)}; }

static Error damaged() { return refuse("it is truncated or damaged; compile the model again"); }

/// Part of the file; nothing when it does not lie inside.
static std::optional<std::string_view> slice(std::string_view bytes, uint64_t offset,
                                             uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset)
    return std::nullopt;
  return bytes.substr(offset, size);
}

/// A record of type T at the start of the bytes.
template <typename T>
static std::optional<T> record(std::optional<std::string_view> bytes) {
  T value;
  if (!bytes || bytes->size() < sizeof(T))
    return std::nullopt;
  std::memcpy(&value, bytes->data(), sizeof(T));
  return value;
}

Result<ElfFile> ElfFile::parse(std::string_view bytes) {
  ElfFile file(bytes);
  if (Status status = file.readHeader(); !status)
    return status.error();
  if (Status status = file.readSegments(); !status)
    return status.error();
  return file;
}

Status ElfFile::readHeader() {
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
    return refuse("it is not an ELF file; expected a library written by ccm-compile");
  auto read = record<Elf64_Ehdr>(bytes);
  if (!read)
    return damaged();
  header = *read;
  if (header.e_ident[EI_CLASS] != ELFCLASS64)
    return refuse("expected a 64-bit library, found ELF class " +
                  std::to_string(header.e_ident[EI_CLASS]) +
                  "; compile the model with a ccm-compile for this machine");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_ident[EI_VERSION] != EV_CURRENT)
    return refuse("expected a little-endian library of ELF version 1; compile the model with a "
                  "ccm-compile for this machine");
  if (header.e_machine != EM_X86_64)
    return refuse("it was compiled for another processor: expected ELF machine " +
                  std::to_string(EM_X86_64) + " (x86-64), found " +
                  std::to_string(header.e_machine));
  if (header.e_type == ET_REL)
    return refuse("it is an object for static linking; compile the model to a file that ends in "
                  ".so to load it");
  if (header.e_type != ET_DYN)
    return refuse("expected a shared library, found ELF type " + std::to_string(header.e_type));
  return Done{};
}

Status ElfFile::readSegments() {
  uint64_t size = uint64_t(header.e_phnum) * sizeof(Elf64_Phdr);
  std::optional<std::string_view> table = slice(bytes, header.e_phoff, size);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || !table)
    return damaged();
  segments.resize(header.e_phnum);
  if (size != 0)
    std::memcpy(segments.data(), table->data(), size);
  // The system's loader maps what segments name and faults where the file is shorter.
  for (const Elf64_Phdr &segment : segments)
    if (!slice(bytes, segment.p_offset, segment.p_filesz))
      return damaged();
  // The digest covers what is loaded: the headers by which it is loaded must be part of that.
  const Elf64_Phdr *first = find(PT_LOAD);
  if (!first || first->p_offset != 0 || header.e_phoff < sizeof(header) ||
      header.e_phoff + size > first->p_filesz)
    return damaged();
  return Done{};
}

const Elf64_Phdr *ElfFile::find(uint32_t type) const {
  for (const Elf64_Phdr &segment : segments)
    if (segment.p_type == type)
      return &segment;
  return nullptr;
}

/// The file's bytes from a loaded address to the end of its segment.
std::optional<std::string_view> ElfFile::at(uint64_t address) const {
  for (const Elf64_Phdr &segment : segments)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz)
      return slice(bytes, segment.p_offset, segment.p_filesz)->substr(address - segment.p_vaddr);
  return std::nullopt;
}

// ---- Notes --------------------------------------------------------------------------------------

std::optional<std::string_view> findNote(std::string_view notes, std::string_view owner,
                                         uint32_t type) {
  auto padded = [](uint32_t size) { return (uint64_t(size) + 3) & ~uint64_t(3); };
  while (auto note = record<Elf64_Nhdr>(notes)) {
    notes.remove_prefix(sizeof(*note));
    auto name = slice(notes, 0, note->n_namesz);
    auto content = slice(notes, padded(note->n_namesz), note->n_descsz);
    if (!name || !content)
      return std::nullopt;
    if (*name == owner && note->n_type == type)
      return content;
    uint64_t size = padded(note->n_namesz) + padded(note->n_descsz);
    notes.remove_prefix(std::min<uint64_t>(size, notes.size()));
  }
  return std::nullopt;
}

std::optional<std::string_view> ElfFile::note(std::string_view owner, uint32_t type) const {
  for (const Elf64_Phdr &segment : segments) {
    std::optional<std::string_view> notes;
    if (segment.p_type == PT_NOTE)
      notes = at(segment.p_vaddr);
    if (notes)
      if (auto found = findNote(notes->substr(0, segment.p_filesz), owner, type))
        return found;
  }
  return std::nullopt;
}

// ---- What is loaded -----------------------------------------------------------------------------

std::optional<std::vector<Elf64_Dyn>> ElfFile::dynamicEntries() const {
  const Elf64_Phdr *segment = find(PT_DYNAMIC);
  std::optional<std::string_view> rest = segment ? at(segment->p_vaddr) : std::nullopt;
  std::vector<Elf64_Dyn> entries;
  while (auto entry = record<Elf64_Dyn>(rest)) {
    if (entry->d_tag == DT_NULL)
      return entries;
    entries.push_back(*entry);
    rest->remove_prefix(sizeof(Elf64_Dyn));
  }
  return std::nullopt;
}

/// The zero-ended text at the start of the bytes.
static std::optional<std::string_view> text(std::optional<std::string_view> bytes) {
  size_t end = bytes ? bytes->find('\0') : std::string_view::npos;
  if (end == std::string_view::npos)
    return std::nullopt;
  return bytes->substr(0, end);
}

Result<std::vector<std::string_view>> ElfFile::neededLibraries() const {
  std::optional<std::vector<Elf64_Dyn>> entries = dynamicEntries();
  if (!entries)
    return damaged();
  uint64_t strings = 0;
  for (const Elf64_Dyn &entry : *entries)
    if (entry.d_tag == DT_STRTAB)
      strings = entry.d_un.d_ptr;
  std::vector<std::string_view> names;
  for (const Elf64_Dyn &entry : *entries) {
    if (entry.d_tag != DT_NEEDED)
      continue;
    std::optional<std::string_view> name = text(at(strings + entry.d_un.d_val));
    if (!name)
      return damaged();
    names.push_back(*name);
  }
  return names;
}

Status ElfFile::checkProtection() const {
  for (const Elf64_Phdr &segment : segments) {
    bool writes = segment.p_flags & PF_W, runs = segment.p_flags & PF_X;
    if (segment.p_type == PT_LOAD && writes && runs)
      return refuse("it has code that can be written while it runs; expected a library written by "
                    "ccm-compile");
    if (segment.p_type == PT_GNU_STACK && runs)
      return refuse("it asks for a stack that can be executed; expected a library written by "
                    "ccm-compile");
  }
  std::optional<std::vector<Elf64_Dyn>> entries = dynamicEntries();
  if (!entries)
    return damaged();
  for (const Elf64_Dyn &entry : *entries)
    if (entry.d_tag == DT_TEXTREL ||
        (entry.d_tag == DT_FLAGS && entry.d_un.d_val & uint64_t(DF_TEXTREL)))
      return refuse("its code must be changed when it is loaded; expected a library written by "
                    "ccm-compile");
  return Done{};
}

std::string ElfFile::digest(std::string_view digestBytes) const {
  std::string copy(bytes);
  Elf64_Ehdr masked = header;
  masked.e_shoff = 0;
  masked.e_shentsize = masked.e_shnum = masked.e_shstrndx = 0;
  std::memcpy(copy.data(), &masked, sizeof(masked));
  std::memset(copy.data() + (digestBytes.data() - bytes.data()), 0, digestBytes.size());
  Sha256 hash;
  for (const Elf64_Phdr &segment : segments)
    if (segment.p_type == PT_LOAD)
      hash.add(std::string_view(copy).substr(segment.p_offset, segment.p_filesz));
  return hash.finish();
}

} // namespace ccm
