// SPDX-License-Identifier: Apache-2.0
// Medians beside the calibration loop.
#include "tests/bench/kernels/Calibration.h"
#include "tools/support/MultiplyAdds.h"
#include <algorithm>
#include <chrono>
#include <sys/resource.h>
#include <vector>

namespace ccm::bench {

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

/// GFLOP/s of a run of about 60 microseconds.
static double fmaRate(unsigned lanes) {
  constexpr int64_t kRounds = 10000;
  double start = now();
  double operations = runMultiplyAdds(lanes, kRounds);
  return operations / (now() - start) * 1e-9;
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
