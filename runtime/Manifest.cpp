// SPDX-License-Identifier: Apache-2.0
// Verdicts on a library's file, in the order in which later ones make sense.
#include "runtime/Manifest.h"

#include "ccm/abi.h"
#include "runtime/ElfFile.h"

#include <algorithm>
#include <cstring>

namespace ccm {

static Error refuse(std::string reason) { return {ErrorKind::Input, std::move(reason)}; }

// ---- Manifest -----------------------------------------------------------------------------------

/// The text of a field that has room for its ending zero; nothing where that is missing.
template <size_t N>
static std::optional<std::string_view> field(const char (&characters)[N]) {
  const char *end = std::find(characters, characters + N, '\0');
  if (end == characters + N)
    return std::nullopt;
  return std::string_view(characters, end);
}

/// The interface version stands first in manifests of every version, so it is looked at first.
static Status checkVersion(std::string_view content) {
  uint32_t major = 0;
  if (content.size() < sizeof(major))
    return refuse("its manifest is damaged; compile the model again");
  std::memcpy(&major, content.data(), sizeof(major));
  if (major != CCM_ABI_MAJOR)
    return refuse("expected interface version " + std::to_string(CCM_ABI_MAJOR) + ", found " +
                  std::to_string(major) +
                  "; compile the model with the ccm-compile of this runtime");
  return Done{};
}

static Result<ccm_manifest> readContent(std::string_view content) {
  if (Status version = checkVersion(content); !version)
    return version.error();
  ccm_manifest manifest;
  bool whole = content.size() == sizeof(manifest);
  if (whole)
    std::memcpy(&manifest, content.data(), sizeof(manifest));
  whole = whole && field(manifest.symbol).value_or("").starts_with("ccm_model_") &&
          manifest.path_count >= 1 && manifest.path_count <= CCM_MAX_PATHS;
  for (uint32_t i = 0; whole && i < manifest.path_count; ++i)
    whole = field(manifest.paths[i].name).has_value();
  if (!whole)
    return refuse("its manifest is damaged; compile the model again");
  return manifest;
}

static Error withoutManifest() {
  return refuse("it has no manifest of ccm; expected a library written by ccm-compile");
}

Result<ccm_manifest> readManifest(std::string_view notes) {
  auto content = findNote(notes, {CCM_NOTE_NAME, sizeof(CCM_NOTE_NAME)}, CCM_NOTE_TYPE);
  return content ? readContent(*content) : withoutManifest();
}

// ---- Library ------------------------------------------------------------------------------------

/// Bytes in two hexadecimal digits each.
static std::string hexadecimal(const uint8_t *bytes, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

/// The bytes of the file that hold the digest.
static std::string_view digestBytes(std::string_view content) {
  return content.substr(offsetof(ccm_manifest, digest), CCM_DIGEST_BYTES);
}

static Status checkNeeded(const ElfFile &file) {
  Result<std::vector<std::string_view>> needed = file.neededLibraries();
  if (!needed)
    return needed.error();
  for (std::string_view name : *needed)
    if (!name.starts_with("libc.so.") && !name.starts_with("libm.so.") &&
        !name.starts_with("ld-linux-"))
      return refuse("it needs '" + std::string(name) +
                    "'; a compiled model needs only the C and math libraries");
  return Done{};
}

Result<ccm_manifest> checkLibrary(std::string_view bytes) {
  Result<ElfFile> file = ElfFile::parse(bytes);
  if (!file)
    return file.error();
  auto content = file->note({CCM_NOTE_NAME, sizeof(CCM_NOTE_NAME)}, CCM_NOTE_TYPE);
  if (!content)
    return withoutManifest();
  Result<ccm_manifest> manifest = readContent(*content);
  if (!manifest)
    return manifest;
  if (file->digest(digestBytes(*content)) != hexadecimal(manifest->digest, CCM_DIGEST_BYTES))
    return refuse("it is not as ccm-compile wrote it: its bytes do not have the digest in its "
                  "manifest; compile the model again");
  if (Status protection = file->checkProtection(); !protection)
    return protection.error();
  if (Status needed = checkNeeded(*file); !needed)
    return needed.error();
  return manifest;
}

Status sealLibrary(std::string &bytes) {
  Result<ElfFile> file = ElfFile::parse(bytes);
  if (!file)
    return file.error();
  auto content = file->note({CCM_NOTE_NAME, sizeof(CCM_NOTE_NAME)}, CCM_NOTE_TYPE);
  if (!content || content->size() != sizeof(ccm_manifest))
    return withoutManifest();
  std::string_view place = digestBytes(*content);
  std::string digest = file->digest(place);
  char *start = bytes.data() + (place.data() - bytes.data());
  for (size_t i = 0; i < CCM_DIGEST_BYTES; ++i)
    start[i] = static_cast<char>(std::stoi(digest.substr(2 * i, 2), nullptr, 16));
  return Done{};
}

// ---- Processor ----------------------------------------------------------------------------------

namespace {
struct Feature {
  ccm_feature_word word;
  uint32_t bits;
  const char *name;
};
} // namespace

/// What a path of any target may need.
static constexpr Feature kFeatures[] = {
    {CCM_CPUID_1_ECX, bit_SSE3, "SSE3"},
    {CCM_CPUID_1_ECX, bit_SSSE3, "SSSE3"},
    {CCM_CPUID_1_ECX, bit_FMA, "FMA"},
    {CCM_CPUID_1_ECX, bit_CMPXCHG16B, "CMPXCHG16B"},
    {CCM_CPUID_1_ECX, bit_SSE4_1, "SSE4.1"},
    {CCM_CPUID_1_ECX, bit_SSE4_2, "SSE4.2"},
    {CCM_CPUID_1_ECX, bit_MOVBE, "MOVBE"},
    {CCM_CPUID_1_ECX, bit_POPCNT, "POPCNT"},
    {CCM_CPUID_1_ECX, bit_OSXSAVE, "OSXSAVE"},
    {CCM_CPUID_1_ECX, bit_AVX, "AVX"},
    {CCM_CPUID_1_ECX, bit_F16C, "F16C"},
    {CCM_CPUID_7_EBX, bit_BMI, "BMI1"},
    {CCM_CPUID_7_EBX, bit_AVX2, "AVX2"},
    {CCM_CPUID_7_EBX, bit_BMI2, "BMI2"},
    {CCM_CPUID_7_EBX, bit_AVX512F, "AVX-512F"},
    {CCM_CPUID_7_EBX, bit_AVX512DQ, "AVX-512DQ"},
    {CCM_CPUID_7_EBX, bit_AVX512CD, "AVX-512CD"},
    {CCM_CPUID_7_EBX, bit_AVX512BW, "AVX-512BW"},
    {CCM_CPUID_7_EBX, bit_AVX512VL, "AVX-512VL"},
    {CCM_CPUID_80000001_ECX, 1 << 0, "LAHF"},
    {CCM_CPUID_80000001_ECX, 1 << 5, "LZCNT"},
    {CCM_XCR0, 0x06, "saved AVX registers"},
    {CCM_XCR0, 0xe0, "saved AVX-512 registers"},
};

/// The names of what the words lack, "" when nothing is missing.
static std::string missing(FeatureWords required, FeatureWords processor) {
  std::string names;
  auto append = [&](std::string_view name) {
    names += names.empty() ? "" : ", ";
    names += name;
  };
  uint32_t left[CCM_FEATURE_WORDS];
  for (size_t i = 0; i < CCM_FEATURE_WORDS; ++i)
    left[i] = required[i] & ~processor[i];
  for (const Feature &feature : kFeatures)
    if (left[feature.word] & feature.bits) {
      append(feature.name);
      left[feature.word] &= ~feature.bits;
    }
  if (std::any_of(std::begin(left), std::end(left), [](uint32_t word) { return word != 0; }))
    append("features that this runtime does not know");
  return names;
}

Status checkProcessor(const ccm_manifest &manifest, FeatureWords processor) {
  std::string lacks;
  for (uint32_t i = 0; i < manifest.path_count; ++i) {
    lacks = missing(manifest.paths[i].required, processor);
    if (lacks.empty())
      return Done{};
  }
  const char *name = manifest.paths[manifest.path_count - 1].name;
  return refuse("this processor lacks " + lacks + ", which its least demanding code path '" + name +
                "' needs; compile the model with a --target that this processor can run");
}

} // namespace ccm
