// SPDX-License-Identifier: Apache-2.0
// npy, IDX and gzip: what they hold, and every way they can be cut short.
#include "data/Array.h"
#include "tests/unit/data/TestData.h"

#include <cmath>
#include <numeric>

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
            "error: npy elements of type '<c8': expects booleans, integers, float16, float32 or "
            "float64\n");
  EXPECT_EQ(textOf(readArray(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"))),
            "error: not an npy file: its 'shape' is not a list of extents\n");
}

/// All elements of an npy file with this type, shape and order.
std::vector<double> elementsOf(const std::string &type, const std::string &shape,
                               const std::string &elements, bool isFortran = false) {
  Result<Array> array =
      readArray(npy("{'descr': '" + type + "', 'fortran_order': " + (isFortran ? "True" : "False") +
                    ", 'shape': " + shape + ", }") +
                elements);
  EXPECT_TRUE(array) << type << textOf(array);
  std::vector<double> values;
  for (int64_t i = 0; array && i < array->elements(); ++i)
    values.push_back(array->at(i));
  return values;
}

TEST(Array, FortranOrderIsUndone) {
  // [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]], the first index running fastest.
  const std::string columns("\0\6\2\10\4\12\1\7\3\11\5\13", 12);
  std::vector<double> inOrder(12);
  std::iota(inOrder.begin(), inOrder.end(), 0);
  EXPECT_EQ(elementsOf("|u1", "(2, 3, 2)", columns, true), inOrder);
  EXPECT_EQ(elementsOf("<u2", "(2, 2)", std::string("\1\0\2\0\3\0\4\0", 8), true),
            (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(elementsOf("|u1", "(3,)", "abc", true), (std::vector<double>{'a', 'b', 'c'}));
  EXPECT_EQ(elementsOf("|u1", "()", "a", true), std::vector<double>{'a'});
  EXPECT_TRUE(elementsOf("|u1", "(2, 0)", "", true).empty());
}

TEST(Array, ReadsEveryKindOfElement) {
  EXPECT_EQ(elementsOf("|b1", "(3,)", std::string("\0\1\7", 3)), (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(elementsOf("|i1", "(1,)", "\xFF"), std::vector<double>{-1});
  EXPECT_EQ(elementsOf(">i2", "(1,)", "\xFF\xFE"), std::vector<double>{-2});
  EXPECT_EQ(elementsOf("<u4", "(1,)", "\xFF\xFF\xFF\xFF"), std::vector<double>{4294967295});
  EXPECT_EQ(elementsOf("<i8", "(1,)", std::string(8, '\xFF')), std::vector<double>{-1});
  EXPECT_EQ(elementsOf("<u8", "(1,)", std::string(8, '\xFF')), std::vector<double>{0x1p64});
  const std::string halves("\0\x3C\0\xC0\xFF\x7B\1\0\0\4\0\x80\0\x7C", 14);
  EXPECT_EQ(elementsOf("<f2", "(7,)", halves),
            (std::vector<double>{1, -2, 65504, 0x1p-24, 0x1p-14, 0, INFINITY}));
  EXPECT_TRUE(std::isnan(elementsOf(">f2", "(1,)", std::string("\x7E\0", 2))[0]));
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

/// The one value that an array of two samples gives a port in the second.
float secondOf(const ccm_port &port, const std::string &type, const std::string &shape,
               const std::string &elements) {
  const Folder folder;
  const std::string bytes =
      npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }") + elements;
  Result<Dataset> data = openDataset("y=" + folder.write("y.npy", bytes), {}, std::vector{port});
  EXPECT_TRUE(data) << textOf(data);
  return data ? valueAt(data->targets[0].field, data->targets[0].at(1), 0) : NAN;
}

TEST(Arrays, OneIsOneUnlessItIsAByteOfAPicture) {
  const std::string ones("\0\1", 2), one = "(2,)", picture = "(2, 1, 1)";
  for (const char *type : {"|b1", "|u1", "|i1"})
    EXPECT_EQ(secondOf(continuous("y", {1}), type, one, ones), 1) << type;
  EXPECT_EQ(secondOf(continuous("y", {1, 1}), "|u1", "(2, 1)", ones), 1);
  EXPECT_EQ(secondOf(continuous("y", {1, 1, 1}), "|i1", picture, ones), 1);
  EXPECT_EQ(secondOf(continuous("y", {1, 1, 1}), "|b1", picture, ones), 1);
  EXPECT_EQ(secondOf(continuous("y", {1, 1, 1}), "|u1", picture, ones), 1 / 255.0f);
  // Of bytes models read 255 as 1.
  EXPECT_EQ(secondOf(continuous("y", {1, 1, 1}, CCM_U8), "|b1", picture, ones), 1);
  EXPECT_EQ(secondOf(continuous("y", {1, 1, 1}, CCM_U8), "|u1", picture, ones), 1 / 255.0f);
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
  EXPECT_EQ(problems("image=" + images + ",lable=" + labels),
            "error: data for 'lable', which is no port of the model; did you mean 'label'?\n");
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
