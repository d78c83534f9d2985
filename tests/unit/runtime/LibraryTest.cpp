// SPDX-License-Identifier: Apache-2.0
// What the loader says of doctored libraries: each of them with its exact verdict, none of them
// run.
#include "TestFiles.h"
#include "runtime/Manifest.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <functional>

namespace ccm::test {
namespace {

std::string bytesOf(const char *path) {
  auto bytes = io::readFile(path);
  EXPECT_TRUE(bytes) << path;
  return bytes ? *bytes : "";
}

/// The linear library's bytes, to be changed in place.
struct Doctored {
  std::string bytes = bytesOf(LINEAR_LIBRARY);

  Elf64_Ehdr &header() { return *reinterpret_cast<Elf64_Ehdr *>(bytes.data()); }
  std::span<Elf64_Phdr> segments() {
    return {reinterpret_cast<Elf64_Phdr *>(bytes.data() + header().e_phoff), header().e_phnum};
  }
  Elf64_Phdr &segment(uint32_t type) {
    return *std::ranges::find(segments(), type, &Elf64_Phdr::p_type);
  }
  Elf64_Phdr &lastLoaded() {
    Elf64_Phdr *last = nullptr;
    for (Elf64_Phdr &segment : segments())
      last = segment.p_type == PT_LOAD ? &segment : last;
    return *last;
  }
  Elf64_Dyn &dynamic(int64_t tag) {
    auto entry = reinterpret_cast<Elf64_Dyn *>(bytes.data() + segment(PT_DYNAMIC).p_offset);
    while (entry->d_tag != tag)
      ++entry;
    return *entry;
  }
  /// The note's header: name, then content follow.
  Elf64_Nhdr &note() {
    size_t name = bytes.find(std::string("\x01\0\0\0ccm\0", 8)) - 8;
    return *reinterpret_cast<Elf64_Nhdr *>(bytes.data() + name);
  }
  char *owner() { return reinterpret_cast<char *>(&note() + 1); }
  ccm_manifest &manifest() { return *reinterpret_cast<ccm_manifest *>(owner() + 4); }
  void seal() { EXPECT_TRUE(sealLibrary(bytes)); }
};

using Edit = std::function<void(Doctored &)>;

/// What is said of the edited library.
std::string verdict(const Edit &edit) {
  Doctored library;
  edit(library);
  return messageOf(checkLibrary(library.bytes));
}

/// The same with the digest made right again: what is said of a library that was made this way.
std::string sealedVerdict(const Edit &edit) {
  return verdict([&](Doctored &library) {
    edit(library);
    library.seal();
  });
}

constexpr const char *kNotElf = "it is not an ELF file; expected a library written by ccm-compile";
constexpr const char *kDamaged = "it is truncated or damaged; compile the model again";
constexpr const char *kNoManifest =
    "it has no manifest of ccm; expected a library written by ccm-compile";
constexpr const char *kBadManifest = "its manifest is damaged; compile the model again";
constexpr const char *kChanged = "it is not as ccm-compile wrote it: its bytes do not have the "
                                 "digest in its manifest; compile the model again";
constexpr const char *kOtherMachine = "expected a little-endian library of ELF version 1; compile "
                                      "the model with a ccm-compile for this machine";

TEST(LibraryTest, TakesWhatIsRight) {
  EXPECT_EQ(verdict([](Doctored &) {}), "");
  EXPECT_EQ(sealedVerdict([](Doctored &) {}), "");
}

TEST(LibraryTest, RefusesWhatIsNoLibraryOfThisMachine) {
  auto header = [](auto member, auto value) {
    return verdict([=](Doctored &library) { library.header().*member = value; });
  };
  auto ident = [](int at, unsigned char value) {
    return verdict([=](Doctored &library) { library.header().e_ident[at] = value; });
  };
  EXPECT_EQ(verdict([](Doctored &library) { library.bytes.clear(); }), kNotElf);
  EXPECT_EQ(verdict([](Doctored &library) { library.bytes = "#!/bin/sh\n"; }), kNotElf);
  EXPECT_EQ(ident(EI_MAG3, 'f'), kNotElf);
  EXPECT_EQ(ident(EI_CLASS, ELFCLASS32), "expected a 64-bit library, found ELF class 1; compile "
                                         "the model with a ccm-compile for this machine");
  EXPECT_EQ(ident(EI_CLASS, 7), "expected a 64-bit library, found ELF class 7; compile the model "
                                "with a ccm-compile for this machine");
  EXPECT_EQ(ident(EI_DATA, ELFDATA2MSB), kOtherMachine);
  EXPECT_EQ(ident(EI_VERSION, 2), kOtherMachine);
  EXPECT_EQ(header(&Elf64_Ehdr::e_machine, EM_AARCH64),
            "it was compiled for another processor: expected ELF machine 62 (x86-64), found 183");
  EXPECT_EQ(header(&Elf64_Ehdr::e_machine, EM_386),
            "it was compiled for another processor: expected ELF machine 62 (x86-64), found 3");
  EXPECT_EQ(header(&Elf64_Ehdr::e_type, ET_REL), "it is an object for static linking; compile the "
                                                 "model to a file that ends in .so to load it");
  EXPECT_EQ(header(&Elf64_Ehdr::e_type, ET_EXEC), "expected a shared library, found ELF type 2");
  EXPECT_EQ(header(&Elf64_Ehdr::e_type, ET_CORE), "expected a shared library, found ELF type 4");
}

TEST(LibraryTest, RefusesWhatIsNotWhole) {
  auto resized = [](size_t size) {
    return verdict([=](Doctored &library) { library.bytes.resize(size); });
  };
  EXPECT_EQ(resized(sizeof(Elf64_Ehdr) - 1), kDamaged);
  EXPECT_EQ(resized(sizeof(Elf64_Ehdr)), kDamaged);
  EXPECT_EQ(resized(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)), kDamaged);
  EXPECT_EQ(verdict([](Doctored &library) {
              Elf64_Phdr last = library.lastLoaded();
              library.bytes.resize(last.p_offset + last.p_filesz - 1);
            }),
            kDamaged);
  auto header = [](auto member, auto value) {
    return verdict([=](Doctored &library) { library.header().*member = value; });
  };
  EXPECT_EQ(header(&Elf64_Ehdr::e_phentsize, 55), kDamaged);
  EXPECT_EQ(header(&Elf64_Ehdr::e_phoff, uint64_t(1) << 40), kDamaged);
  EXPECT_EQ(header(&Elf64_Ehdr::e_phoff, UINT64_MAX), kDamaged);
  EXPECT_EQ(header(&Elf64_Ehdr::e_phoff, 0), kDamaged);
  EXPECT_EQ(header(&Elf64_Ehdr::e_phnum, 0), kDamaged);
  EXPECT_EQ(header(&Elf64_Ehdr::e_phnum, 0xffff), kDamaged);
  auto segment = [](auto member, uint64_t value) {
    return verdict([=](Doctored &library) { library.segment(PT_LOAD).*member = value; });
  };
  EXPECT_EQ(segment(&Elf64_Phdr::p_offset, UINT64_MAX - 8), kDamaged);
  EXPECT_EQ(segment(&Elf64_Phdr::p_filesz, UINT64_MAX), kDamaged);
  EXPECT_EQ(segment(&Elf64_Phdr::p_filesz, 64), kDamaged)
      << "program headers that no digest covers";
}

TEST(LibraryTest, RefusesManifestsThatAreNone) {
  EXPECT_EQ(messageOf(checkLibrary(bytesOf(NOTELESS_LIBRARY))), kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) {
              for (Elf64_Phdr &segment : library.segments())
                segment.p_type = segment.p_type == PT_NOTE ? PT_NULL : segment.p_type;
            }),
            kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) { *library.owner() = 'C'; }), kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) { library.note().n_type = 2; }), kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) { library.note().n_descsz = UINT32_MAX; }), kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) { library.note().n_namesz = UINT32_MAX; }), kNoManifest);
  EXPECT_EQ(verdict([](Doctored &library) { library.note().n_descsz = 100; }), kBadManifest);
  EXPECT_EQ(verdict([](Doctored &library) { library.note().n_descsz = 3; }), kBadManifest);
  auto edited = [](auto edit) {
    return verdict([=](Doctored &library) { edit(library.manifest()); });
  };
  EXPECT_EQ(edited([](ccm_manifest &m) { std::ranges::fill(m.symbol, 'a'); }), kBadManifest);
  EXPECT_EQ(edited([](ccm_manifest &m) { m.symbol[0] = '_'; }), kBadManifest);
  EXPECT_EQ(edited([](ccm_manifest &m) { m.path_count = 0; }), kBadManifest);
  EXPECT_EQ(edited([](ccm_manifest &m) { m.path_count = CCM_MAX_PATHS + 1; }), kBadManifest);
  EXPECT_EQ(edited([](ccm_manifest &m) { std::ranges::fill(m.paths[0].name, 'a'); }), kBadManifest);
}

