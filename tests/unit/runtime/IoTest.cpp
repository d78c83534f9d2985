// SPDX-License-Identifier: Apache-2.0
// The io layer on real files: what is refused, and that outputs appear whole or not at all.
#include "TestFiles.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ccm::test {
namespace {

struct IoTest : testing::Test {
  TemporaryDirectory directory;
  void write(const std::string &name, std::string_view bytes) {
    ASSERT_TRUE(io::writeFileAtomically(directory / name, bytes));
  }
  std::string read(const std::string &name) {
    auto bytes = io::readFile(directory / name);
    return bytes ? *bytes : "error: " + bytes.error().message;
  }
  int codeOfBeneath(const std::string &name) {
    auto bytes = io::readFileBeneath(directory.path(), name);
    return bytes ? 0 : bytes.error().code;
  }
};

TEST_F(IoTest, WritesAndReadsBack) {
  std::string bytes(100'000, 'x');
  bytes[5] = '\0';
  write("a", bytes);
  EXPECT_EQ(read("a"), bytes);
  write("a", "");
  EXPECT_EQ(read("a"), "");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"a"});
}

TEST_F(IoTest, NamesTheFileAndTheReason) {
  auto missing = io::readFile(directory / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().message,
            "cannot open '" + directory / "missing" + "': No such file or directory");
}

TEST_F(IoTest, RefusesFilesOverTheLimit) {
  write("a", "12345");
  EXPECT_TRUE(io::readFile(directory / "a", 5));
  auto tooLarge = io::readFile(directory / "a", 4);
  ASSERT_FALSE(tooLarge);
  EXPECT_EQ(tooLarge.error().code, EFBIG);
}

TEST_F(IoTest, RefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(io::readFile(directory / "fifo")) << "and does not wait for a writer";
  EXPECT_FALSE(io::readFile("/dev/zero"));
  EXPECT_FALSE(io::mapFile("/dev/zero"));
  auto folder = io::readFile(directory.path());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, EISDIR);
}

TEST_F(IoTest, MapsFiles) {
  write("a", "mapped");
  auto mapping = io::mapFile(directory / "a");
  ASSERT_TRUE(mapping);
  EXPECT_EQ((*mapping)->bytes(), "mapped");
  write("empty", "");
  auto empty = io::mapFile(directory / "empty");
  ASSERT_TRUE(empty);
  EXPECT_EQ((*empty)->bytes(), "");
}

TEST_F(IoTest, ReadsBeneathADirectory) {
  ASSERT_TRUE(io::makeDirectories(directory / "sub/deep"));
  write("sub/deep/a", "inside");
  auto bytes = io::readFileBeneath(directory.path(), "sub/deep/a");
  ASSERT_TRUE(bytes) << messageOf(bytes);
  EXPECT_EQ(*bytes, "inside");
}

TEST_F(IoTest, RefusesToLeaveTheDirectory) {
  write("a", "bytes");
  EXPECT_EQ(codeOfBeneath("a"), 0);
  EXPECT_EQ(codeOfBeneath(directory / "a"), EACCES);
  EXPECT_EQ(codeOfBeneath("../a"), EACCES);
  ASSERT_TRUE(io::makeDirectories(directory / "sub"));
  EXPECT_EQ(codeOfBeneath("sub/../a"), EACCES);
  EXPECT_EQ(codeOfBeneath(".."), EACCES);
  EXPECT_EQ(codeOfBeneath("..a"), ENOENT) << "a name that only starts with two dots is a name";
  EXPECT_EQ(codeOfBeneath(""), ENOENT);
  EXPECT_EQ(codeOfBeneath(std::string("a\0b", 3)), EINVAL);
}

