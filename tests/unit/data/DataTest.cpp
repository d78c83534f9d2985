// SPDX-License-Identifier: Apache-2.0
// The library as applications link it: what it opens becomes a source of batches.
#include "ccm/data.h"
#include "tests/unit/data/PairModel.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

std::shared_ptr<const Artifact> pair() { return *Artifact::wrap(ccm_model_pair()); }

/// Three rows; the first and the last take their numbers from a file.
std::string writeTable(const Folder &folder) {
  folder.write("a.txt", "1 2 3\n");
  folder.write("c.txt", "0 1 2 3 4 5\n");
  return folder.write("t.csv", "numbers,token,kind,curve\n"
                               "a.txt,0,bee,c.txt\n4 5 6,1,ant,c.txt\na.txt,2,bee,c.txt\n");
}

/// The numbers and kinds of some rows, by a source.
std::vector<float> read(const Source &source, const std::vector<int64_t> &items) {
  auto artifact = pair();
  ccm::Result<Batch> batch = Batch::create(artifact, int64_t(items.size()), kInputs | kTargets);
  EXPECT_TRUE(batch);
  ccm::Status filled = source.fill(items, *batch);
  EXPECT_TRUE(filled) << filled.error().message;
  std::vector<float> values;
  for (size_t row = 0; row < items.size(); ++row) {
    const float *numbers = static_cast<const float *>(batch->input(0)) + 3 * row;
    values.insert(values.end(), numbers, numbers + 3);
    values.push_back(float(static_cast<const int32_t *>(batch->target(0))[row]));
  }
  return values;
}

TEST(Data, IsASourceThatOutlivesIt) {
  const Folder folder;
  const std::string path = writeTable(folder);
  for (uint64_t memory : {uint64_t(1) << 20, uint64_t(0)}) {
    Source source;
    {
      ccm::Result<ccm::Data> data =
          ccm::Data::open(*pair(), path, {.memory = memory, .threads = 2, .learnNames = true});
      ASSERT_TRUE(data) << data.error().message;
      EXPECT_EQ(data->rows(), 3);
      EXPECT_EQ(data->names()["kind"], (std::vector<std::string>{"ant", "bee"}));
      source = data->source();
    }
    EXPECT_EQ(source.items, 3);
    EXPECT_EQ(read(source, {1, 2}), (std::vector<float>{4, 5, 6, 0, 1, 2, 3, 1}));
  }
}

TEST(Data, TellsFilesAndDigest) {
  const Folder folder;
  const std::string path = writeTable(folder);
  ccm::Result<ccm::Data> data = ccm::Data::open(*pair(), path, {.learnNames = true});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->files(),
            (std::vector<std::string>{path, folder.path + "/a.txt", folder.path + "/c.txt"}));
  const std::vector<int64_t> last = {2, 1};
  const ccm::Data part = data->subset(last);
  EXPECT_EQ(part.rows(), 2);
  EXPECT_EQ(read(part.source(), {0}), (std::vector<float>{1, 2, 3, 1}));
  EXPECT_NE(part.digest(), data->digest());
  EXPECT_EQ(data->digest(), ccm::Data::open(*pair(), path, {.learnNames = true})->digest());
}

TEST(Data, TellsWhatIsNotUsed) {
  const Folder folder;
  const std::string path = folder.write("t.csv", "id,numbers,token,kind,curve\n"
                                                 "7,1 2 3,0,4,0 0 0 0 0 0\n"
                                                 "8,1 2 3,0,.,0 0 0 0 0 0\n");
  ccm::Result<ccm::Data> data = ccm::Data::open(*pair(), path, {.missing = {"."}});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->notes(), (std::vector<std::string>{
                               path + ": columns passed over: id",
                               path + ": left out 1 of 2 rows, which have no value of 'kind'"}));
  EXPECT_FALSE(ccm::Data::open(*pair(), path, {.missing = {"."}, .strict = true}));
}

TEST(Data, TellsEveryProblemWithItsPlace) {
  const Folder folder;
  const std::string path = folder.write(
      "t.csv", "numbers,token,kind,curve\n1 2,0,0,0 0 0 0 0 0\n1 2 3,9,0,0 0 0 0 0 0\n");
  ccm::Result<ccm::Data> data = ccm::Data::open(*pair(), path);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().kind, ErrorKind::Input);
  const std::string &message = data.error().message;
  EXPECT_NE(message.find(path + ":2:1: 'numbers' expects 3 numbers"), std::string::npos) << message;
  EXPECT_NE(message.find("\n" + path + ":3:7: 'token' expects"), std::string::npos) << message;
  ccm::Result<ccm::Data> missing = ccm::Data::open(*pair(), folder.path + "/none.csv");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::File);
}

} // namespace
} // namespace ccm::data::test
