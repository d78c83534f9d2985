// SPDX-License-Identifier: Apache-2.0
// Tables: what cells become, and the exact message for every cell that is wrong.
#include "data/Array.h"
#include "data/Image.h"
#include "tests/unit/data/TestData.h"

#include <unistd.h>

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {continuous("x", {1}), discrete("text", {4}, 128)};
const std::vector<ccm_port> kOutputs = {discrete("label", {}, 3)};

Result<Dataset> open(const Folder &folder, std::string_view csv) {
  return openDataset(folder.write("t.csv", csv), kInputs, kOutputs);
}

/// The problems of a table, without the folder in front.
std::string problemsOf(std::string_view csv) {
  const Folder folder;
  return withoutFolder(textOf(open(folder, csv)), folder);
}

TEST(Table, ReadsNumbersTextAndLabels) {
  const Folder folder;
  Result<Dataset> data = open(folder, "label,x,text\r\n2,-1.5e1,hi\r\n0, 0.25 ,\"a,bcdef\"\r\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 2);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), std::vector<float>{-15});
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), std::vector<float>{0.25});
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0), (std::vector<int32_t>{'h', 'i', 0, 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), (std::vector<int32_t>{'a', ',', 'b', 'c'}));
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 0), std::vector<int32_t>{2});
}

TEST(Table, EqualCellsShareASample) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,text,label\n1,a,0\n1,b,1\n1,a,0\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->inputs[0].samples->size(), 4u);
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1)[0], 'b');
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2)[0], 'a');
}

TEST(Table, NamesEveryBadCell) {
  EXPECT_EQ(problemsOf("x,text,label\n1,a,3\n\"1,5\",a,0\ninf,\xC3\xA9,-1\n"),
            "t.csv:2:5: error: 'label' expects an integer below 3, got '3'\n"
            "t.csv:3:1: error: 'x' expects a number, got '1,5', with a comma where only a decimal "
            "point may be\n"
            "t.csv:4:1: error: 'x' expects a number, got 'inf'\n"
            "t.csv:4:5: error: 'text' expects text of bytes below 128, got byte 195 at position 0 "
            "of '\xC3\xA9'\n"
            "t.csv:4:8: error: 'label' expects an integer below 3, got '-1'\n");
}

TEST(Table, RefusesWhatIsNoNumber) {
  EXPECT_EQ(problemsOf("x,text,label\n,a,0\n"),
            "t.csv:2:1: error: 'x' expects a number, got nothing; where values may be missing say "
            "\"missing\": \"learn\"\n");
  EXPECT_EQ(problemsOf("x,text,label\n1 2,a,0\n"),
            "t.csv:2:1: error: 'x' expects a number, got 2 numbers\n");
  EXPECT_EQ(problemsOf("x,text,label\n1e39,a,0\n"),
            "t.csv:2:1: error: 'x' expects a number, got '1e39', which f32 cannot hold\n");
  EXPECT_EQ(problemsOf("x,text,label\n1,a,1.5\n"),
            "t.csv:2:5: error: 'label' expects an integer below 3, got '1.5'\n");
}

TEST(Table, RefusesShortAndLongRows) {
  EXPECT_EQ(problemsOf("x,text,label\n1,a\n1\n1,a,0,7\n"),
            "t.csv:2:1: error: expects 3 cells, got 2\n"
            "t.csv:3:1: error: expects 3 cells, got 1\n"
            "t.csv:4:1: error: expects 3 cells, got 4\n");
}

TEST(Table, RefusesEmptyTables) {
  EXPECT_EQ(problemsOf(""), "t.csv: error: an empty table: expects a header of x, text, label\n");
  EXPECT_EQ(problemsOf("x,text,label\n"), "t.csv: error: a table without rows\n");
  EXPECT_EQ(problemsOf("x,text,label\n1,a,\n2,b,NA\n"),
            "t.csv: error: none of 2 rows has a value of 'label'\n");
}

