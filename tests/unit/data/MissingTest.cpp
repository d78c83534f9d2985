// SPDX-License-Identifier: Apache-2.0
// Cells without a value: rows that are left out, inputs that rows may lack, and errors.
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

/// An optional number, an optional text, and a number that must be there; then their presences.
std::vector<ccm_port> inputs() {
  std::vector<ccm_port> ports = {continuous("x", {1}), discrete("text", {2}, 128),
                                 continuous("z", {1}), continuous("x_present", {1}),
                                 continuous("text_present", {1})};
  ports[0].partner = 4;
  ports[1].partner = 5;
  ports[3].draw = ports[4].draw = CCM_PRESENCE;
  ports[3].partner = 1;
  ports[4].partner = 2;
  return ports;
}

const std::vector<ccm_port> kOutputs = {continuous("y", {1}), discrete("label", {}, 3)};

Result<Dataset> open(const Folder &folder, std::string_view csv,
                     const DatasetOptions &options = {}) {
  return openDataset(folder.write("t.csv", csv), inputs(), kOutputs, options);
}

TEST(Missing, RowsWithoutATargetAreLeftOut) {
  const Folder folder;
  Result<Dataset> data = open(folder, "z,y,label\n1,NA,0\n2,5,1\n3,,\n?,null,2\n4,6,None\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 1);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), std::vector{2.0f});
  EXPECT_EQ(data->notes,
            std::vector<std::string>{folder.path + "/t.csv: left out 4 of 5 rows, which have no "
                                                   "value of 'label', 'y'"});
}

TEST(Missing, OptionalInputsSayWhichRowsHaveThem) {
  const Folder folder;
  Result<Dataset> data =
      open(folder, "x,text,z,y,label\n7,hi,1,1,0\nnan,,2,2,1\n8,NA,3,3,2\n9,ab,4,NA,2\n,x,5,5,0\n");
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->inputs.size(), 5u);
  const Column *x = data->find("x_present"), *text = data->find("text_present");
  ASSERT_TRUE(x && text);
  EXPECT_EQ(x->port, 3);
  EXPECT_EQ(text->port, 4);
  const std::vector<float> present[] = {{1, 0, 1, 0}, {1, 0, 1, 1}};
  for (int64_t row = 0; row < 4; ++row) {
    EXPECT_EQ(valuesAt<float>(*x, row)[0], present[0][size_t(row)]) << row;
    EXPECT_EQ(valuesAt<float>(*text, row)[0], present[1][size_t(row)]) << row;
  }
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), std::vector{0.0f});
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2), (std::vector<int32_t>{'N', 'A'}));
}

TEST(Missing, PresenceIsGivenOnlyWhereRowsDiffer) {
  const Folder folder;
  Result<Dataset> data = open(folder, "x,z,y,label\n7,1,1,0\n8,2,2,1\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->inputs.size(), 2u);
  EXPECT_NE(data->digest(), open(folder, "x,z,y,label\n7,1,1,0\n,2,2,1\n")->digest());
}

TEST(Missing, FilesMayBeToo) {
  const Folder folder;
  folder.write("a.txt", "hi");
  const std::string table = folder.write("t.csv", "@text,z,y,label\na.txt,1,1,0\nNA,2,2,1\n");
  for (uint64_t memory : {uint64_t(0), uint64_t(1) << 20}) {
    Result<Dataset> data = openDataset(table, inputs(), kOutputs, {.memory = memory});
    ASSERT_TRUE(data) << textOf(data);
    EXPECT_EQ(data->readsCells(), memory == 0);
    Bytes sample(8, std::byte(1));
    ASSERT_TRUE(data->inputs[0].read(1, sample));
    EXPECT_EQ(sample, Bytes(8));
    EXPECT_EQ(valuesAt<float>(*data->find("text_present"), 1), std::vector{0.0f});
  }
}

TEST(Missing, AnInputThatMustBeThereIsNamedInEveryRow) {
  const Folder folder;
  const std::string start = folder.path + "/t.csv:", end = "; where values may be missing say "
                                                           "\"missing\": \"learn\"\n";
  EXPECT_EQ(textOf(open(folder, "z,y,label\nNA,1,0\n1,1,0\n,1,0\nNA,2,0\n")),
            start + "2:1: error: 'z' expects a number, got 'NA', a missing value" + end + start +
                "4:1: error: 'z' expects a number, got nothing" + end + start +
                "5:1: error: 'z' expects a number, got 'NA', a missing value" + end);
}

TEST(Missing, AreTheWordsThatWereGiven) {
  const Folder folder;
  const DatasetOptions options{.missing = {".", "-1"}};
  Result<Dataset> data = open(folder, "z,y,label\n1,.,0\n2,5,-1\n3,6,0\n4,7,\n", options);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 1);
  EXPECT_EQ(textOf(open(folder, "z,y,label\n1,NA,0\n", options)),
            folder.path + "/t.csv:2:3: error: 'y' expects a number, got 'NA'\n");
}

} // namespace
} // namespace ccm::data::test
