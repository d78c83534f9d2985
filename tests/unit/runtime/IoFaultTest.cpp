// SPDX-License-Identifier: Apache-2.0
// The io layer when the operating system fails: every call of a write, one after the other.
#include "TestFiles.h"
#include "runtime/io/SystemCalls.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ccm::test {
namespace {

using io::operatingSystem;

/// Which call fails, and how. Calls are counted from 0.
struct Plan {
  int64_t failing = -1;
  bool onwards = false; ///< also every later one
  int code = EIO;
  size_t longestWrite = SIZE_MAX;
  bool interruptOdd = false; ///< every other call is interrupted by a signal once
  int64_t calls = 0;
};
Plan plan;

bool fails() {
  int64_t call = plan.calls++;
  bool hit = call == plan.failing || (plan.onwards && plan.failing >= 0 && call > plan.failing);
  if (!hit && !(plan.interruptOdd && call % 2 == 1))
    return false;
  errno = hit ? plan.code : EINTR;
  return true;
}

int openFile(const char *path, int flags, mode_t mode) {
  return fails() ? -1 : operatingSystem().open(path, flags, mode);
}
int closeFile(int descriptor) {
  bool failing = fails(); // the descriptor is gone all the same
  int code = errno;
  int closed = operatingSystem().close(descriptor);
  errno = code;
  return failing && !plan.interruptOdd ? -1 : closed;
}
ssize_t writeFile(int descriptor, const void *data, size_t size) {
  return fails() ? -1
                 : operatingSystem().write(descriptor, data, std::min(size, plan.longestWrite));
}
int syncFile(int descriptor) { return fails() ? -1 : operatingSystem().fsync(descriptor); }
int statLink(const char *path, struct stat *status) {
  return fails() ? -1 : operatingSystem().lstat(path, status);
}
int renameFile(const char *from, const char *to) {
  return fails() ? -1 : operatingSystem().rename(from, to);
}

struct IoFaultTest : testing::Test {
  void SetUp() override {
    calls = operatingSystem();
    calls.open = openFile;
    calls.close = closeFile;
    calls.write = writeFile;
    calls.fsync = syncFile;
    calls.lstat = statLink;
    calls.rename = renameFile;
    ASSERT_TRUE(io::writeFileAtomically(path, "old"));
  }
  void TearDown() override { io::useSystemCalls(nullptr); }
  /// Writes "new" while calls fail as planned.
  io::Status write(const Plan &how) {
    plan = how;
    io::useSystemCalls(&calls);
    io::Status written = io::writeFileAtomically(path, "new");
    io::useSystemCalls(nullptr);
    return written;
  }
  std::string content() { return *io::readFile(path); }
  TemporaryDirectory directory;
  std::string path = directory / "file";
  io::SystemCalls calls;
};

TEST_F(IoFaultTest, EveryFailureIsReportedAndLeavesAWholeFileAlone) {
  ASSERT_TRUE(write({}));
  int64_t count = plan.calls;
  ASSERT_GE(count, 8) << "lstat, open, write, fsync, close, rename, and open, fsync of the folder";
  for (int code : {EIO, ENOSPC, EMFILE, EACCES, EDQUOT, EROFS})
    for (bool onwards : {false, true})
      for (int64_t call = 0; call + 1 < count; ++call) { // the last one closes the folder
        ASSERT_TRUE(io::writeFileAtomically(path, "old"));
        io::Status written = write({.failing = call, .onwards = onwards, .code = code});
        EXPECT_FALSE(written) << "call " << call;
        if (!written) {
          EXPECT_EQ(written.error().code, code);
        }
        EXPECT_TRUE(content() == "old" || content() == "new") << content();
        EXPECT_EQ(directory.names(), std::vector<std::string>{"file"});
      }
}

TEST_F(IoFaultTest, SurvivesSignalsAndShortWrites) {
  EXPECT_TRUE(write({.longestWrite = 1, .interruptOdd = true}));
  EXPECT_EQ(content(), "new");
}

TEST_F(IoFaultTest, TakesAWriteOfNothingAsAFailure) {
  EXPECT_FALSE(write({.longestWrite = 0}));
  EXPECT_EQ(content(), "old");
}

TEST_F(IoFaultTest, SyncsTheFileBeforeTheRenameAndTheFolderAfterIt) {
  static std::string trace;
  trace.clear();
  io::SystemCalls recording = operatingSystem();
  recording.write = [](int descriptor, const void *data, size_t size) {
    trace += "write ";
    return operatingSystem().write(descriptor, data, size);
  };
  recording.fsync = [](int descriptor) {
    trace += "fsync ";
    return operatingSystem().fsync(descriptor);
  };
  recording.rename = [](const char *from, const char *to) {
    std::string_view name(from);
    EXPECT_TRUE(io::isTemporaryName(name.substr(name.rfind('/') + 1))) << name;
    trace += "rename ";
    return operatingSystem().rename(from, to);
  };
  io::useSystemCalls(&recording);
  EXPECT_TRUE(io::writeFileAtomically(path, "new"));
  io::useSystemCalls(nullptr);
  EXPECT_EQ(trace, "write fsync rename fsync ");
}

TEST_F(IoFaultTest, ReportsReadsAndMapsThatFail) {
  io::SystemCalls failing = operatingSystem();
  failing.read = [](int, void *, size_t) -> ssize_t {
    errno = EIO;
    return -1;
  };
  failing.mmap = [](void *, size_t, int, int, int, off_t) -> void * {
    errno = ENOMEM;
    return MAP_FAILED;
  };
  io::useSystemCalls(&failing);
  auto bytes = io::readFile(path);
  auto mapping = io::mapFile(path);
  io::useSystemCalls(nullptr);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, EIO);
  ASSERT_FALSE(mapping);
  EXPECT_EQ(mapping.error().code, ENOMEM);
}

} // namespace
} // namespace ccm::test
