// SPDX-License-Identifier: Apache-2.0
// Gives a library that was linked without ccm-compile the digest that loaders ask for.
#include "runtime/Manifest.h"
#include "runtime/io/Io.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  auto bytes = ccm::io::readFile(argv[1]);
  if (!bytes)
    return 74;
  if (auto sealed = ccm::sealLibrary(*bytes); !sealed) {
    std::fprintf(stderr, "%s: %s\n", argv[1], sealed.error().message.c_str());
    return 1;
  }
  return ccm::io::writeFileAtomically(argv[1], *bytes, 0755) ? 0 : 74;
}
