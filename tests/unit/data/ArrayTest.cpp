// SPDX-License-Identifier: Apache-2.0
// npy, IDX and gzip: what they hold, and every way they can be cut short.
#include "data/Array.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

/// Two samples of 1x3 bytes.
const std::string kImages("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
                          "\0\x33\x66\x99\xCC\xFF",
                          22);
const std::string kLabels("\0\0\x08\x01\0\0\0\x02\x01\x02", 10);

TEST(Array, ReadsIdx) {
  Result<Array> array = readArray(kImages);
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 1, 3}));
  EXPECT_EQ(array->at(4), 0xCC);
}

TEST(Array, ReadsBigEndianElements) {
  Result<Array> array = readArray(std::string("\0\0\x0B\x01\0\0\0\x02\x01\x02\xFF\xFE", 12));
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->at(0), 258);
  EXPECT_EQ(array->at(1), -2);
}

TEST(Array, ReadsGzippedIdx) {
  Result<Array> array = readArray(gzip(kImages));
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->elements(), 6);
}

TEST(Array, JoinsGzipMembers) {
  Result<std::string> joined = gunzip(gzip("ab") + gzip("cd"), 100);
  ASSERT_TRUE(joined) << textOf(joined);
  EXPECT_EQ(*joined, "abcd");
}

TEST(Array, RefusesEveryCutOfIdxAndGzip) {
  for (const std::string &whole : {kImages, gzip(kImages)})
    for (size_t length = 0; length < whole.size(); ++length)
      EXPECT_FALSE(readArray(whole.substr(0, length))) << length;
}

TEST(Array, RefusesEveryCutOfNpy) {
  const std::string whole = writeNpy(std::vector<float>{1, 2}, std::vector<int64_t>{2});
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(readArray(whole.substr(0, length))) << length;
}

TEST(Array, RefusesDamagedGzip) {
  std::string bytes = gzip(kImages);
  bytes[bytes.size() - 6] ^= 1; // within the sum
  EXPECT_EQ(textOf(readArray(bytes)), "error: a damaged gzip file\n");
}

TEST(Array, RefusesGzipOverTheLimit) {
  const std::string bytes = gzip(std::string(size_t(4) << 20, 'x'));
  EXPECT_EQ(textOf(gunzip(bytes, 1000)), "error: a gzip file that holds more than 1000 bytes\n");
}

TEST(Array, RefusesDataBehindTheEnd) {
  EXPECT_EQ(textOf(readArray(kLabels + "x")),
            "error: data after the end of an IDX file: its header promises 2 bytes of elements, it "
            "holds 3\n");
}

TEST(Array, RefusesExtentsThatOverflow) {
  const std::string header("\0\0\x0E\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
  EXPECT_EQ(textOf(readArray(header)),
            "error: a truncated IDX file: its header promises more than 2^64 bytes of elements, it "
            "holds 0\n");
}

TEST(Array, NpyGoesThereAndBack) {
  const std::string bytes =
      writeNpy(std::vector<float>{1, -2.5, 3, 4, 5, 6}, std::vector<int64_t>{2, 3});
  EXPECT_EQ((bytes.size() - 24) % 64, 0u);
  Result<Array> array = readArray(bytes);
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array->at(1), -2.5);
}

std::string npy(std::string header) {
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size()) + '\0' + header;
}

TEST(Array, RefusesNpyItDoesNotRead) {
  EXPECT_EQ(textOf(readArray(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }"))),
            "error: npy elements of type '<c8': expects integers, float32 or float64\n");
  EXPECT_EQ(textOf(readArray(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }"))),
            "error: an npy array in Fortran order: expects C order\n");
  EXPECT_EQ(textOf(readArray(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"))),
            "error: not an npy file: its 'shape' is not a list of extents\n");
}

const std::vector<ccm_port> kInputs = {continuous("image", {1, 3, 1})};
const std::vector<ccm_port> kOutputs = {discrete("label", {}, 3)};

TEST(Arrays, BecomeColumns) {
  const Folder folder;
  const std::string images = folder.write("a,b.gz", gzip(kImages));
  const std::string labels = folder.write("l.idx", kLabels);
  Result<Dataset> data = openDataset("image=" + images + ",label=" + labels, kInputs, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(data->rows, 2);
  const std::vector<float> second = valuesAt<float>(data->inputs[0], 1);
  EXPECT_FLOAT_EQ(second[0], 0.6f);
  EXPECT_FLOAT_EQ(second[2], 1.0f);
  EXPECT_EQ(valuesAt<int32_t>(data->targets[0], 0), std::vector<int32_t>{1});
}

TEST(Arrays, KeepBytesForPortsOfBytes) {
  const Folder folder;
  const std::vector<ccm_port> inputs = {continuous("image", {1, 3, 1}, CCM_U8)};
  const std::string spec =
      "image=" + folder.write("i", kImages) + ",label=" + folder.write("l", kLabels);
  Result<Dataset> data = openDataset(spec, inputs, kOutputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<uint8_t>(data->inputs[0], 0), (std::vector<uint8_t>{0, 0x33, 0x66}));
}

TEST(Arrays, NameWhatDoesNotFit) {
  const Folder folder;
  const std::string images = folder.write("i", kImages), labels = folder.write("l", kLabels);
  const std::string three = folder.write("l3", std::string("\0\0\x08\x01\0\0\0\x03\0\0\0", 11));
  const std::string big = folder.write("lb", std::string("\0\0\x08\x01\0\0\0\x02\0\x03", 10));
  auto problems = [](const std::string &spec) {
    return textOf(openDataset(spec, kInputs, kOutputs));
  };
  EXPECT_EQ(problems("image=" + images), "error: no data for port 'label'\n");
  EXPECT_EQ(problems("image=" + images + ",label=" + three),
            "error: 'label' has 3 samples, 'image' has 2\n");
  EXPECT_EQ(problems("image=" + labels + ",label=" + labels),
            labels + ": error: 'image' expects samples of 1x3x1, got an array of 2\n");
  EXPECT_EQ(problems("image=" + images + ",label=" + big),
            big + ": error: 'label' expects integers below 3, got 3.000000 in element 1\n");
  EXPECT_EQ(problems("image=" + images + ",label=" + labels + ",foo=" + labels),
            "error: data for 'foo', which is no port of the model\n");
  EXPECT_EQ(problems("image=" + images + ",label=" + labels + ",label=" + labels),
            "error: data for 'label' is given twice\n");
}

TEST(Arrays, UnknownSpecsAreRefused) {
  EXPECT_EQ(textOf(openDataset("data.parquet", kInputs, kOutputs)),
            "error: data 'data.parquet' is none of: a table (name.csv or .tsv), arrays "
            "(port=file.npy,port=file.gz), synthetic:N\n");
}

} // namespace
} // namespace ccm::data::test
