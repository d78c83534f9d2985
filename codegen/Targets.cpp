// SPDX-License-Identifier: Apache-2.0
// The table of targets.
#include "codegen/Targets.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace ccm {

#define CCM_HALIDE_OPTIONS "-no_asserts-no_bounds_query-no_runtime-strict_float"

/// A core as most are. Of its speed only the ratio to that of its memory matters.
static constexpr Limits kCore = {.cacheBytes = int64_t(1) << 20,
                                 .partBytes = 64 * 1024,
                                 .largestBlock = 64,
                                 .operations = 60'000'000'000,
                                 .bandwidth = 20'000'000'000};

static constexpr Target kTargets[] = {
    {.name = "x86-64-v3",
     .halide = "x86-64-linux-sse41-avx-f16c-fma-avx2" CCM_HALIDE_OPTIONS,
     .cpu = "x86-64-v3",
     .level = CpuLevel::X86_64_V3,
     .lanes = 8,
     .registers = 16,
     .contraction = {12, 3},
     .window = {8, 2},
     .weights = {12, 6},
     .limits = kCore},
    {.name = "x86-64-v4",
     .halide = "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake" CCM_HALIDE_OPTIONS,
     .cpu = "x86-64-v4",
     .level = CpuLevel::X86_64_V4,
     .lanes = 16,
     .registers = 32,
     .contraction = {28, 4},
     .window = {16, 2},
     .weights = {24, 6},
     .limits = kCore},
};

// IR that names no target is compiled as for the most demanding one.
static_assert(std::end(kTargets)[-1].limits == Limits());

#undef CCM_HALIDE_OPTIONS

llvm::ArrayRef<Target> targets() { return kTargets; }

const Target *findTarget(llvm::StringRef name) {
  const Target *found = llvm::find_if(kTargets, [&](const Target &t) { return t.name == name; });
  return found == std::end(kTargets) ? nullptr : found;
}

std::string describe(const Target &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << target.name << " " << target.halide << " " << target.cpu << " lanes " << target.lanes
     << " registers " << target.registers;
  for (const TileLimits &tile : {target.contraction, target.window, target.weights})
    os << " tile " << tile.accumulators << "x" << tile.vectors;
  os << " part " << target.limits.partBytes;
  return text;
}

TargetAttr targetOf(mlir::MLIRContext *context, llvm::ArrayRef<const Target *> targets) {
  Limits limits = targets.front()->limits;
  int64_t lanes = 1;
  for (const Target *target : targets) {
    limits = limits.least(target->limits);
    lanes = std::max<int64_t>(lanes, target->lanes);
  }
  return makeTarget(context, "cpu", lanes, limits);
}

} // namespace ccm
