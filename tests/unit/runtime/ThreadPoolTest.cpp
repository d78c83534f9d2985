// SPDX-License-Identifier: Apache-2.0
// The pool: every index once, no worker twice at a time, whatever the number of threads and
// callers.
#include "TestFiles.h"

#include <immintrin.h>

#include <thread>

namespace ccm::test {
namespace {

std::unique_ptr<ThreadPool> makePool(int32_t workers, int64_t spin = 20) {
  auto pool = ThreadPool::create({workers, std::chrono::microseconds(spin)});
  EXPECT_TRUE(pool) << messageOf(pool);
  return std::move(*pool);
}

/// Counts how often each index ran, and whether two tasks had one worker at the same time.
struct Record {
  explicit Record(int64_t count, int32_t workers) : ran(count), active(workers) {}
  std::vector<std::atomic<int>> ran;
  std::vector<std::atomic<int>> active;
  std::atomic<int> clashes{0};
  static void task(void *context, int64_t index, int32_t worker) {
    auto record = static_cast<Record *>(context);
    if (worker < 0 || static_cast<size_t>(worker) >= record->active.size() ||
        record->active[worker].fetch_add(1) != 0)
      ++record->clashes;
    ++record->ran[index];
    record->active[worker].fetch_sub(1);
  }
  bool isComplete() const {
    for (const std::atomic<int> &times : ran)
      if (times != 1)
        return false;
    return clashes == 0;
  }
};

TEST(ThreadPoolTest, RunsEveryIndexOnceAtAnyNumberOfWorkers) {
  for (int32_t workers : {1, 2, 3, 4, 8}) {
    auto pool = makePool(workers);
    EXPECT_EQ(pool->workers(), workers);
    for (int64_t count : {0, 1, 2, 3, 7, 64, 1000}) {
      Record record(count, workers);
      pool->run(Record::task, &record, count);
      EXPECT_TRUE(record.isComplete()) << workers << " workers, " << count << " tasks";
    }
  }
}

TEST(ThreadPoolTest, SurvivesManyShortRuns) {
  for (int64_t spin : {0, 50}) { // asleep between runs, and awake
    auto pool = makePool(2, spin);
    std::atomic<int64_t> sum{0};
    auto add = [](void *context, int64_t index, int32_t) {
      *static_cast<std::atomic<int64_t> *>(context) += index;
    };
    for (int run = 0; run < 3000; ++run)
      pool->run(add, &sum, 4);
    EXPECT_EQ(sum, 3000 * (0 + 1 + 2 + 3));
  }
}

TEST(ThreadPoolTest, ComesAndGoes) {
  for (int i = 0; i < 100; ++i) {
    auto pool = makePool(3);
    Record record(5, 3);
    if (i % 2 == 0)
      pool->run(Record::task, &record, 5);
    EXPECT_TRUE(i % 2 != 0 || record.isComplete());
  }
}

/// Lets the first tasks of a run wait for each other, so that as many threads take part in it.
struct Meeting {
  explicit Meeting(int expected) : expected(expected) {}
  const int expected;
  std::atomic<int> present{0};
  void attend() {
    ++present;
    while (present < expected)
      std::this_thread::yield();
  }
};

TEST(ThreadPoolTest, ReturnsWhenTheSlowestTaskIsDone) {
  for (int64_t spin : {0, 50}) {
    auto pool = makePool(2, spin);
    struct Slow : Meeting {
      Slow() : Meeting(2) {}
      std::atomic<int> done{0};
    } slow;
    auto task = [](void *context, int64_t, int32_t worker) {
      auto here = static_cast<Slow *>(context);
      here->attend();
      if (worker != 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++here->done;
    };
    pool->run(task, &slow, 2);
    EXPECT_EQ(slow.done, 2);
  }
}

TEST(ThreadPoolTest, SharesOutSmallTasksExactlyOnce) {
  constexpr int64_t kCount = 300'000;
  auto pool = makePool(4);
  struct Shared : Meeting {
    Shared() : Meeting(4), record(kCount, 4) {}
    Record record;
  } shared;
  auto task = [](void *context, int64_t index, int32_t worker) {
    auto here = static_cast<Shared *>(context);
    if (index < here->expected)
      here->attend();
    Record::task(&here->record, index, worker);
  };
  pool->run(task, &shared, kCount);
  EXPECT_TRUE(shared.record.isComplete());
}

TEST(ThreadPoolTest, ServesManyCallersAtOnce) {
  auto pool = makePool(3);
  std::atomic<int> incomplete{0};
  auto call = [&] {
    for (int run = 0; run < 200; ++run) {
      Record record(9, 3);
      pool->run(Record::task, &record, 9);
      incomplete += record.isComplete() ? 0 : 1;
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back(call);
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(incomplete, 0);
}

TEST(ThreadPoolTest, RunsWithinATask) {
  auto pool = makePool(2);
  struct Outer {
    ThreadPool *pool;
    std::atomic<int> done{0};
  } outer{pool.get()};
  auto task = [](void *context, int64_t, int32_t) {
    auto self = static_cast<Outer *>(context);
    Record record(6, 2);
    self->pool->run(Record::task, &record, 6);
    self->done += record.isComplete() ? 1 : 0;
  };
  pool->run(task, &outer, 4);
  EXPECT_EQ(outer.done, 4);
}

TEST(ThreadPoolTest, IsARunner) {
  auto pool = makePool(2);
  ccm_runner runner = pool->runner();
  EXPECT_EQ(runner.workers, 2);
  Record record(50, 2);
  runner.run(runner.self, Record::task, &record, 50);
  EXPECT_TRUE(record.isComplete());
}

TEST(ThreadPoolTest, RefusesImpossibleNumbers) {
  EXPECT_FALSE(ThreadPool::create({-1}));
  auto tooMany = ThreadPool::create({1'000'000});
  ASSERT_FALSE(tooMany);
  EXPECT_EQ(tooMany.error().message, "expected 0 to 4096 workers, found 1000000");
  EXPECT_GE(makePool(0)->workers(), 1);
}

} // namespace
} // namespace ccm::test
