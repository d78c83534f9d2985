// SPDX-License-Identifier: Apache-2.0
// What ccm-run shows on a terminal and in a pipe, and streams that nobody reads.
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

/// Interrupted once its log says that it ran for longer than lies between two drawings.
Finished trainOn(const Folder &folder, int columns, std::vector<std::string> environment) {
  const std::string out = folder.path + "/run";
  auto isTime = [&] {
    io::Result<std::string> log = io::readFile(out + "/log.jsonl");
    const size_t last = log ? log->rfind("\"seconds\":") : std::string::npos;
    return last != std::string::npos && std::atof(log->c_str() + last + 10) > 0.25;
  };
  return run(verb("train", {"--data", "synthetic:64", "--steps", "100000000", "--out", out}),
             {isTime, std::move(environment), columns});
}

/// What stands on the line of the cursor at the end, and whether any line was as wide as the
/// terminal: a tiny terminal that knows what ccm-run writes.
struct Screen {
  std::vector<std::string> lines = {""};
  size_t widest = 0;
  bool unknown = false;

  explicit Screen(const std::string &text) {
    for (size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '\r')
        column = 0;
      else if (c == '\n')
        lines.emplace_back();
      else if (c == '\x1B')
        at = escape(text, at);
      else
        put(c);
    }
  }

private:
  size_t escape(const std::string &text, size_t at) {
    const size_t end = text.find_first_of("mKhlJ", at);
    if (end == text.npos || text[end] == 'h' || text[end] == 'l' || text[end] == 'J')
      unknown = true;
    else if (text[end] == 'K')
      lines.back().resize(std::min(column, lines.back().size()));
    return end == text.npos ? text.size() : end;
  }
  void put(char c) {
    lines.back().resize(std::max(lines.back().size(), column + 1), ' ');
    lines.back()[column++] = c;
    widest = std::max(widest, lines.back().size());
  }
  size_t column = 0;
};

TEST(Terminal, ABarIsRedrawnOnOneLineAndGoesAway) {
  const Folder folder;
  const Finished finished = trainOn(folder, 60, {"TERM=xterm"});
  EXPECT_EQ(finished.code, 130);
  EXPECT_NE(finished.error.find("epoch "), std::string::npos) << finished.error;
  EXPECT_NE(finished.error.find("loss "), std::string::npos);
  const Screen screen(finished.error);
  EXPECT_FALSE(screen.unknown) << "only colours and erased lines: nothing is left to restore";
  EXPECT_LT(screen.widest, 60u);
  for (const std::string &line : screen.lines)
    EXPECT_EQ(line.find("epoch"), std::string::npos) << line;
}

TEST(Terminal, ADumbOneGetsPlainLines) {
  const Folder folder;
  const Finished finished = trainOn(folder, 60, {"TERM=dumb"});
  EXPECT_EQ(finished.error.find('\x1B'), std::string::npos) << finished.error;
}

TEST(Terminal, NoColourWhereItIsNotWanted) {
  const Folder folder;
  const Finished plain = trainOn(folder, 120, {"TERM=xterm", "NO_COLOR=1", "LANG=C.UTF-8"});
  EXPECT_EQ(plain.error.find("\x1B[36m"), std::string::npos);
  EXPECT_NE(plain.error.find("─"), std::string::npos) << plain.error;
  const Folder other;
  const Finished colours = trainOn(other, 120, {"TERM=xterm", "LANG=C.UTF-8"});
  EXPECT_NE(colours.error.find("\x1B[36m"), std::string::npos);
}

TEST(Terminal, APipeGetsNoEscapes) {
  const Folder folder;
  const Finished finished = trainOn(folder, 0, {"TERM=xterm", "LANG=C.UTF-8"});
  EXPECT_EQ(finished.code, 130);
  EXPECT_EQ(finished.error.find_first_of("\r\x1B"), std::string::npos) << finished.error;
}

TEST(Terminal, OutputThatNobodyReadsIsAnError) {
  const Finished finished = run(verb("info"), {.deaf = true});
  EXPECT_EQ(finished.code, 74);
  EXPECT_EQ(finished.error, "error: cannot write to standard output\n");
}

} // namespace
} // namespace ccm::data::test
