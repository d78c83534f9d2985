// SPDX-License-Identifier: Apache-2.0
// Sessions: the calls of entries, their deltas, and many threads on one of them.
#include "TestFiles.h"

#include <immintrin.h>

#include <thread>

namespace ccm::test {
namespace {

constexpr unsigned kAllParts = kInputs | kTargets | kOutputs | kOutputDeltas | kInputDeltas;

Batch filledBatch(int64_t count) {
  auto batch = Batch::create(linearArtifact(), count, kAllParts);
  EXPECT_TRUE(batch) << messageOf(batch);
  std::vector<int64_t> items;
  for (int64_t i = 0; i < count; ++i)
    items.push_back(i);
  EXPECT_TRUE(linearSource(count).fill(items, *batch));
  return std::move(*batch);
}

std::vector<float> deltaOf(const Delta &delta, int32_t parameter) {
  const ccm_parameter &described = ccm_model_linear()->parameters[parameter];
  std::vector<float> canonical(static_cast<size_t>(elementCount(described)));
  unpackParameter(described, delta.data(), canonical);
  return canonical;
}

/// Loss of a batch, summed over its samples.
double lossOf(Session &session, Batch &batch) {
  ccm_batch view = batch.first(batch.capacity());
  EXPECT_TRUE(session.infer(view, session.workspace()));
  auto loss = session.loss(view, session.workspace());
  EXPECT_TRUE(loss) << messageOf(loss);
  return *loss * static_cast<double>(batch.capacity());
}

/// forward, loss, backward.
Delta backwardOf(Session &session, Batch &batch) {
  ccm_batch view = batch.first(batch.capacity());
  auto delta = session.makeDelta();
  EXPECT_TRUE(session.forward(view, session.workspace()));
  EXPECT_TRUE(session.loss(view, session.workspace()));
  EXPECT_TRUE(session.backward(view, *delta, session.workspace()));
  return std::move(*delta);
}

TEST(SessionTest, HoldsAlignedBuffers) {
  auto session = linearSession();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(session->params().data()) % CCM_ALIGNMENT, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(session->state().data()) % CCM_ALIGNMENT, 0u);
  EXPECT_EQ(session->params().size(), 192u);
}

TEST(SessionTest, DeltaIsTheNegativeDerivative) {
  auto session = linearSession({.seed = 5});
  Batch batch = filledBatch(6);
  Delta delta = backwardOf(*session, batch);
  constexpr float kStep = 1.0f / 64; // exact: the loss is quadratic
  for (int32_t p = 0; p < 2; ++p) {
    std::vector<float> deltas = deltaOf(delta, p), values(deltas.size());
    ASSERT_TRUE(session->readParameter(p, values));
    for (size_t i = 0; i < values.size(); ++i) {
      float value = values[i];
      values[i] = value + kStep;
      ASSERT_TRUE(session->writeParameter(p, values));
      double above = lossOf(*session, batch);
      values[i] = value - kStep;
      ASSERT_TRUE(session->writeParameter(p, values));
      double below = lossOf(*session, batch);
      values[i] = value;
      ASSERT_TRUE(session->writeParameter(p, values));
      EXPECT_NEAR(deltas[i], -(above - below) / (2 * kStep), 1e-4);
    }
  }
}

TEST(SessionTest, DeltasAddScaleAndTrain) {
  auto session = linearSession();
  Batch batch = filledBatch(4);
  Delta delta = backwardOf(*session, batch);
  auto sum = session->makeDelta();
  ASSERT_TRUE(sum);
  ASSERT_TRUE(sum->add(delta));
  ASSERT_TRUE(sum->add(delta));
  ASSERT_TRUE(sum->scale(0.5f));
  EXPECT_EQ(deltaOf(*sum, 0), deltaOf(delta, 0));
  std::vector<float> before(kOut), after(kOut), change = deltaOf(delta, 1);
  ASSERT_TRUE(session->readParameter(1, before));
  ASSERT_TRUE(session->train(delta));
  ASSERT_TRUE(session->readParameter(1, after));
  for (int o = 0; o < kOut; ++o)
    EXPECT_EQ(after[o], before[o] + change[o]);
  ASSERT_TRUE(sum->zero());
  EXPECT_EQ(deltaOf(*sum, 1), std::vector<float>(kOut));
}

TEST(SessionTest, HalvesOfBackwardAreItsParts) {
  auto session = linearSession();
  Batch whole = filledBatch(5), halves = filledBatch(5);
  Delta delta = backwardOf(*session, whole);
  ccm_batch view = halves.first(5);
  auto trained = session->makeDelta();
  ASSERT_TRUE(session->forward(view, session->workspace()));
  ASSERT_TRUE(session->loss(view, session->workspace()));
  ASSERT_TRUE(session->backwardInput(view, session->workspace()));
  ASSERT_TRUE(session->backwardTrain(view, *trained, session->workspace()));
  EXPECT_EQ(deltaOf(*trained, 0), deltaOf(delta, 0));
  EXPECT_EQ(std::vector<float>(halves.inputDelta(0), halves.inputDelta(0) + 15),
            std::vector<float>(whole.inputDelta(0), whole.inputDelta(0) + 15));
}

TEST(SessionTest, BackwardNeedsForwardOfItsBatch) {
  auto session = linearSession();
  Batch batch = filledBatch(4);
  auto delta = session->makeDelta();
  EXPECT_FALSE(session->backward(batch.first(4), *delta, session->workspace()));
  ASSERT_TRUE(session->forward(batch.first(2), session->workspace()));
  EXPECT_EQ(messageOf(session->backward(batch.first(4), *delta, session->workspace())),
            "backward needs the internals of its batch of 4; the last forward in this workspace "
            "left those of 2");
  EXPECT_TRUE(session->backward(batch.first(2), *delta, session->workspace()));
}

TEST(SessionTest, ManyThreadsComputeDeltasOfOneSession) {
  auto session = linearSession();
  Batch reference = filledBatch(8);
  std::vector<float> expected = deltaOf(backwardOf(*session, reference), 0);
  const Session &shared = *session;
  std::atomic<int> wrong{0};
  auto compute = [&] {
    Workspace workspace(shared.sharedArtifact());
    Batch batch = filledBatch(8);
    auto delta = shared.makeDelta();
    for (int i = 0; i < 200; ++i) {
      bool done = shared.forward(batch.first(8), workspace) &&
                  shared.loss(batch.first(8), workspace) &&
                  shared.backward(batch.first(8), *delta, workspace);
      wrong += done && deltaOf(*delta, 0) == expected ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back(compute);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

/// A host's own runner: a fresh thread per task, in the processor's usual mode.
void runOnFreshThreads(void *, ccm_task task, void *context, int64_t count) {
  auto run = [=](int64_t index) {
    _mm_setcsr(_MM_MASK_MASK); // a thread starts in the mode of the one that made it
    task(context, index, static_cast<int32_t>(index % 2));
  };
  for (int64_t index = 0; index < count; ++index)
    std::thread(run, index).join();
}

TEST(SessionTest, TreatsDenormalsAsZeroOnAnyRunner) {
  auto pool = ThreadPool::create({2});
  ASSERT_TRUE(pool);
  // Control bits alone: any arithmetic may raise the sticky exception flags.
  auto control = [] { return _mm_getcsr() & ~unsigned(_MM_EXCEPT_MASK); };
  unsigned before = control();
  for (ccm_runner runner :
       {serialRunner(), (*pool)->runner(),
        ccm_runner{sizeof(ccm_runner), 2, runOnFreshThreads, nullptr, nullptr}}) {
    auto session = linearSession({.runner = runner});
    std::vector<float> weight(kOut * kIn, 1e20f);
    ASSERT_TRUE(session->writeParameter(0, weight));
    Batch batch = filledBatch(4);
    std::fill_n(static_cast<float *>(batch.input(0)), 4 * kIn, 1e-40f);
    ASSERT_TRUE(session->infer(batch.first(4), session->workspace()));
    EXPECT_EQ(std::vector<float>(batch.output(0), batch.output(0) + 4 * kOut),
              std::vector<float>(4 * kOut));
    EXPECT_EQ(control(), before);
  }
}

TEST(SessionTest, ReportsALossThatIsNotFinite) {
  auto session = linearSession();
  Batch batch = filledBatch(4);
  std::string digest = session->parametersSha256();
  static_cast<float *>(batch.input(0))[2] = std::numeric_limits<float>::quiet_NaN();
  auto loss = session->step(batch.first(4), {0.1f, 0, 0});
  ASSERT_FALSE(loss);
  EXPECT_EQ(loss.error().kind, ErrorKind::Loss);
  EXPECT_EQ(session->parametersSha256(), digest);
  auto empty = session->step(batch.first(0), {0.1f, 0, 0});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::Input);
}

TEST(SessionTest, ChecksParameterAccess) {
  auto session = linearSession();
  std::vector<float> five(5), four(4);
  EXPECT_TRUE(session->readParameter(1, five));
  EXPECT_EQ(messageOf(session->readParameter(1, four)), "parameter 'bias' has 5 elements, found 4");
  EXPECT_FALSE(session->readParameter(2, five));
  EXPECT_FALSE(session->writeParameter(-1, five));
}

TEST(SessionTest, DigestCoversCanonicalBytesAlone) {
  auto session = linearSession({.seed = 1});
  EXPECT_EQ(session->parametersSha256(), linearSession({.seed = 1})->parametersSha256());
  EXPECT_NE(session->parametersSha256(), linearSession({.seed = 2})->parametersSha256());
  std::vector<float> bias(5);
  ASSERT_TRUE(session->readParameter(1, bias));
  std::string digest = session->parametersSha256();
  bias[4] = 0.5f;
  ASSERT_TRUE(session->writeParameter(1, bias));
  EXPECT_NE(session->parametersSha256(), digest);
}

/// Counts what a host's allocator gives and takes back.
struct Counter {
  int64_t given = 0, returned = 0;
  bool refusing = false;
  Allocator allocator() {
    auto allocate = [](void *self, uint64_t bytes) -> void * {
      auto counter = static_cast<Counter *>(self);
      counter->given += counter->refusing ? 0 : static_cast<int64_t>(bytes);
      return counter->refusing ? nullptr : heapAllocator().allocate(nullptr, bytes);
    };
    auto release = [](void *self, void *memory, uint64_t bytes) {
      static_cast<Counter *>(self)->returned += static_cast<int64_t>(bytes);
      heapAllocator().release(nullptr, memory, bytes);
    };
    return {allocate, release, this};
  }
};

TEST(SessionTest, TakesItsBuffersFromTheHost) {
  Counter counter;
  {
    auto session = linearSession({.allocator = counter.allocator()});
    EXPECT_EQ(counter.given, 192 * 2);
    Batch batch = filledBatch(4);
    EXPECT_TRUE(session->forward(batch.first(4), session->workspace()));
    EXPECT_GT(counter.given, 192 * 2);
  }
  EXPECT_EQ(counter.given, counter.returned);
  counter.refusing = true;
  auto refused = Session::create(linearArtifact(), {.allocator = counter.allocator()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "cannot allocate 192 bytes");
}

TEST(BatchTest, HoldsTheWantedArrays) {
  auto batch = Batch::create(linearArtifact(), 3, kInputs | kOutputs);
  ASSERT_TRUE(batch);
  EXPECT_NE(batch->input(0), nullptr);
  EXPECT_NE(batch->output(0), nullptr);
  EXPECT_EQ(batch->target(0), nullptr);
  EXPECT_EQ(batch->inputDelta(0), nullptr);
  EXPECT_FALSE(Batch::create(linearArtifact(), 0, kInputs));
  EXPECT_FALSE(Batch::create(linearArtifact(), INT64_MAX, kInputs)) << "overflow is no small array";
}

} // namespace
} // namespace ccm::test
