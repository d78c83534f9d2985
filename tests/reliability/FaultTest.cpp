// SPDX-License-Identifier: Apache-2.0
// Every call of every operation of the io layer fails, one after the other, in every way.
#include "runtime/io/FaultyCalls.h"
#include "runtime/io/MemoryFile.h"
#include "tests/reliability/CrashStates.h"
#include "tests/unit/runtime/TestFiles.h"

#include <sys/mman.h>

#include <cstring>
#include <functional>
#include <optional>

namespace ccm::test {
namespace {

constexpr int kShort = 0; // of io::Fault
constexpr int kCodes[] = {EIO, ENOSPC, EMFILE, EINTR, EACCES, kShort};

const std::string kOld(3000, 'o'), kNew(5000, 'n');

/// What an operation says: nothing where it succeeds, else its message.
using Outcome = std::optional<std::string>;

template <typename T>
Outcome outcomeOf(const T &result) {
  return result ? Outcome() : Outcome(result.error().message);
}

/// Something done to the disk in use, and when it has been done.
struct Operation {
  const char *name;
  Snapshot before;
  std::function<Outcome()> run;
  /// Whether a disk holds what a success promises.
  std::function<bool(const Snapshot &)> done = [](const Snapshot &) { return true; };
  /// Whether it holds what a failure must leave.
  std::function<bool(const Snapshot &)> whole = [](const Snapshot &) { return true; };
  /// A success is one after a power cut, too.
  bool durable = true;
};

bool hasTemporary(const Snapshot &disk) {
  return std::any_of(disk.files.begin(), disk.files.end(), [](const auto &file) {
    return io::isTemporaryName(file.first.substr(file.first.rfind('/') + 1));
  });
}

auto holds(const std::string &path, const std::string &bytes) {
  return [=](const Snapshot &disk) {
    auto found = disk.files.find(path);
    return found != disk.files.end() && found->second == bytes;
  };
}

auto holdsEither(const std::string &path, const std::string &one, const std::string &other) {
  return [=](const Snapshot &disk) { return holds(path, one)(disk) || holds(path, other)(disk); };
}

/// One fault of one operation.
class Trial {
public:
  Trial(const Operation &operation, const io::Fault &fault)
      : operation(operation), fault(fault), disk(operation.before) {
    disk.use();
    io::useFaultyCalls(fault, MemoryDisk::calls());
    outcome = operation.run();
    calls = io::callsMade();
    disk.endProcess();
    disk.use();
  }
  void check() const {
    SCOPED_TRACE(std::string(operation.name) + ", call " + std::to_string(fault.call) +
                 (fault.onwards ? " and later, " : ", ") +
                 (fault.code == kShort ? "short" : strerrorname_np(fault.code)));
    Snapshot left = disk.content();
    EXPECT_TRUE(!hasTemporary(left) || io::hasFailed("unlinkat")) << "something is left behind";
    if (outcome)
      checkFailure(left);
    else
      checkSuccess(left);
  }
  int64_t calls = 0;

private:
  void checkFailure(const Snapshot &left) const {
    EXPECT_NE(fault.code, kShort) << "the rest of a short write is to be written: " << *outcome;
    bool names = outcome->find("'/") != std::string::npos ||
                 outcome->find("'file'") != std::string::npos; // relative to an input's directory
    EXPECT_TRUE(names) << *outcome;
    EXPECT_NE(outcome->find(std::strerror(fault.code)), std::string::npos) << *outcome;
    EXPECT_TRUE(operation.whole(left));
  }
  void checkSuccess(const Snapshot &left) const {
    EXPECT_TRUE(operation.done(left)) << "a silent failure";
    if (!operation.durable)
      return;
    CrashStates(4).visit(disk, disk.journal().size(), -1, [&](const Snapshot &state, int64_t) {
      EXPECT_TRUE(operation.done(state)) << "a power cut undoes it";
      return !testing::Test::HasFailure();
    });
  }

