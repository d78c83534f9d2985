// SPDX-License-Identifier: Apache-2.0
// Several models, sessions and threads in one process: what each of them computes has the bits of
// what it computes alone.
#include "tests/embed/Models.h"
#include "tests/support/Guarded.h"

#include <thread>

namespace ccm::test {
namespace {

constexpr int64_t kBatch = 19, kSteps = 12;

/// What a session has become and what it gives.
struct Trained {
  std::string parameters, outputs;
  bool operator==(const Trained &) const = default;
};

/// A session's whole life: training, with an inference after every step.
Trained live(const ccm_model *model, uint64_t seed, const ccm_runner &runner) {
  auto artifact = artifactOf(model);
  auto session = must(Session::create(artifact, {.seed = seed, .runner = runner}));
  Batch batch = filledBatch(artifact, kBatch, seed);
  std::string outputs;
  for (int64_t step = 0; step < kSteps; ++step) {
    int64_t count = kBatch - step; // all ways to cut a batch into blocks and shards
    must(session->step(batch.first(count), makeUpdate(model->learning_rate, step)));
    must(session->infer(batch.first(count), session->workspace()));
    outputs += outputBits(batch, count);
  }
  return {session->parametersSha256(), outputs};
}

TEST(ManyTest, SessionsAtOnceAreAsAlone) {
  const ccm_model *models[] = {linkedModels()[0], linkedModels()[3]};
  std::vector<Trained> alone(6), together(6);
  for (size_t i = 0; i < 6; ++i)
    alone[i] = live(models[i % 2], i / 2, serialRunner());
  EXPECT_NE(alone[0].parameters, alone[2].parameters) << "seeds differ";
  auto pool = must(ThreadPool::create({3})); // one for all, so that they also want it at once
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      together[i] = live(models[i % 2], i / 2, i < 4 ? pool->runner() : serialRunner());
    });
  for (std::thread &thread : threads)
    thread.join();
  for (size_t i = 0; i < 6; ++i)
    EXPECT_TRUE(alone[i] == together[i]) << "session " << i;
}

TEST(ManyTest, ThreadsInferOnOneSessionAtOnce) {
  for (const ccm_model *model : linkedModels()) {
    auto artifact = artifactOf(model);
    auto session = must(Session::create(artifact, {.seed = 2}));
    const Session &shared = *session;
    Batch alone = filledBatch(artifact, kBatch, 3);
    must(shared.infer(alone.first(kBatch), session->workspace()));
    std::string expected = outputBits(alone, kBatch);
    std::vector<std::thread> threads;
    std::atomic<int> same{0};
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&] {
        Workspace workspace(artifact);
        Batch batch = filledBatch(artifact, kBatch, 3);
        must(shared.infer(batch.first(kBatch), workspace));
        same += outputBits(batch, kBatch) == expected;
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(same, 6) << model->name;
  }
}

TEST(ManyTest, OrderAndNumberOfThreadsChangeNoBit) {
  for (const ccm_model *model : linkedModels()) {
    Trained alone = live(model, 9, serialRunner());
    for (int32_t workers : {1, 2, 5}) {
      Threads lastFirst(workers);
      EXPECT_TRUE(live(model, 9, *lastFirst.runner()) == alone) << model->name << " " << workers;
    }
  }
}

} // namespace
} // namespace ccm::test
