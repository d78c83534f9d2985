// SPDX-License-Identifier: Apache-2.0
// A model as a library that the program loads when it runs.
#include "ccm/runtime.h"

#include <cstdio>

int main() {
  auto artifact = ccm::Artifact::load(LIBRARY);
  if (!artifact)
    std::fprintf(stderr, "%s\n", artifact.error().message.c_str());
  return artifact && (*artifact)->name() == "table" ? 0 : 1;
}