TEST(LibraryTest, RefusesOtherInterfaceVersions) {
  auto version = [](uint32_t major) {
    return verdict([=](Doctored &library) { library.manifest().abi_major = major; });
  };
  EXPECT_EQ(version(2), "expected interface version 1, found 2; compile the model with the "
                        "ccm-compile of this runtime");
  EXPECT_EQ(version(0), "expected interface version 1, found 0; compile the model with the "
                        "ccm-compile of this runtime");
  EXPECT_EQ(messageOf(checkLibrary(bytesOf(FUTURE_LIBRARY))),
            "expected interface version 1, found 99; compile the model with the ccm-compile of "
            "this runtime");
}

TEST(LibraryTest, RefusesChangesSinceItWasWritten) {
  EXPECT_EQ(verdict([](Doctored &library) { library.manifest().digest[31] ^= 1; }), kChanged);
  EXPECT_EQ(verdict([](Doctored &library) { library.manifest().paths[0].required[0] = 1; }),
            kChanged);
  EXPECT_EQ(verdict([](Doctored &library) { library.manifest().abi_minor = 1; }), kChanged);
  EXPECT_EQ(
      verdict([](Doctored &library) { library.bytes[library.lastLoaded().p_offset + 5] ^= 0x10; }),
      kChanged);
  EXPECT_EQ(verdict([](Doctored &library) { ++library.header().e_entry; }), kChanged);
}

