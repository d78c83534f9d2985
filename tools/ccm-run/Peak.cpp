// SPDX-License-Identifier: Apache-2.0
// The calibration loop on every worker at once.
#include "tools/ccm-run/Peak.h"
#include "tools/ccm-run/Console.h"
#include "tools/support/MultiplyAdds.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ccm::run {

namespace {

constexpr int64_t kRounds = 20000;

void runTask(void *context, int64_t, int32_t) {
  runMultiplyAdds(*static_cast<unsigned *>(context), kRounds);
}

/// Each worker copies one half of its own memory into the other.
constexpr size_t kCopied = size_t(32) << 20;

void copyTask(void *context, int64_t index, int32_t) {
  auto &memory = *static_cast<std::vector<std::vector<char>> *>(context);
  char *own = memory[size_t(index)].data();
  std::memcpy(own, own + kCopied, kCopied);
}

} // namespace

double measureBandwidth(ThreadPool &pool) {
  constexpr int64_t kRepeats = 5;
  const size_t workers = size_t(pool.workers());
  std::vector<std::vector<char>> memory(workers, std::vector<char>(2 * kCopied, 1));
  double best = 0;
  for (int64_t repeat = 0; repeat < kRepeats; ++repeat) {
    const Stopwatch clock;
    pool.run(copyTask, &memory, pool.workers());
    best = std::max(best, 2.0 * double(kCopied) * double(workers) / clock.seconds());
  }
  return best / 1e9;
}

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
