// SPDX-License-Identifier: Apache-2.0
// Tables as they are: titles of columns, names of indices and gaps that ports say of themselves.
#include "tests/unit/data/TestData.h"

#include <cmath>

namespace ccm::data::test {
namespace {

const char *const kMeasures[] = {"Bill (mm)", "Mass, g"}, *const kIsland[] = {"Island"},
                  *const kIslands[] = {"Biscoe", "Dream"}, *const kKinds[] = {"7", "-1", "30"},
                  *const kClass[] = {"class"};

/// Two measures of which some are missing, an island that may be unknown.
std::vector<ccm_port> inputs() {
  std::vector<ccm_port> ports = {continuous("measure", {2}), discrete("island", {}, 3)};
  ports[0].columns = kMeasures, ports[0].column_count = 2, ports[0].missing = 1;
  ports[1].columns = kIsland, ports[1].column_count = 1;
  ports[1].names = kIslands, ports[1].name_count = 2, ports[1].unknown = 3;
  return ports;
}

/// A kind that is written as an integer.
std::vector<ccm_port> outputs() {
  std::vector<ccm_port> ports = {discrete("kind", {}, 3)};
  ports[0].columns = kClass, ports[0].column_count = 1;
  ports[0].names = kKinds, ports[0].name_count = 3;
  return ports;
}

Result<Dataset> open(const Folder &folder, std::string_view csv,
                     const DatasetOptions &options = {}) {
  return openDataset(folder.write("t.csv", csv), inputs(), outputs(), options);
}

std::string problemsOf(std::string_view csv) {
  const Folder folder;
  return withoutFolder(textOf(open(folder, csv)), folder);
}

TEST(Titles, ColumnsFillElementsInTheOrderOfThePort) {
  const Folder folder;
  Result<Dataset> data = open(
      folder, "\"Mass, g\";id;class;Island;Bill (mm)\n4100;a;7;Dream;39,5\n1;b;30.0;Biscoe;2\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector<float>{39.5, 4100}));
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), (std::vector<float>{2, 1}));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 0), std::vector{1});
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 0), std::vector{0});
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 1), std::vector{2});
  EXPECT_EQ(data->notes, std::vector{folder.path + "/t.csv: columns passed over: id"});
}

TEST(Titles, WhatIsMissingOrUnknownIsCounted) {
  const Folder folder;
  Result<Dataset> data = open(folder, "Bill (mm),\"Mass, g\",Island,class\n"
                                      "NA,5,Dream,7\n1,,Elba,7\nNA,5,,-1\n,NA,Elba,30\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_TRUE(std::isnan(valuesAt<float>(data->inputs[0], 0)[0]));
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0)[1], 5);
  EXPECT_TRUE(std::isnan(valuesAt<float>(data->inputs[0], 1)[1]));
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 1), std::vector{2});
  EXPECT_EQ(valuesAt<int32_t>(data->inputs[1], 2), std::vector{2});
  EXPECT_EQ(data->notes,
            (std::vector{folder.path + "/t.csv: 5 cells of 'measure' are missing",
                         folder.path + "/t.csv: 1 cells of 'island' are missing: they are unknown",
                         folder.path + "/t.csv: 2 cells of 'island' hold none of its values, the "
                                       "first 'Elba' in line 3: they are unknown"}));
}

TEST(Titles, RefusalsPointAtTheCell) {
  EXPECT_EQ(problemsOf("Bill (mm),\"Mass, g\",Island,class\n1,x,Dream,0\n"),
            "t.csv:2:3: error: 'measure' expects a number, got 'x'\n"
            "t.csv:2:11: error: 'kind' expects one of the names 7, -1, 30, got '0'\n");
  EXPECT_EQ(problemsOf("Bill (mm),Mass,Island,class\n1,2,Dream,7\n"),
            "t.csv:1:1: error: no column 'Mass, g' for port 'measure' among Mass; did you mean "
            "'Mass'?\n");
  EXPECT_EQ(problemsOf("Bill (mm),\"Mass, g\",Island,class,Island\n1,2,Dream,7,Dream\n"),
            "t.csv:1:34: error: column 'Island' stands twice\n");
}

TEST(Titles, NamesOfTheModelAreItsOwn) {
  const Folder folder;
  EXPECT_EQ(textOf(open(folder, "class\n", {.names = {{"kind", {"a", "b", "c"}}}})),
            "error: names for 'kind', whose indices the model names itself\n");
}

TEST(Titles, AColumnMayBeOfSeveralPorts) {
  const Folder folder;
  std::vector<ccm_port> in = {continuous("a", {2}), continuous("b", {1})};
  static const char *const kBoth[] = {"x", "x"};
  in[0].columns = kBoth, in[0].column_count = 2;
  in[1].columns = kBoth, in[1].column_count = 1;
  Result<Dataset> data = openDataset(folder.write("t.csv", "x\n3\n"), in, {});
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector<float>{3, 3}));
  EXPECT_EQ(valuesAt<float>(data->inputs[1], 0), std::vector<float>{3});
}

TEST(Titles, ATypedValueHasGapsAndNamesToo) {
  Field measure = inputField(inputs()[0]), island = inputField(inputs()[1]);
  const auto read = [](const std::string &) { return Result<std::string>(std::string()); };
  std::vector<float> numbers(2);
  ASSERT_TRUE(fillSample(measure, "39.5 NA", FileNames::typed, read, 8000,
                         std::as_writable_bytes(std::span(numbers))));
  EXPECT_EQ(numbers[0], 39.5f);
  EXPECT_TRUE(std::isnan(numbers[1]));
  std::vector<int32_t> index(1);
  ASSERT_TRUE(fillSample(island, "Elba", FileNames::typed, read, 8000,
                         std::as_writable_bytes(std::span(index))));
  EXPECT_EQ(index[0], 2);
}

TEST(Titles, IndicesAndNamesInC) {
  const std::vector<ccm_port> in = inputs(), out = outputs();
  EXPECT_EQ(ccm_index(&in[1], "Dream"), 1);
  EXPECT_EQ(ccm_index(&in[1], "Elba"), 2);
  EXPECT_EQ(ccm_index(&out[0], "8"), -1);
  EXPECT_STREQ(ccm_name(&out[0], 1), "-1");
  EXPECT_EQ(ccm_name(&out[0], 3), nullptr);
  EXPECT_EQ(ccm_name(&in[1], 2), nullptr);
}

} // namespace
} // namespace ccm::data::test
