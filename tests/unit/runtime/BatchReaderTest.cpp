// SPDX-License-Identifier: Apache-2.0
// Reading ahead: it changes no bit and no order, goes no further than asked, and errors stay with
// their step.
#include "AllocationCount.h"
#include "TestFiles.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace ccm::test {
namespace {

std::unique_ptr<Trainer> makeTrainer(Session &session, Source source, TrainOptions options) {
  auto trainer = Trainer::create(session, std::move(source), std::move(options));
  EXPECT_TRUE(trainer) << messageOf(trainer);
  return std::move(*trainer);
}

/// A source that remembers which items it was asked for.
struct Recorder {
  std::mutex mutex;
  std::vector<std::vector<int64_t>> asked;

  Source source(int64_t items) {
    Source all = linearSource(items);
    return {items, [this, all](std::span<const int64_t> items, Batch &batch) -> Status {
              std::lock_guard lock(mutex);
              asked.emplace_back(items.begin(), items.end());
              return all.fill(items, batch);
            }};
  }
  size_t count() {
    std::lock_guard lock(mutex);
    return asked.size();
  }
  /// Waits until so many batches were asked for; without a reader ahead, in vain.
  bool reaches(size_t count) {
    for (int wait = 0; wait < 10000 && this->count() < count; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return this->count() >= count;
  }
};

TEST(BatchReaderTest, ReadingAheadChangesNothing) {
  std::vector<std::vector<int64_t>> order;
  std::string digest;
  for (int64_t ahead : {0, 1, 2, 7}) {
    Recorder recorder;
    auto session = linearSession({.seed = 4});
    auto trainer = makeTrainer(*session, recorder.source(50),
                               {.batch = 16, .steps = 30, .seed = 3, .ahead = ahead});
    ASSERT_TRUE(trainer->run());
    if (ahead == 0) {
      order = recorder.asked;
      digest = session->parametersSha256();
    }
    EXPECT_EQ(order.size(), 30u);
    EXPECT_EQ(recorder.asked, order) << ahead;
    EXPECT_EQ(session->parametersSha256(), digest) << ahead;
  }
}

TEST(BatchReaderTest, ReadsTheNextBatchesBeforeTheyAreAskedForAndNoMore) {
  Recorder recorder;
  auto session = linearSession();
  auto trainer = makeTrainer(*session, recorder.source(50), {.batch = 4, .steps = 100, .ahead = 3});
  ASSERT_TRUE(trainer->step());
  EXPECT_TRUE(recorder.reaches(4));
  // The ring is full: the batch in use and three more.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(recorder.count(), 4u);
  ASSERT_TRUE(trainer->step());
  EXPECT_TRUE(recorder.reaches(5));
}

TEST(BatchReaderTest, ReadsNothingBehindTheEnd) {
  Recorder recorder;
  auto session = linearSession();
  auto trainer = makeTrainer(*session, recorder.source(50), {.batch = 4, .steps = 5, .ahead = 3});
  ASSERT_TRUE(trainer->run());
  trainer.reset();
  EXPECT_EQ(recorder.count(), 5u);
}

TEST(BatchReaderTest, StepsBeyondTheEndAreReadWhenAskedFor) {
  auto session = linearSession();
  auto trainer = makeTrainer(*session, linearSource(8), {.batch = 4, .steps = 1, .ahead = 2});
  for (int step = 1; step <= 5; ++step) {
    auto report = trainer->step();
    ASSERT_TRUE(report) << messageOf(report);
    EXPECT_EQ(report->progress.step, step);
  }
}

TEST(BatchReaderTest, AnErrorBelongsToItsStepAndCanBeTriedAgain) {
  auto session = linearSession();
  std::atomic<bool> broken{true};
  Source source = linearSource(40);
  source.fill = [&](std::span<const int64_t> items, Batch &batch) -> Status {
    const bool isThird = items.front() == 8;
    if (isThird && broken)
      return Error{ErrorKind::Input, "data.csv:9: too short"};
    return linearSource(40).fill(items, batch);
  };
  auto trainer = makeTrainer(*session, source, {.batch = 4, .shuffled = false, .ahead = 3});
  ASSERT_TRUE(trainer->step());
  ASSERT_TRUE(trainer->step());
  EXPECT_EQ(messageOf(trainer->step()), "data.csv:9: too short");
  EXPECT_EQ(trainer->stepsDone(), 2);
  broken = false;
  EXPECT_TRUE(trainer->run());
  EXPECT_EQ(trainer->stepsDone(), 10);
}

TEST(BatchReaderTest, WhatASourceThrowsIsAnError) {
  auto session = linearSession();
  Source source = linearSource(8);
  source.fill = [](std::span<const int64_t>, Batch &) -> Status {
    throw std::runtime_error("no such row");
  };
  for (int64_t ahead : {0, 2})
    EXPECT_EQ(messageOf(makeTrainer(*session, source, {.ahead = ahead})->step()),
              "the source failed: no such row");
}

TEST(BatchReaderTest, ResumingReadsFromWhereTheCheckpointIs) {
  const TemporaryDirectory folder;
  auto whole = linearSession({.seed = 4});
  const TrainOptions options{.batch = 16, .steps = 30, .ahead = 2};
  auto first = makeTrainer(*whole, linearSource(50), options);
  for (int step = 0; step < 13; ++step)
    ASSERT_TRUE(first->step());
  ASSERT_TRUE(first->save(folder / "c"));
  ASSERT_TRUE(first->run());
  auto other = linearSession({.seed = 9});
  auto second = makeTrainer(*other, linearSource(50), options);
  ASSERT_TRUE(second->step());
  ASSERT_TRUE(second->resume(folder / "c"));
  ASSERT_TRUE(second->run());
  EXPECT_EQ(other->parametersSha256(), whole->parametersSha256());
}

TEST(BatchReaderTest, AllocatesNothingAfterTheFirstStep) {
  auto session = linearSession();
  auto trainer = makeTrainer(*session, linearSource(20), {.batch = 8, .steps = 60, .ahead = 2});
  ASSERT_TRUE(trainer->step());
  const int64_t before = allocationCount();
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(trainer->step());
  EXPECT_EQ(allocationCount(), before);
}

TEST(BatchReaderTest, EvaluatesInOrder) {
  auto session = linearSession();
  std::vector<int64_t> seen;
  auto observe = [&](std::span<const int64_t> items, const Batch &) -> Status {
    seen.insert(seen.end(), items.begin(), items.end());
    return Done{};
  };
  auto plain = evaluate(*session, linearSource(10), 4, session->workspace());
  auto ahead = evaluate(*session, linearSource(10), 4, session->workspace(), observe, 2);
  ASSERT_TRUE(plain && ahead);
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(ahead->loss, plain->loss);
}

TEST(BatchReaderTest, RefusesWhatCannotBeHeld) {
  auto session = linearSession();
  EXPECT_FALSE(Trainer::create(*session, linearSource(8), {.ahead = -1}));
  EXPECT_FALSE(Trainer::create(*session, linearSource(8), {.ahead = 1025}));
}

} // namespace
} // namespace ccm::test
