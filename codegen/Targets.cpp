// SPDX-License-Identifier: Apache-2.0
// The table of targets.
#include "codegen/Targets.h"
#include "llvm/ADT/STLExtras.h"

namespace ccm {

#define CCM_HALIDE_OPTIONS "-no_asserts-no_bounds_query-no_runtime-strict_float"

static constexpr Target kTargets[] = {
    {"x86-64-v3",
     "x86-64-linux-sse41-avx-f16c-fma-avx2" CCM_HALIDE_OPTIONS,
     "x86-64-v3",
     "",
     CpuLevel::X86_64_V3,
     8,
     16,
     12,
     {12, 3},
     {8, 2},
     {12, 6}},
    {"x86-64-v4",
     "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake" CCM_HALIDE_OPTIONS,
     "x86-64-v4",
     "",
     CpuLevel::X86_64_V4,
     16,
     32,
     28,
     {28, 4},
     {16, 2},
     {24, 6}},
};

#undef CCM_HALIDE_OPTIONS

llvm::ArrayRef<Target> targets() { return kTargets; }

const Target *findTarget(llvm::StringRef name) {
  const Target *found = llvm::find_if(kTargets, [&](const Target &t) { return t.name == name; });
  return found == std::end(kTargets) ? nullptr : found;
}

} // namespace ccm
