// SPDX-License-Identifier: Apache-2.0
// Generations of checkpoints: two are kept, damaged ones are passed over, one trainer at a time.
#include "TestFiles.h"
#include "runtime/Checkpoint.h"

namespace ccm::test {
namespace {

using Names = std::vector<std::string>;

struct CheckpointDirectoryTest : testing::Test {
  CheckpointDirectoryTest() { restart(); }
  /// A fresh session and trainer, as after a crash.
  void restart() {
    held = nullptr;
    trainer = nullptr;
    session = linearSession();
    trainer = std::move(*Trainer::create(*session, linearSource(20), {.batch = 4}));
    auto opened = CheckpointDirectory::open(path);
    ASSERT_TRUE(opened) << messageOf(opened);
    held = std::move(*opened);
  }
  void stepAndSave() {
    ASSERT_TRUE(trainer->step());
    auto saved = held->save(*trainer);
    ASSERT_TRUE(saved) << messageOf(saved);
  }
  void damage(int64_t step) {
    std::string file = path + "/" + generationName(step), bytes = *io::readFile(file);
    bytes.back() ^= 1;
    ASSERT_TRUE(io::writeFileAtomically(file, bytes));
  }
  Names generations() { return generationsOf(*io::listDirectory(path)); }
  TemporaryDirectory directory;
  std::string path = directory / "run";
  std::unique_ptr<Session> session;
  std::unique_ptr<Trainer> trainer;
  std::unique_ptr<CheckpointDirectory> held;
};

TEST_F(CheckpointDirectoryTest, KeepsTwoGenerations) {
  EXPECT_FALSE(*held->holdsCheckpoints());
  for (int i = 0; i < 4; ++i)
    stepAndSave();
  EXPECT_EQ(generations(), (Names{generationName(4), generationName(3)}));
  ASSERT_TRUE(held->save(*trainer)) << "the same step again";
  EXPECT_EQ(generations(), (Names{generationName(4), generationName(3)}));
  EXPECT_TRUE(*held->holdsCheckpoints());
}

TEST_F(CheckpointDirectoryTest, KeepsTheBestAndLoadsIt) {
  const double losses[] = {3, 1, 2, 2, 1.5};
  std::string best;
  for (double loss : losses) {
    ASSERT_TRUE(trainer->step());
    if (trainer->validated(loss))
      best = session->parametersSha256();
    ASSERT_TRUE(held->save(*trainer));
  }
  EXPECT_EQ(generations(), (Names{generationName(5), generationName(4), generationName(2)}));
  auto other = linearSession({.seed = 9});
  ASSERT_TRUE(other->load(path));
  EXPECT_EQ(other->parametersSha256(), best);
  EXPECT_EQ(readCheckpoint(path)->progress.step, 2);
  EXPECT_EQ(readCheckpoint(path, Generation::Newest)->progress.step, 5);
  restart();
  auto info = held->resume(*trainer);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->progress.step, 5);
  EXPECT_EQ(trainer->progress().best.step, 2);
  EXPECT_EQ(trainer->progress().best.loss, 1);
  ASSERT_TRUE(trainer->step());
  EXPECT_TRUE(trainer->validated(0.5));
  ASSERT_TRUE(held->save(*trainer));
  EXPECT_EQ(generations(), (Names{generationName(6), generationName(5)}))
      << "what was the best goes when a better one is there";
}

TEST_F(CheckpointDirectoryTest, WhatIsHeldIsSavedBeforeTheNext) {
  stepAndSave();
  ASSERT_TRUE(trainer->step());
  EXPECT_TRUE(trainer->validated(2));
  ASSERT_TRUE(held->hold(*trainer));
  ASSERT_TRUE(trainer->step());
  EXPECT_TRUE(trainer->validated(1));
  ASSERT_TRUE(held->hold(*trainer)) << "in place of the other";
  const std::string best = session->parametersSha256();
  ASSERT_TRUE(trainer->step());
  EXPECT_EQ(generations(), Names{generationName(1)}) << "nothing is written until then";
  ASSERT_TRUE(held->save(*trainer));
  EXPECT_EQ(generations(), (Names{generationName(4), generationName(3)}));
  auto other = linearSession({.seed = 9});
  ASSERT_TRUE(other->load(path));
  EXPECT_EQ(other->parametersSha256(), best);
  ASSERT_TRUE(trainer->step());
  ASSERT_TRUE(held->save(*trainer));
  EXPECT_EQ(generations(), (Names{generationName(5), generationName(4), generationName(3)}));
}

TEST_F(CheckpointDirectoryTest, WhatIsHeldCanBeSavedAlone) {
  ASSERT_TRUE(held->flush()) << "nothing is held";
  EXPECT_TRUE(generations().empty());
  ASSERT_TRUE(trainer->step());
  trainer->validated(2);
  ASSERT_TRUE(held->hold(*trainer));
  ASSERT_TRUE(trainer->step());
  ASSERT_TRUE(held->flush());
  ASSERT_TRUE(held->flush());
  EXPECT_EQ(generations(), Names{generationName(1)});
  restart();
  auto info = held->resume(*trainer);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->progress.step, 1);
}

