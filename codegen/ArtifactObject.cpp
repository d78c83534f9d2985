// SPDX-License-Identifier: Apache-2.0
// The object file of `codegen/artifact`, as bytes of this program.
#include "codegen/Linker.h"

asm(".section .rodata.ccm_artifact, \"a\"\n"
    ".balign 16\n"
    "ccm_artifact_begin: .incbin \"" CCM_ARTIFACT_OBJECT "\"\n"
    "ccm_artifact_end:\n"
    ".previous\n");
extern const char artifactBegin[] asm("ccm_artifact_begin");
extern const char artifactEnd[] asm("ccm_artifact_end");

llvm::StringRef ccm::artifactObject() {
  return llvm::StringRef(artifactBegin, artifactEnd - artifactBegin);
}
