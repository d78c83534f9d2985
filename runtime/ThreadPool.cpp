// SPDX-License-Identifier: Apache-2.0
// Fork and join over threads that spin before they sleep.
#include "ccm/runtime.h"

#include "runtime/Denormals.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

namespace ccm {

/// Runs tasks on the caller's thread alone.
static void runAlone(ccm_task task, void *context, int64_t count) {
  for (int64_t index = 0; index < count; ++index)
    task(context, index, 0);
}

/// Looks at `ready` until it holds or the time is up; returns whether it held.
template <typename Ready>
static bool spinUntil(Ready ready, std::chrono::microseconds limit) {
  if (ready())
    return true;
  if (limit.count() <= 0)
    return false;
  auto deadline = std::chrono::steady_clock::now() + limit;
  do {
    for (int look = 0; look < 32; ++look) { // reading the clock costs as much as several looks
      _mm_pause();
      if (ready())
        return true;
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

/// What the threads of a pool share.
///
/// A run is published in `ticket`: its number in the upper half, the next index to hand out in the
/// lower. A thread takes an index by a compare-and-swap of the whole, so one that wakes late cannot
/// take an index of a run other than the one whose task it has read, and nobody waits for it.
class ThreadPool::Shared {
public:
  explicit Shared(std::chrono::microseconds spin) : spin(spin) {}
  ~Shared();
  /// Starts the threads of workers 1 to workers − 1; throws std::system_error.
  void start(int32_t workers);
  int32_t workers() const { return static_cast<int32_t>(threads.size()) + 1; }
  void run(ccm_task task, void *context, int64_t count);

private:
  struct Task {
    ccm_task function;
    void *context;
    int64_t index;
  };
  // Below every index of a closed run, so that none is ever handed out.
  static constexpr uint64_t kClosed = 0xffffffff;
  static constexpr int64_t kLargestRun = int64_t(1) << 31;

  bool take(Task &task);
  void work(int32_t worker);
  void serve(int32_t worker);
  void publish(ccm_task function, void *argument, int64_t base, uint32_t size);
  void await(uint32_t size);

  alignas(64) std::atomic<uint64_t> ticket{kClosed};
  // Written only while the ticket is closed. Atomic because a late thread may read them meanwhile;
  // its swap of the ticket then fails.
  std::atomic<ccm_task> function{nullptr};
  std::atomic<void *> context{nullptr};
  std::atomic<int64_t> first{0};
  std::atomic<uint32_t> count{0};
  alignas(64) std::atomic<uint32_t> finished{0}; // tasks of the run that are done
  alignas(64) std::atomic<uint32_t> wakeups{0};  // changes when there is something to look at
  std::atomic<bool> stopping{false};
  std::atomic<bool> busy{false}; // some thread's run is under way
  std::chrono::microseconds spin;
  std::vector<std::thread> threads;
};

void ThreadPool::Shared::start(int32_t workers) {
  threads.reserve(static_cast<size_t>(workers) - 1);
  for (int32_t worker = 1; worker < workers; ++worker)
    threads.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::Shared::~Shared() {
  stopping.store(true, std::memory_order_release);
  wakeups.fetch_add(1);
  wakeups.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

/// Takes the next index of the open run; false when there is none.
bool ThreadPool::Shared::take(Task &task) {
  uint64_t seen = ticket.load(std::memory_order_acquire);
  for (;;) {
    uint32_t index = static_cast<uint32_t>(seen);
    if (index >= count.load(std::memory_order_acquire))
      return false;
    task.function = function.load(std::memory_order_acquire);
    task.context = context.load(std::memory_order_acquire);
    task.index = first.load(std::memory_order_acquire) + index;
    if (ticket.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel,
                                     std::memory_order_acquire))
      return true;
  }
}

/// Runs tasks until none is left to take.
void ThreadPool::Shared::work(int32_t worker) {
  uint32_t ran = 0;
  for (Task task; take(task); ++ran)
    task.function(task.context, task.index, worker);
  if (ran == 0)
    return;
  // Until this sum the run cannot end, so its size can still be read.
  uint32_t size = count.load(std::memory_order_relaxed);
  if (finished.fetch_add(ran) + ran == size)
    finished.notify_one();
}

/// The life of a thread.
void ThreadPool::Shared::serve(int32_t worker) {
  DenormalsAreZero mode;
  while (!stopping.load(std::memory_order_acquire)) {
    uint32_t seen = wakeups.load(std::memory_order_acquire);
    work(worker);
    auto woken = [&] { return wakeups.load(std::memory_order_acquire) != seen; };
    if (!spinUntil(woken, spin))
      wakeups.wait(seen, std::memory_order_acquire);
  }
}

/// Opens a run for the threads to see.
void ThreadPool::Shared::publish(ccm_task task, void *argument, int64_t base, uint32_t size) {
  uint64_t number = (ticket.load(std::memory_order_relaxed) >> 32) + 1;
  ticket.store(number << 32 | kClosed, std::memory_order_relaxed);
  function.store(task, std::memory_order_release);
  context.store(argument, std::memory_order_release);
  first.store(base, std::memory_order_release);
  count.store(size, std::memory_order_release);
  finished.store(0, std::memory_order_relaxed);
  ticket.store(number << 32, std::memory_order_release);
  wakeups.fetch_add(1);
  wakeups.notify_all();
}

/// Waits until every task of the run is done.
void ThreadPool::Shared::await(uint32_t size) {
  auto done = [&] { return finished.load(std::memory_order_acquire) == size; };
  if (spinUntil(done, spin))
    return;
  for (uint32_t now; (now = finished.load(std::memory_order_acquire)) != size;)
    finished.wait(now, std::memory_order_acquire);
}

void ThreadPool::Shared::run(ccm_task task, void *argument, int64_t total) {
  if (total <= 1 || threads.empty() || busy.exchange(true, std::memory_order_acquire))
    return runAlone(task, argument, total);
  for (int64_t base = 0; base < total; base += kLargestRun) {
    uint32_t size = static_cast<uint32_t>(std::min(total - base, kLargestRun));
    publish(task, argument, base, size);
    work(0);
    await(size);
  }
  busy.store(false, std::memory_order_release);
}

ThreadPool::ThreadPool(std::unique_ptr<Shared> shared) : shared(std::move(shared)) {}
ThreadPool::~ThreadPool() = default;

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(const ThreadPoolOptions &options) {
  constexpr int32_t kMost = 4096;
  if (options.workers < 0 || options.workers > kMost)
    return Error{ErrorKind::Input, "expected 0 to " + std::to_string(kMost) + " workers, found " +
                                       std::to_string(options.workers)};
  int32_t processors = std::clamp<int32_t>(std::thread::hardware_concurrency(), 1, kMost);
  int32_t workers = options.workers == 0 ? processors : options.workers;
  bool crowded = workers > processors;
  auto spin = crowded ? std::chrono::microseconds(0) : options.spin;
  try {
    auto shared = std::make_unique<Shared>(spin);
    shared->start(workers);
    return std::unique_ptr<ThreadPool>(new ThreadPool(std::move(shared)));
  } catch (const std::system_error &) {
    return Error{ErrorKind::File,
                 "cannot start " + std::to_string(workers) + " threads: the system has no more"};
  }
}

int32_t ThreadPool::workers() const { return shared->workers(); }

void ThreadPool::run(ccm_task task, void *context, int64_t count) noexcept {
  DenormalsAreZero mode;
  shared->run(task, context, count);
}

ccm_runner ThreadPool::runner() {
  auto run = [](void *self, ccm_task task, void *context, int64_t count) {
    static_cast<ThreadPool *>(self)->run(task, context, count);
  };
  return {sizeof(ccm_runner), workers(), run, this, nullptr};
}

ccm_runner serialRunner() { return {sizeof(ccm_runner), 1, nullptr, nullptr, nullptr}; }

} // namespace ccm
