// SPDX-License-Identifier: Apache-2.0
// The host's own allocator and log under a compiled model.
#include "runtime/io/Io.h"
#include "tests/embed/Models.h"
#include "tests/support/TemporaryDirectory.h"

namespace ccm::test {
namespace {

/// An allocator of a host: counts, checks what it gets back, and has nothing left from the n-th
/// request on.
class CountingHost {
public:
  explicit CountingHost(int64_t allowed) : allowed(allowed) {}
  ~CountingHost() { EXPECT_EQ(outstanding, 0); }
  Allocator allocator() { return {allocate, release, this}; }
  int64_t requests = 0;

private:
  static void *allocate(void *self, uint64_t bytes) {
    auto host = static_cast<CountingHost *>(self);
    if (host->requests++ >= host->allowed)
      return nullptr;
    host->outstanding += static_cast<int64_t>(bytes);
    return heapAllocator().allocate(nullptr, bytes);
  }
  static void release(void *self, void *memory, uint64_t bytes) {
    static_cast<CountingHost *>(self)->outstanding -= static_cast<int64_t>(bytes);
    heapAllocator().release(nullptr, memory, bytes);
  }
  int64_t allowed, outstanding = 0;
};

/// A session's life as far as the host's memory reaches.
Status live(const ccm_model *model, const Allocator &allocator) {
  auto artifact = artifactOf(model);
  Result<std::unique_ptr<Session>> session =
      Session::create(artifact, {.seed = 1, .allocator = allocator});
  if (!session)
    return session.error();
  Batch batch = filledBatch(artifact, 5, 1);
  Result<Delta> delta = (*session)->makeDelta();
  if (!delta)
    return delta.error();
  Workspace workspace(artifact, serialRunner(), allocator);
  if (Status done = (*session)->forward(batch.first(5), workspace); !done)
    return done;
  for (int64_t step = 0; step < 3; ++step) {
    Result<double> loss = (*session)->step(batch.first(5), makeUpdate(model->learning_rate, step));
    if (!loss)
      return loss.error();
  }
  return Done{};
}

TEST(HostTest, EveryRequestForMemoryMayFail) {
  for (const ccm_model *model : linkedModels()) {
    CountingHost plenty(INT64_MAX);
    ASSERT_TRUE(live(model, plenty.allocator()));
    EXPECT_GE(plenty.requests, 5) << "parameters, state, delta, workspaces";
    for (int64_t allowed = 0; allowed < plenty.requests; ++allowed) {
      CountingHost host(allowed);
      Status refused = live(model, host.allocator());
      ASSERT_FALSE(refused) << model->name << " with " << allowed << " requests";
      EXPECT_EQ(refused.error().kind, ErrorKind::File);
      EXPECT_TRUE(refused.error().message.starts_with("cannot allocate "));
    }
  }
}

TEST(HostTest, StepsAfterTheFirstAskForNothing) {
  for (const ccm_model *model : linkedModels()) {
    CountingHost host(INT64_MAX);
    auto artifact = artifactOf(model);
    auto session = must(Session::create(artifact, {.allocator = host.allocator()}));
    Batch batch = filledBatch(artifact, 33, 1);
    must(session->step(batch.first(33), makeUpdate(model->learning_rate, 0)));
    int64_t before = host.requests;
    for (int64_t step = 1; step < 4; ++step)
      must(session->step(batch.first(33 - step), makeUpdate(model->learning_rate, step)));
    EXPECT_EQ(host.requests, before) << model->name;
  }
}

/// Keeps the lines that a session says.
struct Lines {
  std::vector<std::string> said;
  LogSink sink() {
    auto write = [](void *self, std::string_view line) {
      static_cast<Lines *>(self)->said.emplace_back(line);
    };
    return {write, this};
  }
};

TEST(HostTest, LogIsToldOfWhatIsPassedOverAndLeftOut) {
  auto artifact = artifactOf(linkedModels()[2]);
  TemporaryDirectory directory;
  std::string run = directory / "run";
  Lines lines;
  auto session = must(Session::create(artifact, {.log = lines.sink()}));
  Source source{8, [](std::span<const int64_t>, Batch &) { return Status(Done{}); }};
  auto trainer = must(Trainer::create(*session, source, {.batch = 4, .steps = 2}));
  std::string newest;
  {
    auto checkpoints = must(CheckpointDirectory::open(run));
    for (int i = 0; i < 2; ++i) {
      must(trainer->step());
      newest = must(checkpoints->save(*trainer));
    }
  }
  must(session->load(run));
  EXPECT_EQ(lines.said, std::vector<std::string>());
  std::string bytes = *io::readFile(newest);
  bytes.back() = static_cast<char>(~bytes.back());
  ASSERT_TRUE(io::writeFileAtomically(newest, bytes));
  must(session->load(run));
  ASSERT_EQ(lines.said.size(), 1u);
  EXPECT_TRUE(lines.said[0].starts_with("passed over a newer checkpoint: cannot use '" + newest));
}

} // namespace
} // namespace ccm::test
