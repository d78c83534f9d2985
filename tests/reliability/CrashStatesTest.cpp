// SPDX-License-Identifier: Apache-2.0
// That the search for lost checkpoints can find one, and that its disk behaves as a real one.
#include "runtime/io/Io.h"
#include "tests/reliability/CheckpointCrashes.h"
#include "tests/unit/runtime/TestFiles.h"

#include <set>

namespace ccm::test {
namespace {

TEST(CrashStatesTest, NoCheckpointIsLost) {
  CrashReport report = searchLostCheckpoints({.saves = 2, .savesAfterKill = 1, .killEvery = 7});
  EXPECT_EQ(report.lost, 0u) << report.firstLost.front();
  EXPECT_GT(report.states, 1000u);
  EXPECT_GT(report.continued, 10u);
}

TEST(CrashStatesTest, FindsTheLossesOfADiskThatForgets) {
  EXPECT_GT(searchLostCheckpoints({.forgetsFileSync = true}).lost, 0u);
  EXPECT_GT(searchLostCheckpoints({.forgetsDirectorySync = true}).lost, 0u);
}

/// Names and contents below /d that power cuts may leave.
std::set<std::string> statesOf(const MemoryDisk &disk) {
  std::set<std::string> texts;
  CrashStates states(0);
  states.visit(disk, 0, -1, [&](const Snapshot &state, int64_t) {
    std::string text;
    for (const auto &[path, bytes] : state.files)
      text += path + "=" + bytes + " ";
    texts.insert(text);
    return true;
  });
  return texts;
}

TEST(CrashStatesTest, AreThoseThatMayBe) {
  MemoryDisk disk({{"/d"}, {{"/d/a", "1"}}});
  disk.use();
  ASSERT_TRUE(io::appendFile("/d/b", "2"));
  const std::string zero(1, '\0');
  EXPECT_EQ(statesOf(disk), (std::set<std::string>{"/d/a=1 ", "/d/a=1 /d/b= ", "/d/a=1 /d/b=2 ",
                                                   "/d/a=1 /d/b=" + zero + " "}));
}

TEST(CrashStatesTest, KeepWhatWasSynced) {
  MemoryDisk disk({{"/d"}, {{"/d/a", "1"}}});
  disk.use();
  ASSERT_TRUE(io::writeFileAtomically("/d/a", "2"));
  for (const std::string &state : statesOf(disk)) {
    bool old = state.find("/d/a=1 ") != std::string::npos;
    EXPECT_TRUE(old || state.find("/d/a=2 ") != std::string::npos) << state;
  }
  CrashStates last(0);
  last.visit(disk, disk.journal().size(), -1, [&](const Snapshot &state, int64_t) {
    EXPECT_EQ(state.files, (std::map<std::string, std::string>{{"/d/a", "2"}}));
    return true;
  });
}

/// Runs a script of the io layer in a directory and tells what each step answers.
std::string answersIn(const std::string &base) {
  std::string text;
  auto tell = [&](const char *step, const auto &result, const std::string &value = "") {
    text += std::string(step) + ": " + (result ? "done" : strerrorname_np(result.error().code)) +
            " " + value + "\n";
  };
  auto list = [&](const std::string &path) {
    auto names = io::listDirectory(path);
    std::string all;
    for (const std::string &name : names ? *names : std::vector<std::string>())
      all += name + " ";
    tell("list", names, all);
  };
  tell("make", io::makeDirectories(base + "/a/b"));
  tell("make again", io::makeDirectories(base + "/a/b"));
  tell("write", io::writeFileAtomically(base + "/a/file", "one"));
  tell("replace", io::writeFileAtomically(base + "/a/file", std::string(5000, 'x')));
  tell("append", io::appendFile(base + "/a/file", "two"));
  auto bytes = io::readFile(base + "/a/file");
  tell("read", bytes, bytes ? bytes->substr(4990) : "");
  tell("map", io::mapFile(base + "/a/file"));
  tell("write to a directory", io::writeFileAtomically(base + "/a/b", "x"));
  tell("write nowhere", io::writeFileAtomically(base + "/no/where", "x"));
  tell("read nothing", io::readFile(base + "/none"));
  tell("read a directory", io::readFile(base + "/a"));
  tell("below", io::readFileBeneath(base, "a/file"));
  list(base + "/a");
  list(base + "/none");
  auto lock = io::lockFile(base + "/lock");
  tell("lock", lock);
  tell("lock twice", io::lockFile(base + "/lock"));
  tell("find", io::absolutePath(base + "/a"));
  tell("find nothing", io::absolutePath(base + "/none"));
  tell("remove", io::removeTree(base + "/a"));
  tell("remove nothing", io::removeTree(base + "/a"));
  list(base);
  return text;
}

TEST(MemoryDiskTest, AnswersAsARealDisk) {
  TemporaryDirectory directory;
  std::string real = answersIn(directory.path());
  MemoryDisk disk({{"/base"}, {}});
  disk.use();
  EXPECT_EQ(answersIn("/base"), real);
}

} // namespace
} // namespace ccm::test