TEST(LibraryTest, RefusesWhatNoCompiledModelIs) {
  EXPECT_EQ(sealedVerdict([](Doctored &library) {
              size_t name = library.bytes.find(std::string("\0libc.so.6\0", 11));
              library.bytes.replace(name + 1, 4, "libz");
            }),
            "it needs 'libz.so.6'; a compiled model needs only the C and math libraries");
  EXPECT_EQ(sealedVerdict([](Doctored &library) {
              library.dynamic(DT_NEEDED).d_un.d_val = uint64_t(1) << 40;
            }),
            kDamaged);
  EXPECT_EQ(sealedVerdict([](Doctored &library) { library.segment(PT_DYNAMIC).p_type = PT_NULL; }),
            kDamaged);
  EXPECT_EQ(sealedVerdict(
                [](Doctored &library) { library.segment(PT_DYNAMIC).p_vaddr = uint64_t(1) << 40; }),
            kDamaged);
  EXPECT_EQ(sealedVerdict([](Doctored &library) {
              Elf64_Phdr last = library.lastLoaded();
              library.segment(PT_DYNAMIC).p_vaddr = last.p_vaddr + last.p_filesz - 8;
            }),
            kDamaged)
      << "entries without an end";
  EXPECT_EQ(sealedVerdict([](Doctored &library) { library.lastLoaded().p_flags |= PF_X; }),
            "it has code that can be written while it runs; expected a library written by "
            "ccm-compile");
  EXPECT_EQ(sealedVerdict([](Doctored &library) { library.segment(PT_GNU_STACK).p_flags |= PF_X; }),
            "it asks for a stack that can be executed; expected a library written by ccm-compile");
  constexpr const char *kTextChanged = "its code must be changed when it is loaded; expected a "
                                       "library written by ccm-compile";
  EXPECT_EQ(
      sealedVerdict([](Doctored &library) { library.dynamic(DT_RELACOUNT).d_tag = DT_TEXTREL; }),
      kTextChanged);
  EXPECT_EQ(sealedVerdict([](Doctored &library) {
              library.dynamic(DT_RELACOUNT) = {DT_FLAGS, {DF_TEXTREL}};
            }),
            kTextChanged);
}

TEST(LibraryTest, NamesWhatTheProcessorLacks) {
  ccm_manifest manifest = Doctored().manifest();
  uint32_t none[CCM_FEATURE_WORDS] = {};
  EXPECT_TRUE(checkProcessor(manifest, none));
  std::strcpy(manifest.paths[0].name, "fast");
  manifest.paths[0].required[CCM_CPUID_7_EBX] = bit_AVX2 | bit_AVX512F;
  manifest.paths[0].required[CCM_XCR0] = 0xe6;
  EXPECT_EQ(messageOf(checkProcessor(manifest, none)),
            "this processor lacks AVX2, AVX-512F, saved AVX registers, saved AVX-512 registers, "
            "which its least demanding code path 'fast' needs; compile the model with a --target "
            "that this processor can run");
  manifest.path_count = 2;
  std::strcpy(manifest.paths[1].name, "plain");
  manifest.paths[1].required[CCM_CPUID_1_EDX] = 1 << 30;
  EXPECT_EQ(messageOf(checkProcessor(manifest, none)),
            "this processor lacks features that this runtime does not know, which its least "
            "demanding code path 'plain' needs; compile the model with a --target that this "
            "processor can run");
  uint32_t some[CCM_FEATURE_WORDS] = {0, 1 << 30};
  EXPECT_TRUE(checkProcessor(manifest, some)) << "one path is enough";
}

