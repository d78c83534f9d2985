// SPDX-License-Identifier: Apache-2.0
// Windows over the rows of a table: what a sample has, and what borders they keep.
#include "tests/unit/data/TestData.h"

#include <cmath>
#include <set>

namespace ccm::data::test {
namespace {

const char *const kHeat[] = {"heat"}, *const kBoth[] = {"heat", "load"};

/// Three rows of two columns, and the hour of the last.
std::vector<ccm_port> inputs(int64_t stride) {
  std::vector<ccm_port> ports = {continuous("past", {3, 2}), continuous("hour", {1})};
  ports[0].columns = kBoth, ports[0].column_count = 2;
  ports[0].steps = 3, ports[0].stride = stride;
  return ports;
}

/// The next two rows.
std::vector<ccm_port> outputs() {
  std::vector<ccm_port> ports = {continuous("next", {2, 1})};
  ports[0].columns = kHeat, ports[0].column_count = 1;
  ports[0].steps = 2, ports[0].horizon = 2;
  return ports;
}

/// `count` rows from heat `first` on, each one warmer; load is its negative.
std::string rows(int first, int count, const std::string &station = "") {
  std::string text;
  for (int i = first; i < first + count; ++i)
    text += std::to_string(i) + "," + std::to_string(-i) + "," + std::to_string(i % 24) + station +
            "\n";
  return text;
}

Result<Dataset> open(const Folder &folder, std::string_view csv, int64_t stride = 1,
                     const DatasetOptions &options = {}) {
  return openDataset(folder.write("t.csv", csv), inputs(stride), outputs(), options);
}

TEST(Series, AWindowIsRowsAndTheTargetIsAhead) {
  const Folder folder;
  Result<Dataset> data = open(folder, "heat,load,hour\n" + rows(0, 8), 2);
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->rows, 2); // that end at rows 2 and 4; the targets of one at 6 would end at 8
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector<float>{0, 0, 1, -1, 2, -2}));
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), (std::vector<float>{2, -2, 3, -3, 4, -4}));
  EXPECT_EQ(valuesAt<float>(data->inputs[1], 1), std::vector<float>{4});
  EXPECT_EQ(valuesAt<float>(data->targets[0], 0), (std::vector<float>{3, 4}));
  EXPECT_EQ(valuesAt<float>(data->targets[0], 1), (std::vector<float>{5, 6}));
  EXPECT_EQ(data->inputs[0].samples->size(), 8u * 2 * 4) << "a row is stored once";
}

TEST(Series, NoWindowHasRowsOfTwoSeries) {
  const Folder folder;
  const std::string table = "heat,load,hour,station\n" + rows(0, 6, ",a") + rows(100, 3, ",b") +
                            rows(6, 1, ",a") + rows(200, 5, ",c");
  Result<Dataset> data = open(folder, table, 1, {.group = "station"});
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->rows, 4); // of a, whose rows stand in two places, three; of c one
  for (int64_t sample = 0; sample < 4; ++sample) {
    const std::vector<float> past = valuesAt<float>(data->inputs[0], sample);
    EXPECT_EQ(past[4], past[0] + 2) << sample;
    EXPECT_EQ(valuesAt<float>(data->targets[0], sample)[1], past[0] + 4) << sample;
  }
  EXPECT_EQ(data->series, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(data->notes,
            std::vector{folder.path + "/t.csv: 1 of 3 series have fewer than the 5 rows "
                                      "of a sample"});
}

TEST(Series, TheLastWindowOfEachIsForForecasts) {
  const Folder folder;
  const std::string table =
      folder.write("t.csv", "heat,load,hour,station\n" + rows(0, 6, ",a") + rows(100, 4, ",b"));
  Result<Dataset> data = openDataset(table, inputs(2), {}, {.group = "station", .lastOnly = true});
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->rows, 2);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0)[4], 5);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1)[4], 103);
}

TEST(Series, SamplesWithoutATargetAreLeftOut) {
  const Folder folder;
  std::vector<ccm_port> in = {continuous("past", {2, 1})}, out = {continuous("y", {1})};
  in[0].steps = 2, in[0].stride = 1;
  Result<Dataset> data =
      openDataset(folder.write("t.csv", "past,y\n1,1\n2,2\n3,\n4,4\n"), in, out, {});
  ASSERT_TRUE(data) << textOf(data);
  ASSERT_EQ(data->rows, 2);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), (std::vector<float>{3, 4}));
  EXPECT_EQ(data->notes, std::vector{folder.path + "/t.csv: left out 1 of 3 samples, whose targets "
                                                   "have no value"});
}

TEST(Series, RefusesWhatHasNoSample) {
  const Folder folder;
  EXPECT_EQ(textOf(open(folder, "heat,load,hour\n" + rows(0, 4))),
            folder.path +
                "/t.csv: error: no series has 5 rows with targets, as a sample needs: the "
                "longest has 4\n");
  EXPECT_EQ(textOf(open(folder, "heat,load,hour\n" + rows(0, 9), 1, {.group = "station"})),
            folder.path + "/t.csv:1:1: error: no column 'station', which tells the series apart\n");
  EXPECT_EQ(textOf(open(folder, "heat,load,hour\n1,2,3\n1,NA,3\n" + rows(0, 4))),
            folder.path + "/t.csv:3:3: error: 'past' expects a number, got 'NA', a missing value; "
                          "where values may be missing say \"missing\": \"learn\"\n");
}

/// All heats that samples have, of inputs and targets.
std::set<float> heatsOf(const Dataset &data) {
  std::set<float> heats;
  for (int64_t sample = 0; sample < data.rows; ++sample) {
    for (size_t i = 0; i < 6; i += 2)
      heats.insert(valuesAt<float>(data.inputs[0], sample)[i]);
    for (float heat : valuesAt<float>(data.targets[0], sample))
      heats.insert(heat);
  }
  return heats;
}

TEST(Series, NoRowIsTrainedAndValidated) {
  const Folder folder;
  const std::string table = "heat,load,hour,station\n" + rows(0, 60, ",a") + rows(1000, 90, ",b");
  Result<Dataset> data = open(folder, table, 1, {.group = "station"});
  ASSERT_TRUE(data) << textOf(data);
  Result<Split> split = splitDataset(*data, "0.2", inputs(1), outputs());
  ASSERT_TRUE(split) << textOf(split);
  EXPECT_EQ(split->validation.rows, 28); // of 142
  EXPECT_EQ(split->training.rows, 142 - 28 - 2 * 4);
  const std::set<float> training = heatsOf(split->training), held = heatsOf(split->validation);
  for (float heat : held)
    EXPECT_EQ(training.count(heat), 0u) << heat;
  EXPECT_EQ(held.count(59), 1u);
  EXPECT_EQ(held.count(1089), 1u);
}

} // namespace
} // namespace ccm::data::test
