// SPDX-License-Identifier: Apache-2.0
// What every program of a test build tells its sanitizers.

/// LLVM's headers poison memory of allocators that LLVM's own library, which is built without
/// sanitizers, hands out: such marks mean nothing here.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_leaks=1:allocator_may_return_null=1:"
         "detect_stack_use_after_return=0";
}

extern "C" const char *__ubsan_default_options() { return "print_stacktrace=1"; }

extern "C" const char *__lsan_default_options() { return "print_suppressions=0"; }

/// Leaks that are not ours.
extern "C" const char *__lsan_default_suppressions() {
  return "leak:libHalide\n" // frees its compiler's state never
         "leak:libLLVM\n"   // as do LLVM's and MLIR's registries of options
         "leak:libMLIR\n"
         "leak:libvorbis\n" // what libsndfile forgets of a damaged file
         "leak:lld::elf\n"; // leaves its memory to the end of the process on purpose
}
