// SPDX-License-Identifier: Apache-2.0
// Calibration loops and medians.
#include "tests/bench/kernels/Calibration.h"
#include <algorithm>
#include <chrono>
#include <immintrin.h>
#include <sys/resource.h>
#include <vector>

namespace ccm::bench {

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

static volatile float sink;

__attribute__((target("avx512f"), noinline)) static void multiplyAdd16(long rounds) {
  __m512 sums[16];
  for (int i = 0; i < 16; ++i)
    sums[i] = _mm512_set1_ps(1.0f + float(i));
  const __m512 factor = _mm512_set1_ps(0.9999f), term = _mm512_set1_ps(1e-4f);
  for (long round = 0; round < rounds; ++round)
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
      sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
  for (int i = 1; i < 16; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  sink = _mm512_reduce_add_ps(sums[0]);
}

__attribute__((target("avx2,fma"), noinline)) static void multiplyAdd8(long rounds) {
  __m256 sums[12];
  for (int i = 0; i < 12; ++i)
    sums[i] = _mm256_set1_ps(1.0f + float(i));
  const __m256 factor = _mm256_set1_ps(0.9999f), term = _mm256_set1_ps(1e-4f);
  for (long round = 0; round < rounds; ++round)
#pragma GCC unroll 12
    for (int i = 0; i < 12; ++i)
      sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
  for (int i = 1; i < 12; ++i)
    sums[0] = _mm256_add_ps(sums[0], sums[i]);
  sink = _mm256_cvtss_f32(sums[0]);
}

double fmaRate(unsigned lanes) {
  constexpr long kRounds = 8000;
  double start = now();
  if (lanes == 16)
    multiplyAdd16(kRounds);
  else
    multiplyAdd8(kRounds);
  double flops = double(kRounds) * (lanes == 16 ? 16 * 16 * 2 : 12 * 8 * 2);
  return flops / (now() - start) * 1e-9;
}

/// How often this process lost its processor.
static long interruptions() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

static double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

Timing measure(double flops, unsigned lanes, double seconds, const std::function<void()> &work) {
  work();
  double start = now();
  work();
  int inner = std::max(1, int(250e-6 / std::max(1e-8, now() - start)));
  std::vector<double> times, percents, rates;
  double begin = now();
  // On a busy machine few repetitions are undisturbed: wait for some, but not forever.
  while (now() - begin < seconds || (times.size() < 5 && now() - begin < 8 * seconds)) {
    long before = interruptions();
    double rate = fmaRate(lanes);
    work();
    double from = now();
    for (int i = 0; i < inner; ++i)
      work();
    double time = (now() - from) / inner;
    rate = (rate + fmaRate(lanes)) / 2;
    if (interruptions() != before)
      continue;
    times.push_back(time * 1e6);
    rates.push_back(rate);
    percents.push_back(flops / time * 1e-9 / rate * 100);
  }
  return {median(times), median(percents), median(rates)};
}

} // namespace ccm::bench
