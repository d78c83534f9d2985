// SPDX-License-Identifier: Apache-2.0
// Adds up notes of launches.
#include "tools/ccm-run/KernelTimes.h"

#include <algorithm>
#include <chrono>

namespace ccm::run {

using Clock = std::chrono::steady_clock;

ccm_runner KernelTimes::observing(const ccm_runner &threads) {
  inner = threads;
  return {sizeof(ccm_runner), threads.workers, threads.run ? run : nullptr, this, observe};
}

void KernelTimes::run(void *self, ccm_task task, void *context, int64_t count) {
  const ccm_runner &inner = static_cast<KernelTimes *>(self)->inner;
  inner.run(inner.self, task, context, count);
}

void KernelTimes::observe(void *self, const ccm_launch_note *note) {
  // A launch begins and ends on one thread, with no other between.
  static thread_local Clock::time_point begun;
  if (!note->ends) {
    begun = Clock::now();
    return;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  KernelTimes &times = *static_cast<KernelTimes *>(self);
  std::lock_guard lock(times.mutex);
  LaunchTime &launch = times.launches[{note->entry, note->samples, note->number, note->kernel}];
  if (launch.runs++ == 0)
    launch = {note->entry,
              note->kernel,
              note->of,
              note->samples,
              note->number,
              note->tasks,
              note->macs,
              note->moved,
              1,
              0};
  launch.seconds += seconds;
}

std::vector<LaunchTime> KernelTimes::slowest() const {
  std::vector<LaunchTime> all;
  for (const auto &[key, launch] : launches)
    all.push_back(launch);
  std::stable_sort(all.begin(), all.end(),
                   [](const LaunchTime &a, const LaunchTime &b) { return a.seconds > b.seconds; });
  return all;
}

} // namespace ccm::run