TEST(Table, TellsTenProblemsAndHowManyMoreThereAre) {
  std::string csv = "x,text,label\n";
  for (int i = 0; i < 100; ++i)
    csv += "x" + std::to_string(i) + ",a,0\n1,a\n";
  const std::string text = problemsOf(csv);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
  EXPECT_TRUE(text.ends_with("t.csv:11:1: error: expects 3 cells, got 2\n"
                             "t.csv: error: and 190 more such problems\n"))
      << text;
}

TEST(Table, TellsABadCellWhereverItStands) {
  EXPECT_EQ(problemsOf("x,text,label\n1,a,0\nz,a,0\n2,a,0\nz,a,7\n"),
            "t.csv:3:1: error: 'x' expects a number, got 'z'\n"
            "t.csv:5:1: error: 'x' expects a number, got 'z'\n"
            "t.csv:5:5: error: 'label' expects an integer below 3, got '7'\n");
}

TEST(Table, ReadsFilesBeneathItsFolder) {
  const Folder folder;
  folder.write("note.txt", "dog\n");
  folder.write("note.md", "cat\n");
  Result<Dataset> data =
      open(folder, "x,@text,label\n1,note.txt,0\n1,@note.txt,0\n1, note.md ,0\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0), (std::vector<int32_t>{'d', 'o', 'g', 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), (std::vector<int32_t>{'d', 'o', 'g', 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2), (std::vector<int32_t>{'c', 'a', 't', 0}));
  EXPECT_EQ(data->files.size(), 4u);
}

TEST(Table, ATextIsATextWhateverItIsCalled) {
  const Folder folder;
  folder.write("a.txt", "dog\n");
  Result<Dataset> data = open(folder, "x,text,label\n1,@sam hi,0\n1,a.txt,0\n1,NA,0\n1,,0\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0), (std::vector<int32_t>{'@', 's', 'a', 'm'}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), (std::vector<int32_t>{'a', '.', 't', 'x'}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2), (std::vector<int32_t>{'N', 'A', 0, 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 3), (std::vector<int32_t>{0, 0, 0, 0}));
}

TEST(Table, ATypedTextIsAFileOnlyBehindAnAt) {
  const Field text = inputField(kInputs[1]), number = inputField(kInputs[0]);
  EXPECT_EQ(fileOf(text, "@a b", FileNames::typed), "a b");
  EXPECT_EQ(fileOf(text, "a.txt", FileNames::typed), std::nullopt);
  EXPECT_EQ(fileOf(number, "a.txt", FileNames::typed), "a.txt");
  EXPECT_EQ(fileOf(number, "@a", FileNames::cells), "a");
  EXPECT_EQ(fileOf(number, "1.5", FileNames::cells), std::nullopt);
  EXPECT_EQ(fileOf(number, "1.5", FileNames::all), "1.5");
}

TEST(Table, MissingFileIsAFileProblemWithItsPlace) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,@text,label\n1,gone.txt,0\n");
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().first().fault, Fault::file);
  EXPECT_EQ(data.error().first().place, folder.path + "/t.csv:2:3");
  EXPECT_NE(data.error().first().message.find("gone.txt"), std::string::npos);
}

TEST(Table, RefusesPathsThatLeaveItsFolder) {
  const Folder folder;
  for (const char *name : {"../t.txt", "/etc/hostname.txt", "@/etc/passwd"}) {
    Result<Dataset> data = open(folder, std::string("x,@text,label\n1,") + name + ",0\n");
    ASSERT_FALSE(data) << name;
    EXPECT_TRUE(data.error().first().message.ends_with("; --follow allows it")) << textOf(data);
  }
}

