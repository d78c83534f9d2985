// SPDX-License-Identifier: Apache-2.0
// Lines, columns and tokens.
#include "frontend/Source.h"
#include <gtest/gtest.h>

namespace ccm::frontend {

TEST(Source, PositionsAndBack) {
  Source source("f", "ab\ncd\r\n\nx");
  EXPECT_EQ(source.position(0).line, 1u);
  EXPECT_EQ(source.position(4).line, 2u);
  EXPECT_EQ(source.position(4).column, 2u);
  EXPECT_EQ(source.position(1000).line, 4u);
  EXPECT_EQ(source.position(1000).column, 2u);
  for (uint32_t offset : {0u, 1u, 3u, 4u, 8u}) {
    Position at = source.position(offset);
    EXPECT_EQ(source.offset(at.line, at.column), offset);
  }
  EXPECT_EQ(source.offset(5, 1), std::nullopt);
  EXPECT_EQ(source.offset(0, 1), std::nullopt);
  EXPECT_EQ(source.line(2), "cd");
  EXPECT_EQ(source.line(3), "");
  EXPECT_EQ(source.line(4), "x");
}

TEST(Source, EmptyText) {
  Source source("f", "");
  EXPECT_EQ(source.position(0).line, 1u);
  EXPECT_EQ(source.line(1), "");
  EXPECT_EQ(source.token(0).length, 1u);
}

TEST(Source, Tokens) {
  Source source("f", R"({"a\"b": [1, "]", {}], x.y "open)");
  auto token = [&](llvm::StringRef start) {
    return source.slice(source.token(source.text().find(start)));
  };
  EXPECT_EQ(token("\"a"), R"("a\"b")");
  EXPECT_EQ(token("["), R"([1, "]", {}])");
  EXPECT_EQ(token("x.y"), "x.y");
  EXPECT_EQ(token("\"open"), "\"open");
  EXPECT_EQ(token(":"), ":");
  EXPECT_EQ(token("{"), source.text());
}

TEST(Source, Printable) {
  EXPECT_EQ(printable("aé犬"), "aé犬");
  EXPECT_EQ(printable("a\u200Bb"), "a\\u{200B}b");
  EXPECT_EQ(printable("\x1b[0m\xff"), "\\u{001B}[0m\\xFF");
  EXPECT_EQ(printable(""), "");
}

} // namespace ccm::frontend
