// SPDX-License-Identifier: Apache-2.0
// Encodings of tables: gzip, UTF-16, and what is no text.
#include "data/Text.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

/// Units of UTF-16 behind a byte-order mark.
std::string utf16(const std::u16string &text, bool bigEndian) {
  std::string bytes;
  for (char16_t unit : u'\uFEFF' + text) {
    const char low = char(unit & 255), high = char(unit >> 8);
    bytes += bigEndian ? high : low;
    bytes += bigEndian ? low : high;
  }
  return bytes;
}

TEST(Text, Utf16BecomesUtf8) {
  const std::u16string text = u"a\u007F\u0080\u07FF\u0800\uFFFD\U00010000\U0010FFFF\n";
  for (bool bigEndian : {false, true}) {
    Result<std::string> read = decodeText(utf16(text, bigEndian), "t.csv");
    ASSERT_TRUE(read) << textOf(read);
    EXPECT_EQ(*read,
              "a\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\n");
  }
}

TEST(Text, RefusesHalfCharactersWhereTheyStand) {
  const std::u16string high(1, char16_t(0xD800)), low(1, char16_t(0xDC00));
  for (const std::u16string &half : {high + u"x", low + u"x", high, high + high + low}) {
    Result<std::string> read = decodeText(utf16(u"ab\ncd" + half, false), "t.csv");
    EXPECT_EQ(textOf(read), "t.csv:2:3: error: UTF-16 with half a pair of surrogates\n");
  }
  EXPECT_EQ(textOf(decodeText("\xFF\xFEx", "t.csv")),
            "t.csv: error: UTF-16 that ends within a character\n");
}

TEST(Text, GzipIsUndoneFirst) {
  EXPECT_EQ(*decodeText(gzip("x,y\n"), "t.csv.gz"), "x,y\n");
  EXPECT_EQ(*decodeText(gzip(utf16(u"x", true)), "t.csv.gz"), "x");
  EXPECT_EQ(textOf(decodeText(gzip("x,y\n").substr(0, 12), "t.csv.gz")),
            "t.csv.gz: error: a truncated gzip file\n");
}

TEST(Text, TablesOfAnyEncodingAndSuffixAreRead) {
  const Folder folder;
  const std::vector<ccm_port> inputs = {continuous("x", {1})}, outputs = {continuous("y", {1})};
  const std::string commas = "x,y\n1.5,2\n", tabs = "x\ty\r1.5\t2\r";
  const std::pair<const char *, std::string> files[] = {
      {"a.csv", commas},
      {"a.CSV", utf16(u"x;y\r\n1,5;2\r\n", false)},
      {"a.csv.gz", gzip(commas)},
      {"a.tsv", tabs},
      {"a.tab", tabs},
      {"a.tsv.gz", gzip(tabs)}};
  for (const auto &[name, bytes] : files) {
    Result<Dataset> data = openDataset(folder.write(name, bytes), inputs, outputs);
    ASSERT_TRUE(data) << name << textOf(data);
    EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), std::vector{1.5f}) << name;
    EXPECT_EQ(valuesAt<float>(data->targets[0], 0), std::vector{2.0f}) << name;
  }
}

} // namespace
} // namespace ccm::data::test
