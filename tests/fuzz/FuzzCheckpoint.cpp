// SPDX-License-Identifier: Apache-2.0
// A checkpoint's file: the safetensors header, then the manifest and its digests.
#include "runtime/Checkpoint.h"
#include "runtime/Safetensors.h"
#include "runtime/io/MemoryFile.h"
#include "tests/fuzz/Target.h"

using namespace ccm;

/// Every tensor of a file that was accepted can be read.
static void readTensors(const Safetensors &file) {
  uint64_t bytes = 0;
  for (const Tensor &tensor : file.tensors) {
    fuzz::require(file.find(tensor.name) == &tensor, "tensors are found by name");
    for (char byte : file.bytes(tensor))
      bytes += uint8_t(byte) * 0 + 1;
  }
  fuzz::require(bytes == file.data.size(), "tensors fill the data");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (auto file = parseSafetensors(fuzz::asText(data, size)))
    readTensors(*file);
  auto file = io::MemoryFile::create();
  fuzz::require(file && file->append(fuzz::asText(data, size)), "a file in memory can be written");
  if (auto checkpoint = Checkpoint::open(file->path(), Generation::Best))
    (void)checkpoint->info();
  return 0;
}
