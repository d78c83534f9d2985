// SPDX-License-Identifier: Apache-2.0
// Reads ELF headers with every offset checked: the file may be truncated, damaged or foreign.
#include "runtime/ElfFile.h"

#include <elf.h>

#include <cstring>
#include <optional>
#include <vector>

namespace ccm {

static Error refuse(std::string reason) { return {ErrorKind::Input, std::move(reason)}; }

static Error damaged() { return refuse("it is truncated or damaged"); }

/// Part of the file; nothing when it does not lie inside.
static std::optional<std::string_view> slice(std::string_view bytes, uint64_t offset,
                                             uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset)
    return std::nullopt;
  return bytes.substr(offset, size);
}

/// A table of `count` records of type T at `offset`.
template <typename T>
static std::optional<std::vector<T>> records(std::string_view bytes, uint64_t offset,
                                             uint64_t count) {
  if (count > bytes.size() / sizeof(T))
    return std::nullopt;
  std::optional<std::string_view> part = slice(bytes, offset, count * sizeof(T));
  if (!part)
    return std::nullopt;
  std::vector<T> table(count);
  if (count != 0)
    std::memcpy(table.data(), part->data(), part->size());
  return table;
}

/// The zero-ended string at `offset` of a string table.
static std::optional<std::string_view> text(std::string_view strings, uint64_t offset) {
  size_t end = offset < strings.size() ? strings.find('\0', offset) : std::string_view::npos;
  if (end == std::string_view::npos)
    return std::nullopt;
  return strings.substr(offset, end - offset);
}

namespace {
/// A library's headers, and what its sections say.
class ElfFile {
public:
  explicit ElfFile(std::string_view bytes) : bytes(bytes) {}
  Status readHeader();
  Status readTables();
  Status checkSegments() const;
  Status checkNeeded() const;
  Result<std::string> findSymbol() const;

private:
  /// The section of that type, if any, and the string table it links to.
  const Elf64_Shdr *find(uint32_t type) const;
  std::optional<std::string_view> stringsOf(const Elf64_Shdr &section) const;

  std::string_view bytes;
  Elf64_Ehdr header = {};
  std::vector<Elf64_Shdr> sections;
  std::vector<Elf64_Phdr> segments;
};
} // namespace

Status ElfFile::readHeader() {
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
    return refuse("it is not an ELF file; expected a library written by ccm-compile");
  if (bytes.size() < sizeof(header))
    return damaged();
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64)
    return refuse("expected a 64-bit library, found another ELF class");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_ident[EI_VERSION] != EV_CURRENT)
    return refuse("expected a little-endian library of ELF version 1");
  if (header.e_machine != EM_X86_64)
    return refuse("it was compiled for another processor; expected ELF machine " +
                  std::to_string(EM_X86_64) + " (x86-64), found " +
                  std::to_string(header.e_machine));
  if (header.e_type != ET_DYN)
    return refuse("expected a shared library, found another type of ELF file");
  return Done{};
}

Status ElfFile::readTables() {
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_shentsize != sizeof(Elf64_Shdr))
    return damaged();
  auto segmentTable = records<Elf64_Phdr>(bytes, header.e_phoff, header.e_phnum);
  auto sectionTable = records<Elf64_Shdr>(bytes, header.e_shoff, header.e_shnum);
  if (!segmentTable || !sectionTable)
    return damaged();
  segments = std::move(*segmentTable);
  sections = std::move(*sectionTable);
  return Done{};
}

// The system's loader maps what segments name and faults where the file is shorter.
Status ElfFile::checkSegments() const {
  for (const Elf64_Phdr &segment : segments)
    if (!slice(bytes, segment.p_offset, segment.p_filesz))
      return damaged();
  return Done{};
}

const Elf64_Shdr *ElfFile::find(uint32_t type) const {
  for (const Elf64_Shdr &section : sections)
    if (section.sh_type == type)
      return &section;
  return nullptr;
}

std::optional<std::string_view> ElfFile::stringsOf(const Elf64_Shdr &section) const {
  if (section.sh_link >= sections.size())
    return std::nullopt;
  const Elf64_Shdr &strings = sections[section.sh_link];
  return slice(bytes, strings.sh_offset, strings.sh_size);
}

static bool isSystemLibrary(std::string_view name) {
  return name.starts_with("libc.so.") || name.starts_with("libm.so.") ||
         name.starts_with("ld-linux-");
}

Status ElfFile::checkNeeded() const {
  const Elf64_Shdr *section = find(SHT_DYNAMIC);
  if (!section)
    return damaged();
  auto entries =
      records<Elf64_Dyn>(bytes, section->sh_offset, section->sh_size / sizeof(Elf64_Dyn));
  auto strings = stringsOf(*section);
  if (!entries || !strings)
    return damaged();
  for (const Elf64_Dyn &entry : *entries) {
    if (entry.d_tag != DT_NEEDED)
      continue;
    auto name = text(*strings, entry.d_un.d_val);
    if (!name)
      return damaged();
    if (!isSystemLibrary(*name))
      return refuse("it needs '" + std::string(*name) +
                    "'; a compiled model needs only the C and math libraries");
  }
  return Done{};
}

Result<std::string> ElfFile::findSymbol() const {
  constexpr std::string_view kPrefix = "ccm_model_";
  const Elf64_Shdr *section = find(SHT_DYNSYM);
  if (!section)
    return damaged();
  auto symbols =
      records<Elf64_Sym>(bytes, section->sh_offset, section->sh_size / sizeof(Elf64_Sym));
  auto strings = stringsOf(*section);
  if (!symbols || !strings)
    return damaged();
  std::string found;
  for (const Elf64_Sym &symbol : *symbols) {
    auto name = text(*strings, symbol.st_name);
    if (!name)
      return damaged();
    if (symbol.st_shndx == SHN_UNDEF || !name->starts_with(kPrefix))
      continue;
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || !found.empty())
      return refuse("expected one exported function 'ccm_model_<name>', found '" +
                    (found.empty() ? "" : found + "' and '") + std::string(*name) + "'");
    found = *name;
  }
  if (found.empty())
    return refuse("it exports no function 'ccm_model_<name>'; expected a library written by "
                  "ccm-compile");
  return found;
}

Result<std::string> findModelSymbol(std::string_view bytes) {
  ElfFile file(bytes);
  if (Status status = file.readHeader(); !status)
    return status.error();
  if (Status status = file.readTables(); !status)
    return status.error();
  if (Status status = file.checkSegments(); !status)
    return status.error();
  Result<std::string> symbol = file.findSymbol();
  if (!symbol)
    return symbol;
  if (Status status = file.checkNeeded(); !status)
    return status.error();
  return symbol;
}

} // namespace ccm
