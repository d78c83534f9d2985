// SPDX-License-Identifier: Apache-2.0
// Walks the loaded objects' notes.
#include "codegen/kernels/CompilerIdentity.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <link.h>

namespace ccm {

/// Adds the build identifier among the notes of one segment, if it is there.
static void addIdentifier(llvm::StringRef notes, std::string &all) {
  ElfW(Nhdr) note;
  while (notes.size() >= sizeof(note)) {
    std::memcpy(&note, notes.data(), sizeof(note));
    size_t name = llvm::alignTo(note.n_namesz, 4), text = llvm::alignTo(note.n_descsz, 4);
    notes = notes.drop_front(sizeof(note));
    if (note.n_type == NT_GNU_BUILD_ID && notes.starts_with(llvm::StringRef("GNU\0", 4)))
      all += notes.substr(name, note.n_descsz);
    notes = notes.drop_front(std::min(notes.size(), name + text));
  }
}

static int addObject(dl_phdr_info *object, size_t, void *all) {
  // The kernel's own object changes with every kernel and has no part in compiling.
  if (llvm::StringRef(object->dlpi_name).contains("vdso"))
    return 0;
  for (const auto &segment : llvm::ArrayRef(object->dlpi_phdr, object->dlpi_phnum))
    if (segment.p_type == PT_NOTE)
      addIdentifier(
          {reinterpret_cast<const char *>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz},
          *static_cast<std::string *>(all));
  return 0;
}

std::string compilerIdentity() {
  std::string all;
  dl_iterate_phdr(addObject, &all);
  auto digest = llvm::BLAKE3::hash<8>(llvm::arrayRefFromStringRef(all));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

} // namespace ccm
