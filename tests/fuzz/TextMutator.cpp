// SPDX-License-Identifier: Apache-2.0
// Half of the changes of targets that read text are made word by word.
#include "tests/fuzz/Target.h"
#include "tests/fuzz/Tokens.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
  return seed % 2 ? LLVMFuzzerMutate(data, size, room)
                  : ccm::fuzz::mutateTokens(data, size, room, seed);
}
