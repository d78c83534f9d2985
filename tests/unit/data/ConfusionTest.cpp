// SPDX-License-Identifier: Apache-2.0
// Confusions: what is counted, how it is drawn, and what eval says of it.
#include "data/Confusion.h"
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

TEST(Confusion, CountsPairs) {
  Confusion confusion(3);
  for (const auto &[target, predicted] : {std::pair(0, 0), {0, 0}, {0, 1}, {1, 1}})
    confusion.take(target, predicted);
  EXPECT_EQ(confusion.at(0, 1), 1);
  EXPECT_EQ(confusion.targets(0), 3);
  EXPECT_EQ(confusion.predictions(1), 2);
  EXPECT_DOUBLE_EQ(*confusion.recall(0), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*confusion.precision(1), 0.5);
  EXPECT_FALSE(confusion.recall(2)) << "never the target";
  EXPECT_FALSE(confusion.precision(2)) << "never predicted";
}

TEST(Confusion, DrawsCountsNamesAndRecall) {
  Confusion confusion(2);
  confusion.take(0, 0);
  confusion.take(0, 1);
  confusion.take(1, 1);
  const std::string svg = drawConfusion("a & b", confusion, {"<cat>", "dog"});
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
  for (const char *text : {">a &amp; b<", ">&lt;cat&gt;<", ">dog<", ">predicted<", ">target<",
                           ">recall<", ">50 %<", ">100 %<"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  EXPECT_EQ(drawConfusion("t", confusion, {}).find(">dog<"), std::string::npos);
}

TEST(Confusion, ManyClassesStaySmall) {
  Confusion confusion(Confusion::kMostClasses);
  for (int64_t i = 0; i < confusion.classes(); ++i)
    confusion.take(i, 0);
  const std::string svg = drawConfusion("t", confusion, {});
  EXPECT_LT(svg.size(), 200000u);
  EXPECT_EQ(svg.find(">recall<"), std::string::npos) << "no room for text";
}

TEST(Eval, TellsEveryClassAndDrawsThem) {
  const Folder folder;
  const std::string picture = folder.path + "/c.svg";
  const std::string names = folder.write("n.txt", "ant\nbee\ncat\ndog\neel\n");
  const Finished finished = run(verb(
      "eval", {"--data", "synthetic:100", "--confusion", picture, "--names", "kind=" + names}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  EXPECT_NE(finished.out.find("recall  precision  most often taken for"), std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("    bee "), std::string::npos) << finished.out;
  const std::string svg = *io::readFile(picture);
  EXPECT_NE(svg.find(">eel<"), std::string::npos);
  const Finished named =
      run(verb("eval", {"--data", "synthetic:100", "--confusion", "kind=" + picture, "--json"}));
  EXPECT_EQ(keysOf(jsonOf(named)), (std::vector<std::string>{"loss", "outputs"}));
}

TEST(Eval, RefusesPicturesThatCannotBe) {
  auto code = [](const char *option) {
    return run(verb("eval", {"--data", "synthetic:8", "--confusion", option})).code;
  };
  EXPECT_EQ(code("curve=c.svg"), 2);
  EXPECT_EQ(code("c.bmp"), 2);
  EXPECT_EQ(code("/nonexistent/c.svg"), 74);
}

} // namespace
} // namespace ccm::data::test
