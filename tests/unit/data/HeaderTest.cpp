// SPDX-License-Identifier: Apache-2.0
// Headers: which separator parts them, which column is whose, and what is left over.
#include "data/Header.h"
#include "data/Nearest.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

const std::vector<ccm_port> kInputs = {continuous("width", {1}), continuous("depth", {1})};
const std::vector<ccm_port> kOutputs = {continuous("price", {1})};

Result<Dataset> open(const Folder &folder, std::string_view csv,
                     const DatasetOptions &options = {}) {
  return openDataset(folder.write("t.csv", csv), kInputs, kOutputs, options);
}

char separatorOf(std::string_view text) {
  Dataset data = *emptyDataset(kInputs, kOutputs, {});
  return data::separatorOf(text, data);
}

TEST(Header, IsPartedByWhatGivesTheMostPorts) {
  EXPECT_EQ(separatorOf("width,depth,price\n1;2,3\n"), ',');
  EXPECT_EQ(separatorOf("width;depth;price\n1,5;2;3\n"), ';');
  EXPECT_EQ(separatorOf("\"width\";\"a,b,c,d\";\"price\"\n"), ';');
  EXPECT_EQ(separatorOf("width\tdepth\tprice, in EUR,\n"), '\t');
  EXPECT_EQ(separatorOf(" width | depth | price \n"), '|');
  EXPECT_EQ(separatorOf("price\n"), ',');
  EXPECT_EQ(separatorOf("a;b;c\n"), ';');
  EXPECT_EQ(separatorOf(""), ',');
}

TEST(Header, ColumnsThatAreNoPortsArePassedOverWithANote) {
  const Folder folder;
  Result<Dataset> data = open(folder, ",id,width,note,depth,price\n0,a,1,,2,3\n1,b,4,NA,5,6\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[1], 1), std::vector{5.0f});
  EXPECT_EQ(data->notes,
            std::vector<std::string>{folder.path +
                                     "/t.csv: columns passed over: number 1 (no name), id, note"});
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += ",c" + std::to_string(i);
  data = open(folder, "width,depth,price" + many + "\n1,2,3" + std::string(30, ',') + "\n");
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_TRUE(data->notes[0].ends_with(", c10, c11 and 18 more")) << data->notes[0];
}

TEST(Header, IsRefusedWhereItIsStrict) {
  const Folder folder;
  EXPECT_EQ(textOf(open(folder, "id,width,depth,price\n0,1,2,3\n", {.strict = true})),
            folder.path +
                "/t.csv:1:1: error: column 'id' is no port: expects width, depth, price\n");
}

TEST(Header, TellsWhatAMissingPortMayBeCalled) {
  const Folder folder;
  EXPECT_EQ(textOf(open(folder, "id,Width,dpeth,cost,width\n0,1,2,3,4\n")),
            folder.path +
                "/t.csv:1:1: error: no column for port 'depth' among id, Width, dpeth, "
                "cost; did you mean 'dpeth'?\n" +
                folder.path +
                "/t.csv:1:1: error: no column for port 'price' among id, Width, "
                "dpeth, cost\n");
  EXPECT_EQ(textOf(open(folder, "width,price\n1,2\n")),
            folder.path + "/t.csv:1:1: error: no column for port 'depth'\n");
  EXPECT_EQ(textOf(open(folder, "width,depth,width,price,@price\n1,2,3,4,5\n")),
            folder.path + "/t.csv:1:13: error: column 'width' stands twice\n" + folder.path +
                "/t.csv:1:25: error: column 'price' stands twice\n");
}

TEST(Header, NotesWhatAnOptionalInputMayBeCalled) {
  const Folder folder;
  std::vector<ccm_port> inputs = kInputs;
  inputs[1].partner = 3;
  Result<Dataset> data =
      openDataset(folder.write("t.csv", "width,Depth,price\n1,2,3\n"), inputs, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->notes,
            (std::vector<std::string>{
                folder.path + "/t.csv: no column for the optional 'depth'; did you mean 'Depth'?",
                folder.path + "/t.csv: columns passed over: Depth"}));
}

TEST(Nearest, IsWithinAThirdOfTheLetters) {
  EXPECT_EQ(nearest("trian", {"eval", "train"}), "train");
  EXPECT_EQ(nearest("WIDTH", {"width", "depth"}), "width");
  EXPECT_EQ(nearest("x", {"y", "X"}), "X");
  EXPECT_EQ(nearest("x", {"y", ""}), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), {std::string(1000, 'a')}), "");
  EXPECT_EQ(suggestion("frob", {"train"}), "");
}

} // namespace
} // namespace ccm::data::test