TEST_F(IoTest, RefusesLinksDevicesAndFifosBeneath) {
  write("a", "bytes");
  ASSERT_EQ(::symlink("a", (directory / "symbolic").c_str()), 0);
  EXPECT_EQ(codeOfBeneath("symbolic"), ELOOP);
  ASSERT_EQ(::symlink(".", (directory / "here").c_str()), 0);
  EXPECT_EQ(codeOfBeneath("here/a"), ELOOP);
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(codeOfBeneath("fifo"), EINVAL);
  ASSERT_EQ(::link((directory / "a").c_str(), (directory / "hard").c_str()), 0);
  EXPECT_EQ(codeOfBeneath("hard"), EMLINK);
  EXPECT_FALSE(io::readFileBeneath("/dev", "zero"));
}

TEST_F(IoTest, ReplacesASymbolicLinkWithoutWritingThroughIt) {
  write("target", "untouched");
  ASSERT_EQ(::symlink("target", (directory / "link").c_str()), 0);
  write("link", "new");
  EXPECT_EQ(read("target"), "untouched");
  EXPECT_EQ(read("link"), "new");
  struct stat status;
  ASSERT_EQ(::lstat((directory / "link").c_str(), &status), 0);
  EXPECT_TRUE(S_ISREG(status.st_mode));
}

TEST_F(IoTest, RefusesToReplaceWhatIsNoFile) {
  EXPECT_FALSE(io::writeFileAtomically("/dev/full", "x"));
  struct stat status;
  ASSERT_EQ(::stat("/dev/full", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  auto folder = io::writeFileAtomically(directory.path(), "x");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, EISDIR);
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(io::writeFileAtomically(directory / "fifo", "x"));
  EXPECT_FALSE(io::writeFileAtomically(directory / "no/such/folder", "x"));
  EXPECT_EQ(directory.names(), std::vector<std::string>{"fifo"});
}

TEST_F(IoTest, Appends) {
  ASSERT_TRUE(io::appendFile(directory / "log", "one\n"));
  ASSERT_TRUE(io::appendFile(directory / "log", "two\n"));
  EXPECT_EQ(read("log"), "one\ntwo\n");
  EXPECT_FALSE(io::appendFile("/dev/full", "x"));
}

TEST_F(IoTest, MakesAndRemovesDirectories) {
  ASSERT_TRUE(io::makeDirectories(directory / "a/b//c/"));
  ASSERT_TRUE(io::makeDirectories(directory / "a/b/c"));
  write("a/b/file", "x");
  EXPECT_FALSE(io::makeDirectories(directory / "a/b/file"));
  EXPECT_FALSE(io::makeDirectories(""));
  TemporaryDirectory other;
  ASSERT_TRUE(io::writeFileAtomically(other / "kept", "x"));
  ASSERT_EQ(::symlink(other.path().c_str(), (directory / "a/link").c_str()), 0);
  ASSERT_TRUE(io::removeTree(directory / "a"));
  EXPECT_TRUE(directory.names().empty());
  EXPECT_EQ(other.names(), std::vector<std::string>{"kept"});
  EXPECT_TRUE(io::removeTree(directory / "a")) << "a missing one is fine";
}

TEST_F(IoTest, ListsSorted) {
  for (const char *name : {"c", "a", "b"})
    write(name, "");
  EXPECT_EQ(directory.names(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_FALSE(io::listDirectory(directory / "missing"));
}

TEST_F(IoTest, LocksOnce) {
  auto first = io::lockFile(directory / "lock");
  ASSERT_TRUE(first);
  auto second = io::lockFile(directory / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EWOULDBLOCK);
  *first = nullptr;
  EXPECT_TRUE(io::lockFile(directory / "lock"));
}

TEST_F(IoTest, FindsPathsAndIdentities) {
  write("a", "x");
  ASSERT_EQ(::symlink("a", (directory / "link").c_str()), 0);
  auto direct = io::absolutePath(directory / "a"), linked = io::absolutePath(directory / "link");
  ASSERT_TRUE(direct && linked);
  EXPECT_EQ(*direct, *linked);
  EXPECT_EQ(*io::fileIdentity(directory / "a"), *io::fileIdentity(directory / "link"));
  EXPECT_FALSE(io::absolutePath(directory / "missing"));
  EXPECT_FALSE(io::fileIdentity(directory / "missing"));
}

} // namespace
} // namespace ccm::test
