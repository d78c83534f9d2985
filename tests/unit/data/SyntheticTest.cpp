// SPDX-License-Identifier: Apache-2.0
// Synthetic data: fixed bits, rows that do not depend on their number, targets that follow inputs.
#include "tests/unit/data/TestData.h"

#include <set>

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {
    continuous("image", {17, 11, 3}), continuous("bytes", {9, 9, 1}, CCM_U8),
    discrete("text", {48}, 256), discrete("label", {}, 67), continuous("numbers", {5})};
const std::vector<ccm_port> kOutputs = {continuous("sound", {200, 1}), discrete("tags", {48}, 20),
                                        discrete("kind", {}, 10)};

/// FNV-1a over all samples.
uint64_t hashOf(Dataset &data) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const Column *column : data.columns())
    for (std::byte byte : *column->samples)
      hash = (hash ^ uint64_t(byte)) * 0x100000001B3u;
  return hash;
}

Dataset make(int64_t count) {
  Result<Dataset> data = openDataset("synthetic:" + std::to_string(count), kInputs, kOutputs);
  EXPECT_TRUE(data) << textOf(data);
  return *data;
}

TEST(Synthetic, HasFixedBits) {
  Dataset data = make(20);
  EXPECT_EQ(hashOf(data), 6373599348957299183u);
}

TEST(Synthetic, ARowDoesNotDependOnTheCount) {
  Dataset few = make(3), many = make(7);
  for (size_t port = 0; port < few.columns().size(); ++port)
    EXPECT_TRUE(std::ranges::equal(few.columns()[port]->at(2), many.columns()[port]->at(2)));
}

TEST(Synthetic, StaysInItsRanges) {
  Dataset data = make(100);
  for (int64_t row = 0; row < data.rows; ++row) {
    for (float value : valuesAt<float>(data.targets[0], row))
      EXPECT_TRUE(value >= 0 && value <= 1);
    for (int32_t tag : valuesAt<int32_t>(data.targets[1], row))
      EXPECT_TRUE(tag >= 0 && tag < 20);
    for (int32_t byte : valuesAt<int32_t>(data.inputs[2], row))
      EXPECT_TRUE(byte >= 0 && byte < 256);
  }
}

TEST(Synthetic, EveryInputMovesTheTargets) {
  Dataset all = make(50);
  for (size_t changed = 0; changed < kInputs.size(); ++changed) {
    // Another extent or vocabulary changes what this input holds, and nothing of the others.
    std::vector<ccm_port> inputs = kInputs;
    inputs[changed] =
        inputs[changed].vocabulary > 0 ? discrete("other", {3}, 7) : continuous("other", {2, 2});
    Result<Dataset> data = openDataset("synthetic:50", inputs, kOutputs);
    ASSERT_TRUE(data);
    for (size_t other = 0; other < inputs.size(); ++other)
      EXPECT_EQ(*data->inputs[other].samples == *all.inputs[other].samples, other != changed);
    EXPECT_NE(*data->targets[0].samples, *all.targets[0].samples) << changed;
  }
}

TEST(Synthetic, TargetsVary) {
  Dataset data = make(200);
  std::set<int32_t> kinds;
  for (int64_t row = 0; row < data.rows; ++row)
    kinds.insert(valuesAt<int32_t>(data.targets[2], row)[0]);
  EXPECT_GE(kinds.size(), 4u);
  double sum = 0, squares = 0;
  for (int64_t row = 0; row < data.rows; ++row) {
    const double value = double(valuesAt<float>(data.targets[0], row)[100]);
    sum += value, squares += value * value;
  }
  EXPECT_GT(squares / 200 - sum * sum / 40000, 0.01);
}

TEST(Synthetic, RefusesCountsThatMakeNoSense) {
  for (const char *spec : {"synthetic:", "synthetic:0", "synthetic:-3", "synthetic:3x"})
    EXPECT_EQ(textOf(openDataset(spec, kInputs, kOutputs)),
              std::string("error: data '") + spec + "': expects a number of samples, at least 1\n");
  EXPECT_EQ(textOf(openDataset("synthetic:4000000000", kInputs, kOutputs)),
            "error: synthetic:4000000000 needs more than 2^36 bytes\n");
}

} // namespace
} // namespace ccm::data::test
