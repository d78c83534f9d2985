// SPDX-License-Identifier: Apache-2.0
// The safetensors reader against what the writer makes and against everything else.
#include "runtime/Safetensors.h"
#include "TestFiles.h"
#include "runtime/Sha256.h"

#include <cstring>

namespace ccm::test {
namespace {

/// A file of a header text and data.
std::string fileOf(const std::string &json, const std::string &data) {
  uint64_t length = json.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + json + data;
}

std::string reasonOf(const std::string &file) { return messageOf(parseSafetensors(file)); }
std::string reasonOf(const std::string &json, const std::string &data) {
  return reasonOf(fileOf(json, data));
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  Metadata metadata = {{"a", "plain"}, {"b", "with \"quotes\", \\ and \n"}, {"c", "ünï"}};
  std::vector<Tensor> tensors = {{"matrix", "F32", {2, 3}, 0, 0},
                                 {"scalar", "F32", {}, 0, 0},
                                 {"empty", "F32", {0, 5}, 0, 0},
                                 {"bytes", "U8", {5}, 0, 0}};
  std::string header = writeSafetensorsHeader(metadata, tensors);
  EXPECT_EQ(header.size() % 64, 0u);
  std::string data(24 + 4 + 0 + 5, 'd');
  data[28] = 'b';
  std::string file = header + data;
  auto parsed = parseSafetensors(file);
  ASSERT_TRUE(parsed) << messageOf(parsed);
  EXPECT_EQ(parsed->metadata, metadata);
  EXPECT_EQ(parsed->header, header);
  ASSERT_EQ(parsed->tensors.size(), 4u);
  const Tensor *matrix = parsed->find("matrix");
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(parsed->bytes(*parsed->find("bytes")), "bdddd");
  EXPECT_EQ(parsed->find("nothing"), nullptr);
}

TEST(SafetensorsTest, ReadsAFileOfOthers) {
  // without metadata, tensors not in the order of their bytes, no padding
  std::string json = R"({"b":{"dtype":"F16","shape":[1],"data_offsets":[4,6]},)"
                     R"("a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})";
  std::string file = fileOf(json, "123456");
  auto parsed = parseSafetensors(file);
  ASSERT_TRUE(parsed) << messageOf(parsed);
  EXPECT_EQ(parsed->bytes(*parsed->find("b")), "56");
}

TEST(SafetensorsTest, RefusesEveryTruncation) {
  std::vector<Tensor> tensors = {{"t", "F32", {4}, 0, 0}};
  std::string file = writeSafetensorsHeader({{"key", "value"}}, tensors) + std::string(16, 'x');
  ASSERT_EQ(reasonOf(file), "");
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(reasonOf(file.substr(0, size)), "") << size;
  EXPECT_NE(reasonOf(file + "x"), "") << "and a byte too many";
}

TEST(SafetensorsTest, RefusesLyingOffsets) {
  auto tensor = [](const std::string &offsets, const std::string &shape = "[1]") {
    return R"({"t":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  EXPECT_EQ(reasonOf(tensor("[0,4]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,8]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[4,0]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[1,5]"), "12345"), "") << "a gap";
  EXPECT_NE(reasonOf(tensor("[0,4,8]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,-4]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,4.0]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,18446744073709551615]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,4]", "[4294967296,4294967296]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,4]", "[4611686018427387905]"), "1234"), "") << "wraps to 4";
  EXPECT_NE(reasonOf(tensor("[0,4]", "[2]"), "1234"), "");
  EXPECT_NE(reasonOf(tensor("[0,4]", "[[1]]"), "1234"), "");
}

TEST(SafetensorsTest, RefusesWhatIsNotOfTheFormat) {
  EXPECT_NE(reasonOf("", ""), "");
  EXPECT_NE(reasonOf("[]", ""), "");
  EXPECT_NE(reasonOf("{} x", ""), "");
  EXPECT_NE(reasonOf("{", ""), "");
  EXPECT_EQ(reasonOf("{}", ""), "");
  EXPECT_NE(reasonOf(R"({"t":1})", ""), "");
  EXPECT_NE(reasonOf(R"({"t":{}})", ""), "");
  EXPECT_NE(reasonOf(R"({"__metadata__":{"a":1}})", ""), "");
  EXPECT_NE(reasonOf(R"({"__metadata__":{"a":{}}})", ""), "");
  EXPECT_NE(reasonOf(R"({"__metadata__":{"a":"1","a":"2"}})", ""), "") << "doubled key";
  EXPECT_NE(reasonOf(R"({"__metadata__":{},"__metadata__":{}})", ""), "");
  EXPECT_NE(reasonOf(R"({"t":{"dtype":"F33","shape":[],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(reasonOf(R"({"t":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}})", "1234"), "");
  EXPECT_NE(reasonOf(R"({"t":{"dtype":null,"shape":[],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(reasonOf("{\"a\":" + std::string(100'000, '['), ""), "") << "depth";
}

TEST(SafetensorsTest, RefusesAHeaderThatIsLongerThanTheFile) {
  std::string file(16, '{');
  std::memset(file.data(), 0xff, 8);
  EXPECT_NE(reasonOf(file), "");
}

TEST(Sha256Test, AgreesWithTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, TakesPieces) {
  std::string bytes;
  for (int i = 0; i < 300; ++i)
    bytes.push_back(static_cast<char>(i * 7));
  for (size_t piece : {1, 3, 55, 56, 63, 64, 65, 119, 128}) {
    Sha256 digest, plain(/*plain=*/true);
    for (size_t at = 0; at < bytes.size(); at += piece)
      digest.add(std::string_view(bytes).substr(at, piece));
    plain.add(bytes);
    EXPECT_EQ(digest.finish(), sha256(bytes)) << piece;
    EXPECT_EQ(plain.finish(), sha256(bytes));
  }
}

} // namespace
} // namespace ccm::test
