// SPDX-License-Identifier: Apache-2.0
// Images: every cut of a file is refused, sizes and alpha come out as computed by hand.
#include "data/Image.h"
#include "tests/unit/data/TestData.h"

#include <numeric>

namespace ccm::data::test {
namespace {

std::vector<float> ramp(int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i) / float(count - 1);
  return values;
}

std::vector<float> fill(const std::string &png, const ccm_port &port) {
  const Field field = inputField(port);
  std::vector<float> sample(field.bytes / 4);
  Result<Image> image = decodeImage(png);
  EXPECT_TRUE(image) << textOf(image);
  Status filled = fillImage(field, *image, std::as_writable_bytes(std::span(sample)));
  EXPECT_TRUE(filled) << textOf(filled);
  return sample;
}

TEST(Image, PngGoesThereAndBack) {
  const std::vector<float> values = {0, 51 / 255.f, 102 / 255.f, 153 / 255.f, 204 / 255.f, 1};
  EXPECT_EQ(fill(*encodePng(values, 2, 1, 3), continuous("p", {2, 1, 3})), values);
}

TEST(Image, RefusesEveryCutOfAPng) {
  const std::string whole = *encodePng(ramp(64), 8, 8, 1);
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decodeImage(whole.substr(0, length))) << length;
}

TEST(Image, RefusesEveryFlippedByteOfAPng) {
  const std::string whole = *encodePng(ramp(64), 8, 8, 1);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] ^= 0x10;
    EXPECT_FALSE(decodeImage(flipped)) << at;
  }
}

/// A JPEG of 16x16 pixels.
std::string jpeg(int64_t channels = 3) {
  return *encodeJpeg(ramp(16 * 16 * channels), 16, 16, channels);
}

TEST(Image, ReadsAJpegAndRefusesEveryCut) {
  const std::string whole = jpeg();
  Result<Image> image = decodeImage(whole);
  ASSERT_TRUE(image) << textOf(image);
  EXPECT_EQ(image->width, 16);
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decodeImage(whole.substr(0, length))) << length;
}

TEST(Image, JpegLeavesAlphaOutAndKeepsColour) {
  std::vector<float> values;
  for (int i = 0; i < 16 * 16; ++i)
    values.insert(values.end(), {1, 0, 0, 0.5f});
  Result<Image> image = decodeImage(*encodeJpeg(values, 16, 16, 4));
  ASSERT_TRUE(image) << textOf(image);
  // A level of the file is 1/255; conversion between colour spaces rounds twice.
  EXPECT_NEAR(image->pixels[0], 1, 3 / 255.f);
  EXPECT_NEAR(image->pixels[1], 0, 3 / 255.f);
  EXPECT_EQ(image->pixels[3], 1);
  for (int64_t channels : {1, 2, 4})
    EXPECT_TRUE(decodeImage(jpeg(channels))) << channels;
}

TEST(Image, RefusesJpegCodesThatOverflowTheirTable) {
  std::string bytes = jpeg();
  const size_t table = bytes.find("\xFF\xC4");
  ASSERT_NE(table, bytes.npos);
  // The counts of the codes follow marker, length and class.
  bytes[table + 5 + 15] = bytes[table + 5 + 14] = '\xFF';
  EXPECT_EQ(textOf(decodeImage(bytes)),
            "error: a damaged JPEG file: Bogus Huffman table definition\n");
}

TEST(Image, SaysWhatIsWrong) {
  const std::string whole = *encodePng(ramp(64), 8, 8, 1);
  EXPECT_EQ(textOf(decodeImage(whole.substr(0, 60))), "error: a truncated PNG file\n");
  EXPECT_EQ(textOf(decodeImage("")), "error: expects a PNG or JPEG file, got an empty file\n");
  EXPECT_EQ(textOf(decodeImage("GIF89a")), "error: expects a PNG or JPEG file\n");
  EXPECT_EQ(textOf(decodeImage("\xFF\xD8\xFF")),
            "error: a damaged JPEG file: it holds no picture\n");
}

TEST(Image, TransparentIsWhiteAndHalfIsHalf) {
  // Black, fully and half transparent.
  const std::vector<float> values = {0, 0, 0, 0, 0, 0, 0, 128 / 255.f};
  const std::vector<float> colour = fill(*encodePng(values, 1, 2, 4), continuous("p", {1, 2, 3}));
  EXPECT_FLOAT_EQ(colour[0], 1);
  EXPECT_NEAR(colour[3], 127 / 255.f, 1e-6);
}

TEST(Image, TransparentPixelsDoNotBleedTheirColour) {
  // A red pixel beside a transparent green one, shrunk into one: red over white, without green.
  const std::vector<float> values = {1, 0, 0, 1, 0, 1, 0, 0};
  const std::vector<float> colour = fill(*encodePng(values, 1, 2, 4), continuous("p", {1, 1, 3}));
  EXPECT_NEAR(colour[0], 1, 1e-6);
  EXPECT_NEAR(colour[1], 0.5, 1e-6);
  EXPECT_NEAR(colour[2], 0.5, 1e-6);
}

TEST(Image, GreyIsWeighedColour) {
  const std::vector<float> values = {1, 0, 0};
  EXPECT_NEAR(fill(*encodePng(values, 1, 1, 3), continuous("p", {1, 1, 1}))[0], 0.299, 1e-6);
}

TEST(Image, ShrinkingKeepsTheMean) {
  const std::vector<float> values = ramp(60 * 60);
  const std::vector<float> small = fill(*encodePng(values, 60, 60, 1), continuous("p", {7, 7, 1}));
  const float mean = std::accumulate(small.begin(), small.end(), 0.0f) / 49;
  EXPECT_NEAR(mean, 0.5, 0.01);
  EXPECT_LT(small[0], 0.15);
  EXPECT_GT(small[48], 0.85);
}

TEST(Image, GrowingIsLinearBetweenCentres) {
  const std::vector<float> grown =
      fill(*encodePng(std::vector<float>{0, 1}, 1, 2, 1), continuous("p", {1, 4, 1}));
  EXPECT_NEAR(grown[0], 0, 1e-6);
  EXPECT_NEAR(grown[1], 0.25, 1e-6);
  EXPECT_NEAR(grown[2], 0.75, 1e-6);
  EXPECT_NEAR(grown[3], 1, 1e-6);
}

TEST(Image, RefusesPortsOfAnotherShape) {
  Result<Image> image = decodeImage(*encodePng(std::vector<float>{0}, 1, 1, 1));
  std::vector<std::byte> sample(64);
  EXPECT_FALSE(fillImage(inputField(continuous("s", {16, 1})), *image, sample));
  EXPECT_FALSE(fillImage(inputField(continuous("s", {2, 2, 2})), *image, sample));
}

} // namespace
} // namespace ccm::data::test
