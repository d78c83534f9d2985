// SPDX-License-Identifier: Apache-2.0
// Loops of independent fused multiply-adds that touch no memory.
#include "tools/ccm-run/Peak.h"
#include "tools/ccm-run/Console.h"

#include <immintrin.h>

namespace ccm::run {

namespace {

/// Chains that do not wait for each other: more than latency times throughput of any processor,
/// and few enough for sixteen registers.
constexpr int kChains = 12;
/// The loops over chains are unrolled: an array that is indexed would not stay in registers. They
/// start apart: equal chains would be computed once.
constexpr int64_t kRounds = 20000;

__attribute__((target("avx512f"))) float runAvx512() {
  const __m512 scale = _mm512_set1_ps(0.999f), shift = _mm512_set1_ps(0.001f);
  __m512 chains[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i)
    chains[i] = _mm512_set1_ps(float(i));
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i)
      chains[i] = _mm512_fmadd_ps(chains[i], scale, shift);
  }
  __m512 sum = chains[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i)
    sum = _mm512_add_ps(sum, chains[i]);
  return _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) float runAvx2() {
  const __m256 scale = _mm256_set1_ps(0.999f), shift = _mm256_set1_ps(0.001f);
  __m256 chains[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i)
    chains[i] = _mm256_set1_ps(float(i));
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i)
      chains[i] = _mm256_fmadd_ps(chains[i], scale, shift);
  }
  __m256 sum = chains[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i)
    sum = _mm256_add_ps(sum, chains[i]);
  return _mm256_cvtss_f32(sum);
}

/// The widest loop of this processor, and the operations of one call.
struct Loop {
  float (*run)() = nullptr;
  double operations = 0;
};

Loop widestLoop() {
  if (__builtin_cpu_supports("avx512f"))
    return {runAvx512, 2.0 * 16 * kChains * kRounds};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {runAvx2, 2.0 * 8 * kChains * kRounds};
  return {};
}

void runTask(void *context, int64_t, int32_t) {
  volatile float kept = static_cast<Loop *>(context)->run();
  static_cast<void>(kept);
}

} // namespace

double measurePeak(ThreadPool &pool) {
  constexpr int64_t kCallsPerWorker = 16, kRepeats = 5;
  Loop loop = widestLoop();
  if (!loop.run)
    return 0;
  const int64_t calls = kCallsPerWorker * pool.workers();
  double best = 0;
  for (int64_t repeat = 0; repeat < kRepeats; ++repeat) {
    const Stopwatch clock;
    pool.run(runTask, &loop, calls);
    best = std::max(best, loop.operations * double(calls) / clock.seconds());
  }
  return best / 1e9;
}

} // namespace ccm::run