// ---- Loading ------------------------------------------------------------------------------------

/// What loading the bytes as a file says, without the file's name.
std::string loadVerdict(const std::string &bytes) {
  TemporaryDirectory directory;
  std::string path = directory / "model.so", head = "cannot load '" + path + "': ";
  EXPECT_TRUE(io::writeFileAtomically(path, bytes));
  std::string message = messageOf(Artifact::load(path));
  return message.starts_with(head) ? message.substr(head.size()) : message;
}

TEST(LibraryTest, LoadsNothingThatItRefuses) {
  Doctored damaged, demanding;
  damaged.bytes[damaged.lastLoaded().p_offset] ^= 1;
  EXPECT_EQ(loadVerdict(damaged.bytes), kChanged);
  demanding.manifest().paths[0].required[CCM_CPUID_1_EDX] = 1
                                                            << 10; // reserved: no processor has it
  demanding.seal();
  EXPECT_EQ(loadVerdict(demanding.bytes),
            "this processor lacks features that this runtime does not know, which its least "
            "demanding code path 'any' needs; compile the model with a --target that this "
            "processor can run");
}

TEST(LibraryTest, RefusesATableThatItsManifestContradicts) {
  EXPECT_EQ(loadVerdict(bytesOf(NAMELESS_LIBRARY)),
            "it does not export 'ccm_model_linear', which its manifest names; compile the model "
            "again");
  EXPECT_EQ(loadVerdict(bytesOf(CONTRADICTING_LIBRARY)),
            "expected interface version 1, found 99; compile the model with the ccm-compile of "
            "this runtime");
}

TEST(LibraryTest, TellsAReplacedFileFromTheOneInUse) {
  TemporaryDirectory directory;
  std::string path = directory / "model.so";
  Doctored other;
  other.manifest().abi_minor = 1;
  other.seal();
  ASSERT_TRUE(io::writeFileAtomically(path, bytesOf(LINEAR_LIBRARY)));
  {
    auto first = Artifact::load(path);
    ASSERT_TRUE(first) << messageOf(first);
    EXPECT_TRUE(Artifact::load(path)) << "the same file may be loaded twice";
    ASSERT_TRUE(io::writeFileAtomically(path, other.bytes));
    EXPECT_EQ(messageOf(Artifact::load(path)),
              "cannot load '" + path +
                  "': the file was replaced since this process loaded it and still uses it; "
                  "release what was loaded, or load a copy of another name");
  }
  EXPECT_TRUE(Artifact::load(path));
}

TEST(LibraryTest, NeverSearchesForAName) {
  EXPECT_EQ(Artifact::load("libc.so.6").error().kind, ErrorKind::File);
  EXPECT_EQ(Artifact::load("").error().kind, ErrorKind::File);
}

// ---- Flips --------------------------------------------------------------------------------------

/// Whether a byte of the file is part of what the system's loader reads.
bool isLoaded(Doctored &library, size_t at) {
  constexpr size_t kSections = offsetof(Elf64_Ehdr, e_shoff),
                   kCounts = offsetof(Elf64_Ehdr, e_shentsize);
  if ((at >= kSections && at < kSections + 8) || (at >= kCounts && at < kCounts + 6))
    return false;
  return std::ranges::any_of(library.segments(), [&](const Elf64_Phdr &segment) {
    return segment.p_type == PT_LOAD && at - segment.p_offset < segment.p_filesz;
  });
}

TEST(LibraryTest, FindsFlippedBytesThatAreLoaded) {
  Doctored library;
  for (size_t at = 0; at < library.bytes.size(); at += 5) {
    std::string copy = library.bytes;
    copy[at] = static_cast<char>(copy[at] ^ 1 << at % 8);
    EXPECT_EQ(messageOf(checkLibrary(copy)).empty(), !isLoaded(library, at)) << at;
  }
}

TEST(LibraryTest, OtherBytesChangeNothing) {
  Doctored library;
  std::string changed = library.bytes;
  size_t count = 0;
  for (size_t at = 0; at < changed.size(); ++at)
    if (!isLoaded(library, at)) {
      changed[at] = static_cast<char>(~changed[at]);
      ++count;
    }
  EXPECT_GT(count, 1000u);
  TemporaryDirectory directory;
  ASSERT_TRUE(io::writeFileAtomically(directory / "model.so", changed));
  auto artifact = Artifact::load(directory / "model.so");
  ASSERT_TRUE(artifact) << messageOf(artifact);
  EXPECT_EQ((*Session::create(*artifact, {.seed = 3}))->parametersSha256(),
            linearSession({.seed = 3})->parametersSha256());
}

} // namespace
} // namespace ccm::test
