// SPDX-License-Identifier: Apache-2.0
// Which rows are held out of a training: how many, of which classes, and the same ones every time.
#include "tests/unit/data/TestData.h"

#include <map>
#include <numeric>
#include <set>

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {continuous("numbers", {5})};
const std::vector<ccm_port> kOutputs = {continuous("curve", {2}), discrete("tags", {4}, 20),
                                        discrete("kind", {}, 10)};

Dataset make(int64_t count) {
  Result<Dataset> data = openDataset("synthetic:" + std::to_string(count), kInputs, kOutputs);
  EXPECT_TRUE(data) << textOf(data);
  return *data;
}

TEST(Split, TakesAFixedFraction) {
  Result<Split> one = splitDataset(make(100), "0.2", kInputs, kOutputs);
  Result<Split> two = splitDataset(make(100), "0.2", kInputs, kOutputs);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->training.rows, 80);
  EXPECT_EQ(one->validation.rows, 20);
  EXPECT_EQ(one->validation.inputs[0].rows, two->validation.inputs[0].rows);
  std::set<uint32_t> all(one->training.inputs[0].rows.begin(), one->training.inputs[0].rows.end());
  all.insert(one->validation.inputs[0].rows.begin(), one->validation.inputs[0].rows.end());
  EXPECT_EQ(all.size(), 100u);
}

TEST(Split, KeepsARowOnEitherSide) {
  Result<Split> split = splitDataset(make(2), "0.01", kInputs, kOutputs);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->training.rows, 1);
  EXPECT_EQ(split->validation.rows, 1);
}

TEST(Split, RefusesWhatIsNoFraction) {
  EXPECT_FALSE(splitDataset(make(10), "1", kInputs, kOutputs));
  EXPECT_FALSE(splitDataset(make(10), "nan", kInputs, kOutputs));
  EXPECT_EQ(textOf(splitDataset(make(10), "1.5", kInputs, kOutputs)),
            "error: validation expects a fraction between 0 and 1 of at least 2 rows, got 1.500000 "
            "of 10\n");
  EXPECT_EQ(textOf(splitDataset(make(10), "-0.1", kInputs, kOutputs)),
            "error: validation expects a fraction between 0 and 1 of at least 2 rows, got "
            "-0.100000 of 10\n");
  EXPECT_FALSE(splitDataset(make(1), "0.5", kInputs, kOutputs));
}

/// Rows of these classes, as if a file had them.
Dataset rowsOf(const std::vector<int32_t> &classes) {
  Dataset data = make(int64_t(classes.size()));
  data.files = {"t.csv"};
  auto bytes = std::as_bytes(std::span(classes));
  data.targets.back().samples = std::make_shared<Bytes>(bytes.begin(), bytes.end());
  std::iota(data.targets.back().rows.begin(), data.targets.back().rows.end(), 0u);
  return data;
}

std::map<int32_t, int64_t> classesIn(const Dataset &data) {
  std::map<int32_t, int64_t> counts;
  for (int64_t row = 0; row < data.rows; ++row)
    ++counts[valuesAt<int32_t>(data.targets.back(), row)[0]];
  return counts;
}

using Counts = std::map<int32_t, int64_t>;

TEST(Split, TakesOfEveryClassItsShare) {
  std::vector<int32_t> classes(300);
  for (int i = 0; i < 300; ++i)
    classes[size_t(i)] = i < 152 ? 0 : i < 220 ? 1 : 2; // in order, as tables often are
  for (const char *share : {"0.1", ""}) {
    Result<Split> split = splitDataset(rowsOf(classes), share, kInputs, kOutputs);
    ASSERT_TRUE(split);
    EXPECT_EQ(classesIn(split->validation), (Counts{{0, 15}, {1, 7}, {2, 8}})) << share;
    EXPECT_EQ(classesIn(split->training), (Counts{{0, 137}, {1, 61}, {2, 72}})) << share;
  }
}

TEST(Split, HoldsATenthOfFilesByDefault) {
  auto held = [](size_t rows, const char *validation) {
    Result<Split> split =
        splitDataset(rowsOf(std::vector<int32_t>(rows, 1)), validation, kInputs, kOutputs);
    EXPECT_TRUE(split) << textOf(split);
    return split ? split->validation.rows : -1;
  };
  EXPECT_EQ(held(99, ""), 0);
  EXPECT_EQ(held(100, ""), 10);
  EXPECT_EQ(held(9'999, ""), 999);
  EXPECT_EQ(held(30'000, ""), 1'000);
  EXPECT_EQ(held(1'000, "0"), 0);
  EXPECT_EQ(held(1'000, "0.0"), 0);
  EXPECT_EQ(splitDataset(make(1'000), "", kInputs, kOutputs)->validation.rows, 0)
      << "what is made up holds nothing back";
}

TEST(Split, OpensOtherData) {
  Result<Split> split = splitDataset(make(10), "synthetic:4", kInputs, kOutputs);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->training.rows, 10);
  EXPECT_EQ(split->validation.rows, 4);
}

} // namespace
} // namespace ccm::data::test
