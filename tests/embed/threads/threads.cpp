// SPDX-License-Identifier: Apache-2.0
// Eight threads compute deltas on one session while its parameters stand still; between the rounds
// one of them trains. Every delta must have the bits of the first, and ThreadSanitizer nothing to
// say. The argument is the number of steps in all.
#include "ccm/runtime.h"
#include "tests/embed/threads/PlannedModel.h"

#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

constexpr int kThreads = 8, kRounds = 10;
constexpr int64_t kBatch = 14; // blocks of four and of one

/// Ends the program: a test has nobody to return an error to.
[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "threads: %s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T must(ccm::Result<T> result) {
  if (!result)
    fail(result.error().message);
  return std::move(*result);
}

ccm::Batch filledBatch(const std::shared_ptr<const ccm::Artifact> &artifact) {
  ccm::Batch batch = must(ccm::Batch::create(artifact, kBatch,
                                             ccm::kInputs | ccm::kTargets | ccm::kOutputs |
                                                 ccm::kOutputDeltas | ccm::kInputDeltas));
  for (int64_t i = 0; i < kBatch * kPlannedIn; ++i)
    static_cast<float *>(batch.input(0))[i] = static_cast<float>(i % 7) / 4 - 1;
  for (int64_t i = 0; i < kBatch * kPlannedOut; ++i)
    static_cast<float *>(batch.target(0))[i] = static_cast<float>(i % 5) / 2 - 1;
  return batch;
}

/// Threads that share a session. Half of them bring the threads of one pool to their calls, which
/// all may want at once.
class Strain {
public:
  explicit Strain(int64_t steps)
      : perRound(steps / kThreads / kRounds), pool(must(ccm::ThreadPool::create({3}))),
        session(must(ccm::Session::create(must(ccm::Artifact::wrap(ccm_model_planned())),
                                          {.runner = pool->runner()}))) {}

  int64_t run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([this, i] { work(i); });
    for (std::thread &thread : threads)
      thread.join();
    return perRound * kThreads * kRounds;
  }

private:
  void work(int index) {
    const ccm::Session &shared = *session;
    ccm::Workspace workspace(shared.sharedArtifact(),
                             index % 2 ? pool->runner() : ccm::serialRunner());
    ccm::Batch batch = filledBatch(shared.sharedArtifact());
    ccm::Delta delta = must(shared.makeDelta());
    for (int round = 0; round < kRounds; ++round) {
      std::string first;
      for (int64_t step = 0; step < perRound; ++step)
        compute(shared, batch, delta, workspace, first);
      together.arrive_and_wait();
      if (index == 0)
        train(delta);
      together.arrive_and_wait();
    }
  }

  void compute(const ccm::Session &shared, ccm::Batch &batch, ccm::Delta &delta,
               ccm::Workspace &workspace, std::string &first) {
    ccm_batch view = batch.first(kBatch);
    must(shared.forward(view, workspace));
    must(shared.loss(view, workspace));
    must(shared.backward(view, delta, workspace));
    std::string bits(static_cast<const char *>(delta.data()), session->params().size());
    if (first.empty())
      first = bits;
    if (bits != first)
      fail("a delta differs from the first of its round");
  }

  void train(ccm::Delta &delta) {
    must(delta.scale(1.0f / 64));
    must(session->train(delta));
    ccm::Batch batch = filledBatch(session->sharedArtifact());
    must(session->step(batch.first(kBatch), ccm::makeUpdate(0.125f, 0, 1.0f)));
  }

  int64_t perRound;
  std::unique_ptr<ccm::ThreadPool> pool;
  std::unique_ptr<ccm::Session> session;
  std::barrier<> together{kThreads};
};

} // namespace

int main(int argc, char **argv) {
  int64_t steps = argc > 1 ? std::atoll(argv[1]) : 10000;
  std::printf("%lld steps on %d threads\n", static_cast<long long>(Strain(steps).run()), kThreads);
  return 0;
}
