// SPDX-License-Identifier: Apache-2.0
// Training: it learns, threads and interruptions change no bit, and a step allocates nothing.
#include "AllocationCount.h"
#include "TestFiles.h"

#include <algorithm>
#include <limits>
#include <map>

namespace ccm::test {
namespace {

std::unique_ptr<Trainer> makeTrainer(Session &session, Source source, TrainOptions options) {
  auto trainer = Trainer::create(session, std::move(source), std::move(options));
  EXPECT_TRUE(trainer) << messageOf(trainer);
  return std::move(*trainer);
}

TEST(TrainerTest, Learns) {
  auto session = linearSession();
  std::vector<double> losses;
  TrainOptions options{.batch = 8, .epochs = 60};
  options.onStep = [&](const StepReport &report) -> Status {
    losses.push_back(report.loss);
    return Done{};
  };
  auto outcome = makeTrainer(*session, linearSource(30), options)->run();
  ASSERT_TRUE(outcome) << messageOf(outcome);
  EXPECT_EQ(*outcome, Trainer::Outcome::Finished);
  EXPECT_EQ(losses.size(), 60u * 4);
  EXPECT_LT(losses.back(), losses.front() / 100);
}

TEST(TrainerTest, VisitsEachItemOncePerEpoch) {
  auto session = linearSession();
  std::map<int64_t, int> visits;
  std::vector<size_t> sizes;
  Source source = linearSource(10);
  source.fill = [&](std::span<const int64_t> items, Batch &batch) -> Status {
    sizes.push_back(items.size());
    for (int64_t item : items)
      ++visits[item];
    return linearSource(10).fill(items, batch);
  };
  ASSERT_TRUE(makeTrainer(*session, source, {.batch = 4, .epochs = 3})->run());
  EXPECT_EQ(sizes, (std::vector<size_t>{4, 4, 2, 4, 4, 2, 4, 4, 2}));
  ASSERT_EQ(visits.size(), 10u);
  for (auto [item, times] : visits)
    EXPECT_EQ(times, 3) << item;
}

TEST(TrainerTest, ReportsProgress) {
  auto session = linearSession();
  auto trainer = makeTrainer(*session, linearSource(10), {.batch = 4, .epochs = 2, .seed = 9});
  EXPECT_EQ(trainer->totalSteps(), 6);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(trainer->step());
  auto report = trainer->step();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress.step, 4);
  EXPECT_EQ(report->progress.epoch, 1);
  EXPECT_EQ(report->progress.position, 4);
  EXPECT_EQ(report->progress.seed, 9u);
  EXPECT_EQ(report->learningRate, 0.125f) << "the artifact's, since none was asked for";
}

TEST(TrainerTest, KnowsTheBestValidation) {
  auto session = linearSession();
  auto trainer = makeTrainer(*session, linearSource(10), {.batch = 4});
  EXPECT_EQ(trainer->progress().best.step, -1);
  EXPECT_FALSE(trainer->validated(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_TRUE(trainer->validated(-1.5, 7));
  ASSERT_TRUE(trainer->step());
  EXPECT_FALSE(trainer->validated(-1.5, 7)) << "as good is not better";
  EXPECT_FALSE(trainer->validated(std::numeric_limits<double>::infinity(), 8));
  EXPECT_EQ(trainer->progress().best.step, 0);
  EXPECT_TRUE(trainer->validated(2, 8)) << "other data, to which the loss before says nothing";
  EXPECT_EQ(trainer->progress().best.step, 1);
  EXPECT_EQ(trainer->progress().best.loss, 2);
}

/// Updates the linear model and leaves a parameter that is no number, without saying so.
int32_t stepToNowhere(void *params, void *, const ccm_batch *, const ccm_update *, double *loss,
                      const ccm_buffers *, const ccm_runner *, ccm_error *) {
  static_cast<float *>(params)[0] = std::numeric_limits<float>::quiet_NaN();
  *loss = 1;
  return CCM_OK;
}

TEST(TrainerTest, AnEpochEndsWithFiniteParameters) {
  ccm_model model = *ccm_model_linear();
  model.step = stepToNowhere;
  auto session = Session::create(*Artifact::wrap(&model));
  ASSERT_TRUE(session);
  auto trainer = makeTrainer(**session, linearSource(10), {.batch = 4, .epochs = 3});
  auto outcome = trainer->run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Loss);
  EXPECT_EQ(outcome.error().message,
            "step 3: parameter 'weight' is not finite at the end of epoch 1");
}

std::string digestAfter(int32_t workers, int64_t steps) {
  auto pool = ThreadPool::create({workers});
  EXPECT_TRUE(pool);
  auto session = linearSession({.seed = 4, .runner = (*pool)->runner()});
  EXPECT_TRUE(makeTrainer(*session, linearSource(50), {.batch = 16, .steps = steps})->run());
  return session->parametersSha256();
}

TEST(TrainerTest, ThreadsChangeNoBit) {
  auto session = linearSession({.seed = 4});
  ASSERT_TRUE(makeTrainer(*session, linearSource(50), {.batch = 16, .steps = 200})->run());
  for (int32_t workers : {1, 2, 3, 4, 8})
    EXPECT_EQ(digestAfter(workers, 200), session->parametersSha256()) << workers;
}

TEST(TrainerTest, AllocatesNothingAfterTheFirstStep) {
  auto pool = ThreadPool::create({2});
  ASSERT_TRUE(pool);
  static std::atomic<int64_t> buffers{0};
  Allocator counting = heapAllocator();
  counting.allocate = [](void *self, uint64_t bytes) {
    ++buffers;
    return heapAllocator().allocate(self, bytes);
  };
  auto session = linearSession({.runner = (*pool)->runner(), .allocator = counting});
  auto trainer = makeTrainer(*session, linearSource(20), {.batch = 8});
  ASSERT_TRUE(trainer->step());
  int64_t before = allocationCount() + buffers;
  for (int i = 0; i < 50; ++i) // whole epochs, the last batch of each smaller
    ASSERT_TRUE(trainer->step());
  EXPECT_EQ(allocationCount() + buffers, before);
}

TEST(TrainerTest, StopsAfterTheStepUnderWay) {
  auto session = linearSession();
  std::atomic<bool> stop{false};
  TrainOptions options{.batch = 8, .steps = 100, .stop = &stop};
  options.onStep = [&](const StepReport &report) -> Status {
    stop = report.progress.step == 7;
    return Done{};
  };
  auto trainer = makeTrainer(*session, linearSource(20), options);
  auto outcome = trainer->run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Trainer::Outcome::Stopped);
  EXPECT_EQ(trainer->stepsDone(), 7);
}

TEST(TrainerTest, StopsAtALossThatIsNotFinite) {
  auto session = linearSession();
  Source source = linearSource(20);
  int calls = 0;
  source.fill = [&](std::span<const int64_t> items, Batch &batch) -> Status {
    Status filled = linearSource(20).fill(items, batch);
    if (++calls == 3)
      static_cast<float *>(batch.target(0))[0] = std::numeric_limits<float>::infinity();
    return filled;
  };
  auto outcome = makeTrainer(*session, source, {.batch = 8, .steps = 100})->run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Loss);
  EXPECT_EQ(
      outcome.error().message,
      "step 3: loss is not finite, first in target 'y', sample 0; the parameters are as before "
      "the step");
}