TEST(Table, FollowsPathsWhereItMay) {
  const Folder folder, other;
  const std::string away = other.write("t.txt", "dog");
  folder.write("here.txt", "cat");
  ASSERT_EQ(symlink(away.c_str(), (folder.path + "/link.txt").c_str()), 0);
  const std::string rows = "x,@text,label\n1," + away + ",0\n2,link.txt,0\n3,here.txt,0\n";
  const std::string path = folder.write("t.csv", rows);
  Result<Dataset> data = openDataset(path, kInputs, kOutputs, {.follow = true});
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0)[0], 'd');
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1)[0], 'd');
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2)[0], 'c');
  EXPECT_EQ(data->files[1], away);
  Result<Dataset> strict = openDataset(path, kInputs, kOutputs);
  EXPECT_EQ(textOf(strict), path + ":2:3: error: cannot open '" + away +
                                "': expected a relative path, found an absolute one; --follow "
                                "allows it\n" +
                                path +
                                ":3:3: error: cannot open 'link.txt': it is or goes through a "
                                "symbolic link; --follow allows it\n");
  // A zero byte would end a path early.
  folder.write("t.csv", std::string("x,@text,label\n1,here.txt") + '\0' + ",0\n");
  EXPECT_FALSE(openDataset(path, kInputs, kOutputs, {.follow = true}));
}

TEST(Table, ResizesImagesToThePort) {
  const Folder folder;
  const std::vector<float> pixels = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  folder.write("p.png", *encodePng(pixels, 4, 4, 1));
  const std::vector<ccm_port> inputs = {continuous("p", {2, 2, 3}, CCM_U8)};
  Result<Dataset> data = openDataset(folder.write("t.csv", "p,label\np.png,1\n"), inputs, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  const std::vector<uint8_t> sample = valuesAt<uint8_t>(data->inputs[0], 0);
  ASSERT_EQ(sample.size(), 12u);
  for (uint8_t value : sample)
    EXPECT_NEAR(value, 128, 40);
}

TEST(Table, RefusesAnImageForALabelAndASoundForAnImage) {
  const Folder folder;
  folder.write("p.png", *encodePng(std::vector<float>{0.5f}, 1, 1, 1));
  Result<Dataset> data = open(folder, "x,text,label\n1,a,p.png\n");
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().first().message,
            "'p.png': an image fills continuous ports of two extents and 1, 3 or 4 channels, "
            "'label' is one element");
}

/// Four bytes of picture, text and label each.
const std::vector<ccm_port> kPicture = {continuous("p", {2, 2, 1}, CCM_U8)};

std::string picture(float level) { return *encodePng(std::vector<float>(4, level), 2, 2, 1); }

TEST(Table, WhatDoesNotFitIntoMemoryIsReadAgain) {
  const Folder folder;
  folder.write("a.png", picture(0.2f));
  folder.write("b.png", picture(1));
  const std::string path = folder.write("t.csv", "p,label\na.png,0\nb.png,2\na.png,1\n");
  Result<Dataset> held = openDataset(path, kPicture, kOutputs);
  // Room for one picture; labels name no files and are kept in any case.
  Result<Dataset> read = openDataset(path, kPicture, kOutputs, {.memory = 7});
  ASSERT_TRUE(held && read) << textOf(held) << textOf(read);
  EXPECT_FALSE(held->readsCells());
  ASSERT_TRUE(read->readsCells());
  EXPECT_EQ(read->inputs[0].samples->size(), 4u);
  EXPECT_EQ(read->targets[0].samples->size(), 12u);
  for (int64_t row = 0; row < 3; ++row) {
    Bytes sample(4);
    ASSERT_TRUE(read->inputs[0].read(row, sample));
    EXPECT_TRUE(std::equal(sample.begin(), sample.end(), held->inputs[0].at(row).begin())) << row;
  }
  // Rows that a split takes are read from the same cells.
  Result<Split> split = splitDataset(*read, "0.34", kPicture, kOutputs);
  ASSERT_TRUE(split) << textOf(split);
  EXPECT_TRUE(split->validation.readsCells());
}

TEST(Table, WhatDoesNotFitIsCheckedAtOnceAllTheSame) {
  const Folder folder;
  folder.write("a.png", picture(0.2f));
  folder.write("b.png", picture(1).substr(0, 60));
  const std::string path = folder.write("t.csv", "p,label\na.png,0\nb.png,2\nc.png,9\n");
  Result<Dataset> data = openDataset(path, kPicture, kOutputs, {.memory = 0});
  EXPECT_EQ(textOf(data), path + ":3:1: error: 'b.png': a truncated PNG file\n" + path +
                              ":4:1: error: cannot open 'c.png': No such file or directory\n" +
                              path + ":4:7: error: 'label' expects an integer below 3, got '9'\n");
}

