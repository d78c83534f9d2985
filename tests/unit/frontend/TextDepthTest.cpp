// SPDX-License-Identifier: Apache-2.0
// The depth of IR text is found before a parser would descend into it.
#include "frontend/TextDepth.h"
#include <gtest/gtest.h>
#include <string>

namespace ccm::frontend {

static std::string repeated(llvm::StringRef part, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result += part;
  return result;
}

TEST(TextDepth, CountsEveryBracket) {
  for (llvm::StringRef bracket : {"(", "[", "{", "<"}) {
    EXPECT_EQ(scanDepth(repeated(bracket, 256)), std::nullopt);
    EXPECT_EQ(scanDepth(repeated(bracket, 257)), 256u);
  }
  EXPECT_EQ(scanDepth("([{<>}])", 3), 3u);
  EXPECT_EQ(scanDepth("([{<>}])", 4), std::nullopt);
}

TEST(TextDepth, SiblingsAreNotNested) {
  EXPECT_EQ(scanDepth(repeated("()", 100000)), std::nullopt);
  EXPECT_EQ(scanDepth(repeated(")", 100000) + repeated("(", 256)), std::nullopt);
  EXPECT_EQ(scanDepth(repeated(")", 100000) + repeated("(", 257)), 100256u);
}

TEST(TextDepth, StringsAndCommentsAreSkipped) {
  EXPECT_EQ(scanDepth("\"" + repeated("(", 1000) + "\"", 1), std::nullopt);
  EXPECT_EQ(scanDepth("// " + repeated("(", 1000) + "\n(", 1), std::nullopt);
  EXPECT_EQ(scanDepth("// " + repeated("(", 1000), 1), std::nullopt);
  EXPECT_EQ(scanDepth(R"-("\"((((" ())-", 1), std::nullopt);
  EXPECT_EQ(scanDepth("\"open\n((", 1), 7u);
  EXPECT_EQ(scanDepth("\"\\\n((", 1), 4u);
  EXPECT_EQ(scanDepth("\"open", 1), std::nullopt);
}

TEST(TextDepth, ArrowsAndComparisonsAreNoBrackets) {
  EXPECT_EQ(scanDepth(repeated("() -> ", 1000), 1), std::nullopt);
  EXPECT_EQ(scanDepth("affine_set<(d0) : (d0 >= 0, d0 <= 5, d0 >= 1)>", 2), std::nullopt);
  EXPECT_EQ(scanDepth("<(a) -> (b)" + repeated("(", 3), 3), 13u);
}

TEST(TextDepth, UnaryMinus) {
  EXPECT_EQ(scanDepth(repeated("-", 256)), std::nullopt);
  EXPECT_EQ(scanDepth(repeated("-", 257)), 256u);
  EXPECT_EQ(scanDepth(repeated("- ", 257)), 512u);
  EXPECT_EQ(scanDepth(repeated("-1 ", 1000)), std::nullopt);
}

TEST(TextDepth, Aliases) {
  auto chain = [](int links) {
    std::string text = "#a0 = [1]\n";
    for (int i = 1; i < links; ++i)
      text += "#a" + std::to_string(i) + " = [#a" + std::to_string(i - 1) + "]\n";
    return text + "\"t.a\"() {m = #a" + std::to_string(links - 1) + "} : () -> ()\n";
  };
  EXPECT_EQ(scanDepth(chain(100)), std::nullopt);
  EXPECT_NE(scanDepth(chain(300)), std::nullopt);
  EXPECT_NE(scanDepth("!t0 = tuple<i1>\n!t1 = tuple\n<!t0>\n!t2 = tuple<!t1>", 4), std::nullopt);
}

TEST(TextDepth, AliasesUsedOftenAreNotDeep) {
  std::string text = "#m = affine_map<(d0) -> (d0)>\n#n = affine_map<(d0) -> (-d0)>\nmodule {\n";
  text += repeated("  \"t.a\"() {m = #m, n = #n} : () -> ()\n", 1000) + "}\n";
  EXPECT_EQ(scanDepth(text, 16), std::nullopt);
}

TEST(TextProblem, SaysWhatAndWhere) {
  EXPECT_FALSE(findTextProblem("module {}"));
  auto deep = findTextProblem("a" + std::string(kTextDepthLimit + 1, '['));
  ASSERT_TRUE(deep);
  EXPECT_EQ(deep->offset, kTextDepthLimit + 1);
  EXPECT_EQ(deep->message, "expects brackets nested at most 256 deep");
  auto binary = findTextProblem("ML\xefR\x06");
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->offset, 0u);
  EXPECT_EQ(binary->message, "expects text, got bytecode");
}

TEST(TextIterators, AreStrings) {
  auto list = [](const std::string &elements) {
    return "%s = linalg.generic {iterator_types = [" + elements + "]}";
  };
  EXPECT_EQ(scanIterators(list("\"parallel\", // one\n \"reduction\"")), std::nullopt);
  EXPECT_EQ(scanIterators(list("")), std::nullopt);
  EXPECT_EQ(scanIterators(list("f32")), 39u);
  EXPECT_EQ(scanIterators(list("\"parallel\", #linalg.iterator_type<parallel>")), 51u);
  EXPECT_EQ(scanIterators(list("[\"parallel\"]")), 39u);
  EXPECT_EQ(scanIterators("linalg.generic {\"iterator_types\" = #list}"), 35u);
  EXPECT_EQ(scanIterators("linalg.generic {iterator_types = [\"parallel\""), 44u);
  EXPECT_EQ(scanIterators("linalg.generic {iterator_types}"), std::nullopt);
}

TEST(TextIterators, OfTheGenericFormAreItsParsersMatter) {
  const std::string list = "iterator_types = [#linalg.iterator_type<parallel>]";
  EXPECT_EQ(scanIterators("\"linalg.generic\"(%a) <{" + list + "}>"), std::nullopt);
  EXPECT_NE(scanIterators("\"linalg.generic\"() <{}> linalg.generic {" + list + "}"), std::nullopt);
}

} // namespace ccm::frontend