TEST(TrainerTest, PassesOnTheErrorsOfTheHost) {
  auto session = linearSession();
  Source source = linearSource(20);
  source.fill = [](std::span<const int64_t>, Batch &) -> Status {
    return Error{ErrorKind::Input, "data.csv:3: too short"};
  };
  EXPECT_EQ(messageOf(makeTrainer(*session, source, {.batch = 8})->run()), "data.csv:3: too short");
  TrainOptions options{.batch = 8};
  options.onStep = [](const StepReport &) -> Status { return Error{ErrorKind::File, "disk full"}; };
  EXPECT_EQ(messageOf(makeTrainer(*session, linearSource(20), options)->run()), "disk full");
}

TEST(TrainerTest, RefusesWrongOptions) {
  auto session = linearSession();
  auto refuses = [&](Source source, TrainOptions options) {
    return !Trainer::create(*session, std::move(source), std::move(options));
  };
  EXPECT_TRUE(refuses(linearSource(0), {}));
  EXPECT_TRUE(refuses({5, nullptr}, {}));
  EXPECT_TRUE(refuses(linearSource(5), {.batch = 0}));
  EXPECT_TRUE(refuses(linearSource(5), {.epochs = -1}));
  EXPECT_TRUE(refuses(linearSource(5), {.batch = 1, .epochs = INT64_MAX}));
  EXPECT_TRUE(refuses(linearSource(5), {.clip = -1}));
}

TEST(EvaluateTest, WeighsBatchesByTheirSamples) {
  auto session = linearSession();
  std::vector<int64_t> seen;
  auto observe = [&](std::span<const int64_t> items, const Batch &batch) -> Status {
    EXPECT_NE(batch.output(0), nullptr);
    seen.insert(seen.end(), items.begin(), items.end());
    return Done{};
  };
  auto pieces = evaluate(*session, linearSource(10), 4, session->workspace(), observe);
  auto whole = evaluate(*session, linearSource(10), 100, session->workspace());
  ASSERT_TRUE(pieces && whole);
  EXPECT_NEAR(pieces->loss, whole->loss, 1e-12);
  EXPECT_NEAR(pieces->losses[0], whole->loss, 1e-12);
  EXPECT_EQ(pieces->items, 10);
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_FALSE(evaluate(*session, linearSource(10), 0, session->workspace()));
}

} // namespace
} // namespace ccm::test
