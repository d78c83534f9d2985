// SPDX-License-Identifier: Apache-2.0
// The object file of `codegen/artifact`, as bytes of this program.
#include "codegen/link/Linker.h"
#include "runtime/io/Sabotage.h"

/// Declares `name` as the bytes of a file.
#define CCM_EMBED(name, path)                                                                      \
  asm(".section .rodata.ccm_artifact, \"a\"\n"                                                     \
      ".balign 16\n"                                                                               \
      "ccm_" #name "_begin: .incbin \"" path "\"\n"                                                \
      "ccm_" #name "_end:\n"                                                                       \
      ".previous\n");                                                                              \
  extern const char name##Begin[] asm("ccm_" #name "_begin");                                      \
  extern const char name##End[] asm("ccm_" #name "_end");                                          \
  static const llvm::StringRef name(name##Begin, name##End - name##Begin)

CCM_EMBED(artifact, CCM_ARTIFACT_OBJECT);
#ifdef CCM_TEST_BUILD
CCM_EMBED(uncheckedArtifact, CCM_ARTIFACT_OBJECT ".drop_bounds_check");
CCM_EMBED(unsizedArtifact, CCM_ARTIFACT_OBJECT ".drop_size_check");
CCM_EMBED(swappedArtifact, CCM_ARTIFACT_OBJECT ".swap_reduction_order");
#endif

llvm::StringRef ccm::artifactObject() {
#ifdef CCM_TEST_BUILD
  if (io::sabotaged("drop_bounds_check"))
    return uncheckedArtifact;
  if (io::sabotaged("drop_size_check"))
    return unsizedArtifact;
  if (io::sabotaged("swap_reduction_order"))
    return swappedArtifact;
#endif
  return artifact;
}
