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

/// A number of four bytes, the largest first.
std::string word(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += char(number >> shift & 255);
  return bytes;
}

std::string chunk(const std::string &body) {
  const auto sum = crc32(0, reinterpret_cast<const Bytef *>(body.data()), uInt(body.size()));
  return word(uint32_t(body.size() - 4)) + body + word(uint32_t(sum));
}

/// A PNG file of 16 bits: of rows of levels, with this type of colour and so many channels.
std::string widePng(const std::vector<uint16_t> &levels, uint32_t height, int colour,
                    uint32_t channels, const std::string &more = "") {
  const uint32_t width = uint32_t(levels.size()) / height / channels;
  std::string rows;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (i % (width * channels) == 0)
      rows += '\0'; // no filter
    rows += char(levels[i] >> 8);
    rows += char(levels[i] & 255);
  }
  std::string packed(compressBound(rows.size()), '\0');
  uLongf size = packed.size();
  EXPECT_EQ(compress(reinterpret_cast<Bytef *>(packed.data()), &size,
                     reinterpret_cast<const Bytef *>(rows.data()), rows.size()),
            Z_OK);
  packed.resize(size);
  const std::string header =
      word(width) + word(height) + '\x10' + char(colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR" + header) + more + chunk("IDAT" + packed) +
         chunk("IEND");
}

TEST(Image, SixteenBitsAreAllKeptForFloats) {
  const std::vector<uint16_t> levels = {0, 1, 2, 255, 256, 0x0FFF, 0x8000, 65535};
  std::vector<float> expected;
  for (uint16_t level : levels)
    expected.push_back(float(level) / 65535.0f);
  const std::vector<float> got = fill(widePng(levels, 2, 0, 1), continuous("p", {2, 4, 1}));
  for (size_t i = 0; i < levels.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], 1e-7) << levels[i];
  EXPECT_EQ(
      fill(widePng({0, 1, 65535, 256, 3, 0x1234}, 1, 2, 3), continuous("p", {1, 2, 3})),
      (std::vector<float>{0, 1 / 65535.0f, 1, 256 / 65535.0f, 3 / 65535.0f, 0x1234 / 65535.0f}));
  // A curve that the file speaks of changes nothing: levels are measurements.
  const std::string gamma = chunk("gAMA" + word(45455));
  EXPECT_EQ(fill(widePng(levels, 2, 0, 1, gamma), continuous("p", {2, 4, 1})), got);
}

TEST(Image, SixteenBitsAreRoundedForBytes) {
  Result<Image> image = decodeImage(widePng({0, 128, 0x0100, 0x7FFF, 0xFF00, 65535}, 1, 0, 1));
  ASSERT_TRUE(image) << textOf(image);
  std::vector<uint8_t> sample(6);
  ASSERT_TRUE(fillImage(inputField(continuous("p", {1, 6, 1}, CCM_U8)), *image,
                        std::as_writable_bytes(std::span(sample))));
  EXPECT_EQ(sample, (std::vector<uint8_t>{0, 0, 1, 127, 254, 255}));
}

TEST(Image, SixteenBitsHaveAlpha) {
  const std::vector<float> four =
      fill(widePng({65535, 0x4000, 0, 0x8000}, 1, 6, 4), continuous("p", {1, 1, 4}));
  EXPECT_NEAR(four[1], 0x4000 / 65535.0f, 1e-6);
  EXPECT_NEAR(four[3], 0x8000 / 65535.0f, 1e-6);
  EXPECT_NEAR(fill(widePng({0x4000, 0}, 1, 4, 2), continuous("p", {1, 1, 1}))[0], 1, 1e-6);
}

TEST(Image, RefusesEveryCutAndFlippedByteOfSixteenBits) {
  const std::string whole = widePng({0, 1, 2, 3, 4, 5, 6, 7}, 2, 0, 1);
  ASSERT_TRUE(decodeImage(whole));
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] ^= 0x10;
    EXPECT_FALSE(decodeImage(flipped)) << at;
    EXPECT_FALSE(decodeImage(whole.substr(0, at))) << at;
  }
  // Right sums around wrong pixels.
  const std::string header = word(4) + word(2) + std::string("\x10\0\0\0\0", 5);
  EXPECT_EQ(textOf(decodeImage("\x89PNG\r\n\x1A\n" + chunk("IHDR" + header) + chunk("IDATxyz") +
                               chunk("IEND"))),
            "error: a damaged PNG file: IDAT: incorrect header check\n");
}

TEST(Image, RefusesPortsOfAnotherShape) {
  Result<Image> image = decodeImage(*encodePng(std::vector<float>{0}, 1, 1, 1));
  std::vector<std::byte> sample(64);
  EXPECT_FALSE(fillImage(inputField(continuous("s", {16, 1})), *image, sample));
  EXPECT_FALSE(fillImage(inputField(continuous("s", {2, 2, 2})), *image, sample));
}

} // namespace
} // namespace ccm::data::test
