// SPDX-License-Identifier: Apache-2.0
// Numbers as people write them, and why others are none.
#include "data/Array.h"
#include "data/Sample.h"
#include "data/Sound.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {continuous("x", {1})};
const std::vector<ccm_port> kOutputs = {continuous("y", {1})};

TEST(Number, IsReadAsItIsWritten) {
  EXPECT_EQ(numberOf("+1"), 1.0);
  EXPECT_EQ(numberOf("-.5e+1"), -5.0);
  EXPECT_EQ(numberOf("1e-310"), 1e-310);
  for (const char *text :
       {"1e-400", "+1E-400", "0.00000001e-320", "1e-99999999999999999999", "-1e-5000", "0e400"})
    EXPECT_EQ(numberOf(text), 0.0) << text;
  for (const char *text : {"1e400", "-1E400", "100000000e305", "1e99999999999999999999", "+-1",
                           "++1", "0x10", "1,5", "inf", "nan", "", "+", "1 2"})
    EXPECT_FALSE(numberOf(text)) << text;
  EXPECT_EQ(numberOf("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_FALSE(numberOf("1" + std::string(400, '0')));
}

/// What a table of one number says of it.
std::string saidOf(const std::string &cell, const char *separator = ",") {
  const Folder folder;
  const std::string path = folder.write("t.csv", std::string("x") + separator + "y\n\"" + cell +
                                                     "\"" + separator + "1\n");
  const std::string text = textOf(openDataset(path, kInputs, kOutputs));
  const std::string start = path + ":2:1: error: 'x' expects a number, got ";
  return text.starts_with(start) ? text.substr(start.size()) : text;
}

TEST(Number, TellsWhyItIsNone) {
  EXPECT_EQ(saidOf("0x1F"), "'0x1F', a hexadecimal number\n");
  EXPECT_EQ(saidOf("1,234"), "'1,234', with a comma where only a decimal point may be\n");
  EXPECT_EQ(saidOf("-1,234.5", ";"),
            "'-1,234.5', with a comma where only a decimal point may be\n");
  EXPECT_EQ(saidOf("1,234,567", ";"),
            "'1,234,567', with a comma where only a decimal point may be\n");
  EXPECT_EQ(saidOf("1E400"), "'1E400', which is not finite\n");
  EXPECT_EQ(saidOf("1e39"), "'1e39', which f32 cannot hold\n");
  EXPECT_EQ(saidOf("inf"), "'inf'\n");
  EXPECT_EQ(saidOf("12 cm"), "'cm'\n");
}

TEST(Number, YesAndNoAreOneAndZero) {
  const Folder folder;
  const std::vector<ccm_port> inputs = {continuous("x", {1}), continuous("byte", {1}, CCM_U8)};
  const std::vector<ccm_port> pair = {continuous("x", {2}), continuous("byte", {1}, CCM_U8)};
  for (const char *one : {"True", "true", "TRUE", "yes", "Yes"}) {
    const std::string table =
        folder.write("t.csv", std::string("x,byte,y\n") + one + ",False,0\nno," + one + ",false\n");
    Result<Dataset> data = openDataset(table, inputs, kOutputs);
    ASSERT_TRUE(data) << one << textOf(data);
    EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), std::vector{1.0f});
    EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), std::vector{0.0f});
    EXPECT_EQ(valuesAt<uint8_t>(data->inputs[1], 1), std::vector<uint8_t>{255}); // read as 1
    EXPECT_EQ(valuesAt<float>(data->targets[0], 1), std::vector{0.0f});
    EXPECT_FALSE(openDataset(table, pair, kOutputs));
  }
}

TEST(Number, OfBceIsFromZeroToOne) {
  const Folder folder;
  const std::vector<ccm_port> outputs = {continuous("y", {1})};
  auto said = [&](const std::string &rows) {
    std::string text = textOf(
        openDataset(folder.write("t.csv", "x,y\n" + rows), kInputs, outputs, {.fractions = {"y"}}));
    return text.substr(std::min(text.size(), folder.path.size() + 1));
  };
  EXPECT_EQ(textOf(openDataset(folder.write("t.csv", "x,y\n7,0\n-7,1\n1,True\n1,0.25\n"), kInputs,
                               outputs, {.fractions = {"y"}})),
            "no problem");
  EXPECT_EQ(said("1,2\n1,-1\n1,2\n"),
            "t.csv:2:3: error: 'y' is compared by bce and expects 0 to 1, got '2'\n" + folder.path +
                "/t.csv:3:3: error: 'y' is compared by bce and expects 0 to 1, got '-1'\n" +
                folder.path +
                "/t.csv:4:3: error: 'y' is compared by bce and expects 0 to 1, got '2'\n");
  EXPECT_EQ(said("1,spam\n"), "t.csv:2:3: error: 'y' expects a number of 0 to 1, or true or false, "
                              "got 'spam'\n");
}

TEST(Number, OfBceInFilesIsFromZeroToOne) {
  const Folder folder;
  const std::vector<ccm_port> outputs = {continuous("y", {2, 1})};
  auto said = [&](const std::string &name, const std::string &bytes) {
    folder.write(name, bytes);
    Result<Dataset> data = openDataset(folder.write("t.csv", "x,y\n1," + name + "\n"), kInputs,
                                       outputs, {.fractions = {"y"}});
    return data ? "" : data.error().first().message;
  };
  const std::vector<int64_t> shape = {2};
  EXPECT_EQ(said("a.npy", writeNpy(std::vector{0.0f, 1.0f}, shape)), "");
  EXPECT_EQ(said("b.npy", writeNpy(std::vector{0.0f, 1.5f}, shape)),
            "'b.npy': 'y' is compared by bce and expects 0 to 1, got 1.500000 in element 1");
  EXPECT_EQ(said("c.wav", *encodeWav(std::vector{0.0f, 0.5f}, 8000)), "");
  EXPECT_EQ(said("d.wav", *encodeWav(std::vector{0.0f, -0.5f}, 8000)),
            "'d.wav': 'y' is compared by bce and expects 0 to 1, got -0.500000 in element 1");
}

TEST(Number, MayHaveADecimalCommaWhereThatPartsNoCells) {
  const Folder folder;
  const std::vector<ccm_port> inputs = {continuous("x", {2})};
  auto open = [&](const char *table) {
    return openDataset(folder.write("t.csv", table), inputs, kOutputs);
  };
  Result<Dataset> data = open("x;y\n1,5 -2,25e1;3\n0 1;,5\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector{1.5f, -22.5f}));
  EXPECT_EQ(valuesAt<float>(data->targets[0], 1), std::vector{0.5f});
  EXPECT_TRUE(data->notes.empty());
  // Elsewhere it may be meant to part thousands.
  data = open("x\ty\n1 2\t3\n1 2\t1,234\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->notes, std::vector<std::string>{
                             folder.path + "/t.csv:3:5: '1,234' is read with a decimal comma"});
  EXPECT_EQ(textOf(open("x;y\n1 2;3.5\n1 2;1,234\n")),
            folder.path + "/t.csv:3:5: error: a decimal comma in '1,234', but line 2 has a decimal "
                          "point\n");
}

} // namespace
} // namespace ccm::data::test
