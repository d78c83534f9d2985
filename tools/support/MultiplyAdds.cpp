// SPDX-License-Identifier: Apache-2.0
// Loops of independent fused multiply-adds that touch no memory.
#include "tools/support/MultiplyAdds.h"

#include <immintrin.h>

namespace ccm {

namespace {

/// Chains that do not wait for each other: more than latency times throughput of any processor,
/// and few enough for sixteen registers. The loops over them are unrolled: an array that is indexed
/// would not stay in registers. They start apart: equal chains would be computed once.
constexpr int kChains = 12;

volatile float sink; // so that nothing is left out

__attribute__((target("avx512f"))) void run16(int64_t rounds) {
  const __m512 scale = _mm512_set1_ps(0.999f), shift = _mm512_set1_ps(0.001f);
  __m512 chains[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i)
    chains[i] = _mm512_set1_ps(float(i));
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i)
      chains[i] = _mm512_fmadd_ps(chains[i], scale, shift);
  }
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i)
    chains[0] = _mm512_add_ps(chains[0], chains[i]);
  sink = _mm512_cvtss_f32(chains[0]);
}

__attribute__((target("avx2,fma"))) void run8(int64_t rounds) {
  const __m256 scale = _mm256_set1_ps(0.999f), shift = _mm256_set1_ps(0.001f);
  __m256 chains[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i)
    chains[i] = _mm256_set1_ps(float(i));
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i)
      chains[i] = _mm256_fmadd_ps(chains[i], scale, shift);
  }
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i)
    chains[0] = _mm256_add_ps(chains[0], chains[i]);
  sink = _mm256_cvtss_f32(chains[0]);
}

} // namespace

unsigned widestLanes() {
  if (__builtin_cpu_supports("avx512f"))
    return 16;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 8 : 0;
}

double runMultiplyAdds(unsigned lanes, int64_t rounds) {
  (lanes == 16 ? run16 : run8)(rounds);
  return 2.0 * lanes * kChains * double(rounds);
}

} // namespace ccm
