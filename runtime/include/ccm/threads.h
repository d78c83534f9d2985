// SPDX-License-Identifier: Apache-2.0
// Whose threads run a model's tasks.
#pragma once

#include "ccm/abi.h"
#include "ccm/result.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace ccm {

struct ThreadPoolOptions {
  /// Threads that work at once, the caller's included; 0: one per processor of this process.
  int32_t workers = 0;
  /// How long an idle thread looks for work before it sleeps. Without effect where there are more
  /// workers than processors: spinning would then keep the working ones from running.
  std::chrono::microseconds spin{75};
};

/// Runs tasks on its threads and on the caller's. When two threads call `run` at once, or a task
/// calls it, one of them uses the pool and the other runs its tasks alone.
class ThreadPool {
public:
  /// Fails, with kind File, when the system has no more threads.
  static Result<std::unique_ptr<ThreadPool>> create(const ThreadPoolOptions &options = {});
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  /// Waits for the threads to end; no `run` may be under way.
  ~ThreadPool();
  int32_t workers() const;
  /// Runs task(context, index, worker) once for every index in [0, count); returns when all are
  /// done. Tasks are handed out one by one, in order. Allocates nothing.
  void run(ccm_task task, void *context, int64_t count) noexcept;
  /// This pool as the entries of a model take it; valid as long as the pool.
  ccm_runner runner();

private:
  class Shared;
  explicit ThreadPool(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared;
};

/// Runs every task on the caller's thread.
ccm_runner serialRunner();

} // namespace ccm
