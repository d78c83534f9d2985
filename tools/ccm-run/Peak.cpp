// SPDX-License-Identifier: Apache-2.0
// The calibration loop on every worker at once.
#include "tools/ccm-run/Peak.h"
#include "tools/ccm-run/Console.h"
#include "tools/support/MultiplyAdds.h"

namespace ccm::run {

namespace {

constexpr int64_t kRounds = 20000;

void runTask(void *context, int64_t, int32_t) {
  runMultiplyAdds(*static_cast<unsigned *>(context), kRounds);
}

} // namespace

double measurePeak(ThreadPool &pool) {
  constexpr int64_t kCallsPerWorker = 16, kRepeats = 5;
  unsigned lanes = widestLanes();
  if (lanes == 0)
    return 0;
  const int64_t calls = kCallsPerWorker * pool.workers();
  const double operations = runMultiplyAdds(lanes, kRounds) * double(calls);
  double best = 0;
  for (int64_t repeat = 0; repeat < kRepeats; ++repeat) {
    const Stopwatch clock;
    pool.run(runTask, &lanes, calls);
    best = std::max(best, operations / clock.seconds());
  }
  return best / 1e9;
}

} // namespace ccm::run
