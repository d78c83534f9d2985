// SPDX-License-Identifier: Apache-2.0
// Times of single launches, as an observer sees them.
#pragma once

#include "ccm/runtime.h"

#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace ccm::run {

/// All runs of one launch.
struct LaunchTime {
  std::string entry, kernel, of;
  int64_t samples = 0; ///< of its block
  int32_t number = 0, tasks = 1;
  uint64_t macs = 0, moved = 0; ///< of one run
  int64_t runs = 0;
  double seconds = 0; ///< of all runs

  double gflops() const { return 2e-9 * double(macs) * double(runs) / seconds; }
  double gigabytes() const { return 1e-9 * double(moved) * double(runs) / seconds; }
};

/// Collects what a runner's launches take. Launches of several threads may be told at once.
class KernelTimes {
public:
  /// A runner that does what `threads` does and reports here; both must outlive it.
  ccm_runner observing(const ccm_runner &threads);
  /// What was collected, the most seconds first.
  std::vector<LaunchTime> slowest() const;

private:
  static void run(void *self, ccm_task task, void *context, int64_t count);
  static void observe(void *self, const ccm_launch_note *note);

  ccm_runner inner = {};
  std::mutex mutex;
  std::map<std::tuple<std::string, int64_t, int32_t, std::string>, LaunchTime> launches;
};

} // namespace ccm::run
