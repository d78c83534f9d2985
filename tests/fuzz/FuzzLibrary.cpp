// SPDX-License-Identifier: Apache-2.0
// A model library's file as the loader checks it, before any of it could run.
#include "runtime/ElfFile.h"
#include "runtime/Manifest.h"
#include "tests/fuzz/Target.h"

using namespace ccm;

static void judge(std::string_view bytes) {
  auto manifest = checkLibrary(bytes);
  fuzz::require(manifest || !manifest.error().message.empty(), "a refusal has a reason");
}

/// What the check would come to, had it not stopped before.
static void readParts(std::string_view bytes) {
  auto file = ElfFile::parse(bytes);
  if (!file)
    return;
  (void)file->neededLibraries();
  (void)file->checkProtection();
  (void)file->digest(bytes.substr(0, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string bytes(fuzz::asText(data, size));
  judge(bytes);
  readParts(bytes);
  // A digest that is right again lets damage through to what is checked behind it.
  if (sealLibrary(bytes))
    judge(bytes);
  return 0;
}