TEST(Table, AFileThatGoesAwayLaterIsAProblemOfItsCell) {
  const Folder folder;
  folder.write("a.png", picture(0.2f));
  const std::string path = folder.write("t.csv", "label,p\n0,a.png\n");
  Result<Dataset> data = openDataset(path, kPicture, kOutputs, {.memory = 0});
  ASSERT_TRUE(data) << textOf(data);
  folder.write("a.png", "");
  Bytes sample(4);
  EXPECT_EQ(textOf(data->inputs[0].read(0, sample)),
            path + ":2:3: error: 'a.png': expects a PNG or JPEG file, got an empty file\n");
}

TEST(Table, ReadsQuotesOverLinesAndAByteOrderMark) {
  const Folder folder;
  Result<Dataset> data =
      open(folder, "\xEF\xBB\xBFx,text,label\r\n1,\"a\nb\",0\r\n2,\"\"\"c\"\"\",1");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 2);
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0), (std::vector<int32_t>{'a', '\n', 'b', 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), (std::vector<int32_t>{'"', 'c', '"', 0}));
}

TEST(Table, NamesThePlaceOfAQuoteThatIsNotClosed) {
  EXPECT_EQ(problemsOf("x,text,label\n1,\"a,0\n2,b,1\n"),
            "t.csv:2:3: error: a quote is not closed\n");
  EXPECT_EQ(problemsOf("x,text,label\n1,a\"b,0\n"),
            "t.csv:2:4: error: a quote inside a cell: the whole cell must be quoted, quotes "
            "doubled\n");
}

TEST(Table, ColumnsThatAreIgnoredAreNotRead) {
  const Folder folder;
  const std::string path = folder.write("t.csv", "label,x,text\nnothing,1,a\n,2,b\n");
  Result<Dataset> data = openDataset(path, kInputs, {}, {.ignored = {"label"}});
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), std::vector<float>{2});
  EXPECT_TRUE(data->notes.empty());
}

TEST(Table, BlanksAroundCellsAreNothing) {
  const Folder folder;
  folder.write("p.png", picture(1));
  Result<Dataset> data =
      openDataset(folder.write("t.csv", " p ,\tlabel\n p.png , 2 \n"), kPicture, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 0)[0], 2);
}

TEST(Table, ReadsNpyCells) {
  const Folder folder;
  folder.write("v.npy", writeNpy(std::vector<float>{1, 2, 3}, std::vector<int64_t>{3}));
  const std::vector<ccm_port> inputs = {continuous("v", {3})};
  Result<Dataset> data =
      openDataset(folder.write("t.csv", "v,label\nv.npy,1\n7 8 9,2\n"), inputs, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), (std::vector<float>{7, 8, 9}));
}

TEST(Table, DigestTellsRowsApartWhateverIsKept) {
  const Folder folder;
  for (const char *name : {"a.txt", "b.txt"})
    folder.write(name, name);
  auto digest = [&](const std::string &rows, uint64_t memory) {
    Result<Dataset> data = openDataset(folder.write("t.csv", "x,@text,label\n" + rows), kInputs,
                                       kOutputs, {.memory = memory});
    EXPECT_TRUE(data) << textOf(data);
    return data->digest();
  };
  const std::string rows = "1,a.txt,0\n2,b.txt,1\n";
  EXPECT_EQ(digest(rows, 1 << 20), digest(rows, 0));
  EXPECT_NE(digest(rows, 0), 0u);
  for (const char *other : {"2,b.txt,1\n1,a.txt,0\n", "1,a.txt,0\n2,b.txt,0\n",
                            "1,a.txt,0\n3,b.txt,1\n", "1,a.txt,0\n2,a.txt,1\n"})
    EXPECT_NE(digest(rows, 0), digest(other, 0)) << other;
}

} // namespace
} // namespace ccm::data::test