TEST_F(CheckpointDirectoryTest, TheNewestStandsInForABestThatIsLost) {
  for (double loss : {1, 2, 3}) {
    ASSERT_TRUE(trainer->step());
    trainer->validated(loss);
    ASSERT_TRUE(held->save(*trainer));
  }
  damage(1);
  auto info = readCheckpoint(path);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->progress.step, 3);
  EXPECT_EQ(info->lost, "cannot use '" + path + "/" + generationName(1) +
                            "': tensor '__state__' does not match its digest");
  ASSERT_TRUE(io::removeTree(path + "/" + generationName(1)));
  EXPECT_EQ(readCheckpoint(path)->lost, "there is no '" + path + "/" + generationName(1) + "'");
}

TEST_F(CheckpointDirectoryTest, ResumesFromTheNewest) {
  for (int i = 0; i < 3; ++i)
    stepAndSave();
  std::string digest = session->parametersSha256();
  restart();
  auto info = held->resume(*trainer);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->progress.step, 3);
  EXPECT_EQ(session->parametersSha256(), digest);
  stepAndSave();
  EXPECT_EQ(generations(), (Names{generationName(4), generationName(3)}));
}

TEST_F(CheckpointDirectoryTest, PassesOverDamagedGenerationsAndNamesThem) {
  for (int i = 0; i < 3; ++i)
    stepAndSave();
  damage(3);
  restart();
  auto info = held->resume(*trainer);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->progress.step, 2);
  ASSERT_EQ(info->damaged.size(), 1u);
  EXPECT_EQ(info->damaged[0], "cannot use '" + path + "/" + generationName(3) +
                                  "': tensor '__state__' does not match its digest");
  ASSERT_TRUE(trainer->step());
  stepAndSave(); // step 4
  EXPECT_EQ(generations(), (Names{generationName(4), generationName(2)}))
      << "the damaged one goes, the good one before it stays";
}

TEST_F(CheckpointDirectoryTest, SaysWhenNoneIsGood) {
  stepAndSave();
  damage(1);
  restart();
  auto info = held->resume(*trainer);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::Damage);
}

TEST_F(CheckpointDirectoryTest, DoesNotTouchAnotherRun) {
  stepAndSave();
  restart();
  ASSERT_TRUE(trainer->step());
  ASSERT_TRUE(trainer->step());
  auto saved = held->save(*trainer);
  ASSERT_FALSE(saved);
  EXPECT_EQ(generations(), Names{generationName(1)});
}

TEST_F(CheckpointDirectoryTest, IsHeldByOneTrainer) {
  auto second = CheckpointDirectory::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot lock '" + path + "/lock': another process holds it");
  held = nullptr;
  EXPECT_TRUE(CheckpointDirectory::open(path));
}

TEST_F(CheckpointDirectoryTest, RemovesWhatKilledWritersLeft) {
  for (const char *name : {".ccm-0123456789abcdef", ".ccm-notes", "log.jsonl"})
    ASSERT_TRUE(io::writeFileAtomically(path + "/" + name, "x"));
  restart();
  EXPECT_EQ(*io::listDirectory(path), (Names{".ccm-notes", "lock", "log.jsonl"}));
}

TEST(GenerationTest, NamesSortAndParse) {
  EXPECT_EQ(generationName(7), "step-000000000007.safetensors");
  EXPECT_EQ(generationStep(generationName(123456)), 123456);
  EXPECT_EQ(generationStep(generationName(1234567890123456)), 1234567890123456);
  for (const char *name : {"step-7.safetensors", "step-.safetensors", "step-000000000007", "lock",
                           "step-00000000000x.safetensors", ".ccm-0123456789abcdef"})
    EXPECT_EQ(generationStep(name), -1) << name;
  EXPECT_EQ(generationsOf({"lock", generationName(9), generationName(10)}),
            (Names{generationName(10), generationName(9)}));
}

} // namespace
} // namespace ccm::test
