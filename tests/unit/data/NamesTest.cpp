// SPDX-License-Identifier: Apache-2.0
// Names of indices: learned from a table of texts, kept beside checkpoints, given in files.
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {continuous("x", {1})};
const std::vector<ccm_port> kOutputs = {discrete("label", {}, 3)};

Result<Dataset> open(const Folder &folder, std::string_view csv, const DatasetOptions &options) {
  return openDataset(folder.write("t.csv", csv), kInputs, kOutputs, options);
}

TEST(Names, AreLearnedInOrderFromAColumnOfTexts) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,label\n1,dog\n2, cat \n3,dog\n", {.learnNames = true});
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->names()["label"], (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 0), std::vector<int32_t>{1});
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 1), std::vector<int32_t>{0});
}

TEST(Names, AreNotLearnedWhereAnyCellIsANumber) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,label\n1,dog\n2,1\n", {.learnNames = true});
  EXPECT_EQ(textOf(data), folder.path + "/t.csv:2:3: error: 'label' expects an integer below 3, "
                                        "got 'dog'\n");
}

TEST(Names, MoreThanThePortHasAreRefused) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,label\n1,a\n2,b\n3,c\n4,d\n", {.learnNames = true});
  EXPECT_EQ(textOf(data), folder.path + "/t.csv:1:3: error: column 'label' holds 4 different "
                                        "names, the port has 3 indices\n");
}

TEST(Names, UnknownOnesAreRefusedWithThoseThatAreKnown) {
  const Folder folder;
  const DatasetOptions options{.names = {{"label", {"cat", "dog"}}}};
  Result<Dataset> data = open(folder, "x,label\n1,dgo\n2,dog\n3,cow\n", options);
  EXPECT_EQ(textOf(data),
            folder.path +
                "/t.csv:2:3: error: 'label' expects one of the names cat, dog, got "
                "'dgo'\n" +
                folder.path +
                "/t.csv:4:3: error: 'label' expects one of the names cat, dog, got 'cow'\n");
}

TEST(Names, AreNotLearnedFromMissingCells) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,label\n1,dog\n2,NA\n3,cat\n4,\n", {.learnNames = true});
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 2);
  EXPECT_EQ(data->names()["label"], (std::vector<std::string>{"cat", "dog"}));
}

TEST(Names, ThatAreGivenAreNeverMissingOrFiles) {
  const Folder folder;
  const DatasetOptions options{.names = {{"label", {"-", "NA", "@home.txt"}}}};
  Result<Dataset> data = open(folder, "x,label\n1,NA\n2,-\n3,@home.txt\n4,?\n", options);
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->rows, 3);
  for (int32_t row = 0; row < 3; ++row)
    EXPECT_EQ(valuesAt<int32_t>(data->targets[0], row)[0], std::vector({1, 0, 2})[size_t(row)]);
}

TEST(Names, OfATrainingServeItsCheckpoint) {
  const Folder folder;
  const std::string out = folder.path + "/run";
  const std::string rows = "1 2 3,0,bee,0 0 0 0 0 0\n3 2 1,1,ant,1 1 1 1 1 1\n";
  const std::string table = folder.write("t.csv", "numbers,token,kind,curve\n" + rows);
  const Finished finished = run(verb("train", {"--data", table, "--out", out}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  EXPECT_NE(finished.error.find("note: 'kind' is one of 2 names: ant, bee\n"), std::string::npos)
      << finished.error;
  const std::string held =
      folder.write("v.csv", "numbers,token,kind,curve\n1 2 3,0,bee,0 0 0 0 0 0\n");
  const Finished eval = run(verb("eval", {"--data", held, "--checkpoint", out}));
  ASSERT_EQ(eval.code, 0) << eval.error;
  EXPECT_NE(eval.out.find("    bee "), std::string::npos) << eval.out;
  // Without a training the names are those that one would find, or of a file.
  const Finished fresh = run(verb("eval", {"--data", held}));
  EXPECT_EQ(fresh.code, 0) << fresh.error;
  EXPECT_NE(fresh.out.find("    bee "), std::string::npos) << fresh.out;
  const std::string names = folder.write("n.txt", "ant\r\nbee\r\n");
  EXPECT_EQ(run(verb("eval", {"--data", held, "--names", "kind=" + names})).code, 0);
  // A resumed training keeps the names it began with.
  const std::string other =
      folder.write("u.csv", "numbers,token,kind,curve\n1 2 3,0,wasp,0 0 0 0 0 0\n");
  const Finished resumed = run(verb("train", {"--data", other, "--out", out, "--resume"}));
  EXPECT_EQ(resumed.code, 1);
  EXPECT_NE(resumed.error.find("one of the names ant, bee, got 'wasp'"), std::string::npos)
      << resumed.error;
}

TEST(Names, OfBadFilesAreRefused) {
  const Folder folder;
  auto refusal = [&](const std::string &text, int code) {
    const std::string path = folder.write("n.txt", text);
    const Finished finished =
        run(verb("eval", {"--data", "synthetic:4", "--names", "kind=" + path}));
    EXPECT_EQ(finished.code, code) << finished.error;
    return finished.error;
  };
  EXPECT_NE(refusal("", 1).find("expects one name a line, got an empty file"), std::string::npos);
  EXPECT_NE(refusal("a\n\nb\n", 1).find(":2: expects a name"), std::string::npos);
  EXPECT_NE(refusal("a\nb\na\n", 1).find(":3: the name 'a' stands twice"), std::string::npos);
  EXPECT_NE(refusal("a\nb\nc\nd\ne\nf\n", 1).find("6 names for 'kind', which has 5 indices"),
            std::string::npos);
}

} // namespace
} // namespace ccm::data::test