  const Operation &operation;
  io::Fault fault;
  MemoryDisk disk;
  Outcome outcome;
};

/// All faults of an operation, each alone and from its call on.
void tryEveryFault(const Operation &operation) {
  Trial unharmed(operation, {});
  unharmed.check();
  ASSERT_GT(unharmed.calls, 0);
  for (int code : kCodes)
    for (bool onwards : {false, true})
      for (int64_t call = 0; call < unharmed.calls && !testing::Test::HasFailure(); ++call)
        Trial(operation, {.call = call, .onwards = onwards, .code = code}).check();
}

TEST(FaultTest, WritesAFileOrSaysWhyNot) {
  auto write = [] { return outcomeOf(io::writeFileAtomically("/run/file", kNew)); };
  tryEveryFault({.name = "write over",
                 .before = {{"/run"}, {{"/run/file", kOld}}},
                 .run = write,
                 .done = holds("/run/file", kNew),
                 .whole = holdsEither("/run/file", kOld, kNew)});
  tryEveryFault({.name = "write",
                 .before = {{"/run"}, {}},
                 .run = write,
                 .done = holds("/run/file", kNew),
                 .whole = [](const Snapshot &disk) {
                   return !disk.files.count("/run/file") || holds("/run/file", kNew)(disk);
                 }});
}

TEST(FaultTest, AppendsOrSaysWhyNot) {
  auto startsWithOld = [](const Snapshot &disk) {
    auto found = disk.files.find("/run/log");
    return found != disk.files.end() && found->second.starts_with(kOld);
  };
  tryEveryFault({.name = "append",
                 .before = {{"/run"}, {{"/run/log", kOld}}},
                 .run = [] { return outcomeOf(io::appendFile("/run/log", kNew)); },
                 .done = holds("/run/log", kOld + kNew),
                 .whole = startsWithOld,
                 .durable = false});
}

TEST(FaultTest, ReadsOrSaysWhyNot) {
  const Snapshot before = {{"/run"}, {{"/run/file", kOld}}};
  auto compared = [](const auto &result, std::string_view bytes) -> Outcome {
    if (!result)
      return result.error().message;
    EXPECT_EQ(bytes, kOld);
    return std::nullopt;
  };
  tryEveryFault({.name = "read", .before = before, .run = [&] {
                   auto bytes = io::readFile("/run/file");
                   return compared(bytes, bytes ? *bytes : "");
                 }});
  tryEveryFault({.name = "map", .before = before, .run = [&] {
                   auto mapping = io::mapFile("/run/file");
                   return compared(mapping, mapping ? (*mapping)->bytes() : "");
                 }});
  tryEveryFault({.name = "list", .before = before, .run = [&] {
                   auto names = io::listDirectory("/run");
                   EXPECT_TRUE(!names || *names == std::vector<std::string>{"file"});
                   return outcomeOf(names);
                 }});
}

TEST(FaultTest, ReadsBeneathOrSaysWhyNot) {
  tryEveryFault({.name = "read beneath", .before = {{"/run"}, {{"/run/file", kOld}}}, .run = [&] {
                   auto bytes = io::readFileBeneath("/run", "file");
                   EXPECT_TRUE(!bytes || *bytes == kOld);
                   return outcomeOf(bytes);
                 }});
}

TEST(FaultTest, ChangesDirectoriesOrSaysWhyNot) {
  const Snapshot full = {{"/run", "/run/sub"}, {{"/run/file", kOld}, {"/run/sub/file", kOld}}};
  tryEveryFault({.name = "remove",
                 .before = full,
                 .run = [] { return outcomeOf(io::removeTree("/run/sub")); },
                 .done = [](const Snapshot &disk) { return disk.directories.size() == 1; },
                 .whole = holds("/run/file", kOld),
                 .durable = false});
  tryEveryFault({.name = "make directories",
                 .before = {},
                 .run = [] { return outcomeOf(io::makeDirectories("/run/a/b")); },
                 .done = [](const Snapshot &disk) { return disk.directories.count("/run/a/b"); },
                 .durable = false});
  tryEveryFault({.name = "make durable directories",
                 .before = {},
                 .run = [] { return outcomeOf(io::makeDirectoriesDurably("/run/a/b")); },
                 .done = [](const Snapshot &disk) { return disk.directories.count("/run/a/b"); }});
}

/// Writes a file in memory and reads it again while one call fails.
void tryMemoryFile(const io::Fault &fault) {
  io::useFaultyCalls(fault);
  auto file = io::MemoryFile::create();
  Outcome outcome = outcomeOf(file);
  if (file)
    outcome = outcomeOf(file->append(kOld));
  auto bytes = file && !outcome ? file->read() : io::Result<std::string>(std::string());
  if (!outcome)
    outcome = outcomeOf(bytes);
  // What was read is there whether or not a close fails.
  auto isHit = [](const char *name) { return io::hasFailed(name); };
  const char *calls[] = {"memfd_create", "stat", "write", "open", "fstat", "read"};
  bool isHarmless = fault.code == 0 || (fault.code == EINTR && !fault.onwards);
  EXPECT_EQ(outcome.has_value(),
            std::any_of(std::begin(calls), std::end(calls), isHit) && !isHarmless);
  EXPECT_TRUE(outcome || *bytes == kOld);
}

TEST(FaultTest, KeepsFilesInMemoryOrSaysWhyNot) {
  tryMemoryFile({});
  const int64_t calls = io::callsMade();
  EXPECT_GE(calls, 5);
  for (int64_t call = 0; call < calls; ++call)
    for (int code : {EIO, ENOSPC, EMFILE, EINTR, EACCES, 0})
      for (bool onwards : {false, true})
        tryMemoryFile({.call = call, .onwards = onwards, .code = code});
  io::useSystemCalls(nullptr);
}

TEST(FaultTest, LooksAtFilesOrSaysWhyNot) {
  const Snapshot before = {{"/run"}, {{"/run/file", kOld}}};
  auto run = [&](const char *name, auto call) {
    tryEveryFault({.name = name, .before = before, .run = [&] { return outcomeOf(call()); }});
  };
  run("lock", [] { return io::lockFile("/run/lock"); });
  run("absolute path", [] { return io::absolutePath("/run/file"); });
  run("identity", [] { return io::fileIdentity("/run/file"); });
}

// ---- Checkpoints --------------------------------------------------------------------------------

/// A process of a training into /run: begins, goes on with what is there, steps twice, saves.
Outcome trainAndSave() {
  auto session = linearSession();
  auto trainer = Trainer::create(*session, linearSource(20), {.batch = 4, .steps = 100});
  auto directory = CheckpointDirectory::open("/run");
  if (!directory)
    return outcomeOf(directory);
  auto holdsAny = (*directory)->holdsCheckpoints();
  if (!holdsAny)
    return outcomeOf(holdsAny);
  if (*holdsAny)
    if (auto resumed = (*directory)->resume(**trainer); !resumed)
      return outcomeOf(resumed);
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE((*trainer)->step());
  return outcomeOf((*directory)->save(**trainer));
}

/// The disk after that many such processes.
Snapshot diskAfter(int processes) {
  MemoryDisk disk;
  disk.use();
  for (int i = 0; i < processes; ++i) {
    EXPECT_EQ(trainAndSave(), std::nullopt);
    disk.endProcess();
  }
  return disk.content();
}

/// The step that the loader returns; -1 when it refuses.
int64_t stepOn(const Snapshot &content) {
  MemoryDisk disk(content);
  disk.use();
  auto info = readCheckpoint("/run");
  return info ? info->progress.step : -1;
}

TEST(FaultTest, SavesOrSaysWhyNotAndKeepsTheOldCheckpoint) {
  for (int saved : {0, 1, 3}) {
    int64_t old = saved == 0 ? -1 : 2 * saved;
    tryEveryFault({.name = "train and save",
                   .before = diskAfter(saved),
                   .run = trainAndSave,
                   .done = [=](const Snapshot &disk) { return stepOn(disk) == 2 * saved + 2; },
                   .whole = [=](const Snapshot &disk) { return stepOn(disk) >= old; }});
  }
}

TEST(FaultTest, AbandonsAGenerationThatCannotBeSynced) {
  const Snapshot before = diskAfter(2);
  Trial unharmed({.name = "", .before = before, .run = trainAndSave}, {});
  for (int64_t call = 0; call < unharmed.calls; ++call) {
    MemoryDisk disk(before);
    disk.use();
    io::useFaultyCalls({.call = call, .code = EIO}, MemoryDisk::calls());
    Outcome outcome = trainAndSave();
    bool synced = !io::hasFailed("fsync");
    disk.endProcess();
    EXPECT_TRUE(synced || stepOn(disk.content()) == 4)
        << "call " << call << ": " << outcome.value_or("success");
  }
}

TEST(FaultTest, LoadsOrSaysWhyNotAndLeavesTheSessionAlone) {
  auto session = linearSession({.seed = 5});
  const std::string first = session->parametersSha256();
  const Snapshot before = diskAfter(3);
  for (const char *path : {"/run", "/run/step-000000000006.safetensors"})
    tryEveryFault({.name = "load", .before = before, .run = [&]() -> Outcome {
                     EXPECT_TRUE(session->init(5));
                     Status loaded = session->load(path);
                     EXPECT_EQ(session->parametersSha256() == first, !loaded);
                     return outcomeOf(loaded);
                   }});
}

TEST(FaultTest, TakesAWriteOfNothingAsAFailure) {
  MemoryDisk disk({{"/run"}, {{"/run/file", kOld}}});
  disk.use();
  io::SystemCalls calls = MemoryDisk::calls();
  calls.write = [](int, const void *, size_t) -> ssize_t { return 0; };
  io::useSystemCalls(&calls);
  EXPECT_FALSE(io::writeFileAtomically("/run/file", kNew));
  disk.use();
  EXPECT_TRUE(holds("/run/file", kOld)(disk.content()));
}

TEST(FaultTest, UnderstandsFaults) {
  io::Fault fault;
  ASSERT_TRUE(io::parseFault("12:ENOSPC", fault));
  EXPECT_EQ(fault.call, 12);
  EXPECT_FALSE(fault.onwards);
  EXPECT_EQ(fault.code, ENOSPC);
  ASSERT_TRUE(io::parseFault("0+:short", fault));
  EXPECT_TRUE(fault.onwards);
  EXPECT_EQ(fault.code, kShort);
  for (const char *text : {"", "3", "3+", "3:", "3:EXX", ":EIO", "-1:EIO", "x:EIO", "3:EIO "})
    EXPECT_FALSE(io::parseFault(text, fault)) << text;
}

} // namespace
} // namespace ccm::test
