// SPDX-License-Identifier: Apache-2.0
// Checkpoints with every bit flipped, every byte cut off, and manifests that lie.
#include "runtime/Checkpoint.h"
#include "runtime/Sha256.h"
#include "tests/reliability/MemoryDisk.h"
#include "tests/unit/runtime/TestFiles.h"

#include <cstring>
#include <functional>

namespace ccm::test {
namespace {

const std::string kOlder = "/run/" + generationName(2), kNewer = "/run/" + generationName(4);

struct DamageTest : testing::Test {
  DamageTest() {
    trainer = std::move(*Trainer::create(*session, linearSource(20), {.batch = 4, .steps = 100}));
    older = fileAfter(2, olderParameters);
    newer = fileAfter(4, newerParameters);
    untouched = reader->parametersSha256();
  }
  std::string fileAfter(int64_t step, std::string &parameters) {
    while (trainer->stepsDone() < step)
      EXPECT_TRUE(trainer->step());
    parameters = session->parametersSha256();
    return checkpointOf(*session, trainer->progress());
  }
  /// Calls `check` with the newer file in every damaged form.
  void forEachDamage(const std::function<void(const std::string &bytes)> &check) {
    for (size_t at = 0; at < newer.size() && !HasFailure(); ++at)
      for (int bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE("byte " + std::to_string(at) + ", bit " + std::to_string(bit));
        std::string bytes = newer;
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
        check(bytes);
      }
    for (size_t size = 0; size < newer.size() && !HasFailure(); ++size) {
      SCOPED_TRACE(std::to_string(size) + " bytes are left");
      check(newer.substr(0, size));
    }
    SCOPED_TRACE("a byte too many");
    check(newer + '\0');
  }
  std::unique_ptr<Session> session = linearSession(), reader = linearSession({.seed = 9});
  std::unique_ptr<Trainer> trainer;
  std::string older, newer, olderParameters, newerParameters, untouched;
};

TEST_F(DamageTest, IsRefusedInAFile) {
  forEachDamage([&](const std::string &bytes) {
    MemoryDisk disk({{"/run"}, {{kNewer, bytes}}});
    disk.use();
    Status loaded = reader->load(kNewer);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::Damage);
    EXPECT_TRUE(loaded.error().message.starts_with("cannot use '" + kNewer + "': "))
        << loaded.error().message;
    EXPECT_EQ(reader->parametersSha256(), untouched) << "a refused file changes nothing";
  });
}

TEST_F(DamageTest, IsPassedOverForTheOlderGenerationAndNamed) {
  forEachDamage([&](const std::string &bytes) {
    MemoryDisk disk({{"/run"}, {{kOlder, older}, {kNewer, bytes}}});
    disk.use();
    auto info = readCheckpoint("/run");
    ASSERT_TRUE(info) << messageOf(info);
    EXPECT_EQ(info->path, kOlder);
    ASSERT_EQ(info->damaged.size(), 1u);
    EXPECT_TRUE(info->damaged[0].starts_with("cannot use '" + kNewer + "': "));
    ASSERT_TRUE(reader->load("/run"));
    EXPECT_EQ(reader->parametersSha256(), olderParameters);
  });
}

TEST_F(DamageTest, UndamagedFilesAreTaken) {
  MemoryDisk disk({{"/run"}, {{kOlder, older}, {kNewer, newer}}});
  disk.use();
  ASSERT_TRUE(reader->load("/run"));
  EXPECT_EQ(reader->parametersSha256(), newerParameters);
}

/// A file with another text in its header, and the right digest for it.
std::string forged(std::string file, const std::string &from, const std::string &to) {
  const std::string key = "\"ccm.header_sha256\":\"", zeros(64, '0');
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  size_t at = file.find(from), digest = file.find(key) + key.size();
  EXPECT_TRUE(at != std::string::npos && from.size() == to.size());
  file.replace(at, from.size(), to);
  file.replace(digest, zeros.size(), zeros);
  return file.replace(digest, zeros.size(), sha256(file.substr(0, 8 + length)));
}

TEST_F(DamageTest, ManifestsWhoseNumbersDoNotAgreeAreNotResumed) {
  struct Lie {
    const char *from, *to;
  };
  for (Lie lie : {Lie{"\"ccm.step\":\"4\"", "\"ccm.step\":\"9\""},
                  Lie{"\"ccm.epoch\":\"0\"", "\"ccm.epoch\":\"7\""},
                  Lie{"\"ccm.position\":\"16\"", "\"ccm.position\":\"12\""}}) {
    MemoryDisk disk({{"/run"}, {{kNewer, forged(newer, lie.from, lie.to)}}});
    disk.use();
    EXPECT_EQ(messageOf(trainer->resume(kNewer)),
              "cannot resume from '" + kNewer + "': its step, epoch and position do not agree")
        << lie.to;
  }
  MemoryDisk disk(
      {{"/run"}, {{kNewer, forged(newer, "\"ccm.seed\":\"0\"", "\"ccm.seed\":\"0\"")}}});
  disk.use();
  EXPECT_TRUE(trainer->resume(kNewer)) << "the forger knows the trade";
}

TEST_F(DamageTest, BytesThatCannotBeReadAreAnErrorAndNotDamage) {
  MemoryDisk disk({{"/run"}, {{kOlder, older}, {kNewer, newer}}});
  disk.use();
  io::SystemCalls calls = MemoryDisk::calls();
  calls.read = [](int, void *, size_t) -> ssize_t {
    errno = EIO;
    return -1;
  };
  io::useSystemCalls(&calls);
  auto info = readCheckpoint("/run");
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::File);
  EXPECT_EQ(info.error().message, "cannot read '" + kNewer + "': Input/output error");
}

} // namespace
} // namespace ccm::test
