// SPDX-License-Identifier: Apache-2.0
// The image codecs: what stb does not check is checked here.
#include "data/Digest.h"
#include "data/Image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

// Only the two formats that tables may name, and no file access of their own.
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 32768
#define STBI_ASSERT(condition) static_cast<void>(0)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(condition) static_cast<void>(0)
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image.h>
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace ccm::data {

namespace {

constexpr std::string_view kPngMagic("\x89PNG\r\n\x1A\n", 8);
constexpr int64_t kMostPixels = int64_t(1) << 28;

Problem imageProblem(const std::string &message) { return {Fault::input, "", message}; }

uint32_t wordAt(std::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i)
    word = word << 8 | uint8_t(bytes[at + i]);
  return word;
}

/// Walks the chunks to the last one and checks every sum: stb checks none.
Status checkPng(std::string_view bytes) {
  for (size_t at = kPngMagic.size(); bytes.size() - at >= 12;) {
    const size_t length = wordAt(bytes, at);
    if (length > bytes.size() - at - 12)
      break;
    const std::string_view typed = bytes.substr(at + 4, length + 4);
    if (crcOf(std::as_bytes(std::span(typed))) != wordAt(bytes, at + 8 + length))
      return imageProblem("a damaged PNG file: the sum of a chunk is wrong");
    if (typed.starts_with("IEND"))
      return Done();
    at += length + 12;
  }
  return imageProblem("a truncated PNG file");
}

/// Whether the code tables of the segment whose length lies at `at` have at most 256 codes each:
/// stb writes all of them into tables of that size.
bool codesFit(std::string_view bytes, size_t at) {
  if (bytes.size() - at < 2)
    return true;
  size_t left = (size_t(uint8_t(bytes[at])) << 8 | uint8_t(bytes[at + 1])) - 2;
  for (at += 2; left >= 17 && left <= 65533 && bytes.size() - at >= 17;) {
    size_t codes = 0;
    for (size_t i = 1; i <= 16; ++i)
      codes += uint8_t(bytes[at + i]);
    if (codes > 256)
      return false;
    const size_t length = std::min(17 + codes, left);
    left -= length;
    at = std::min(at + length, bytes.size());
  }
  return true;
}

/// Behind the first scan: an end marker, since stb paints what is missing grey, and no bad code
/// tables anywhere, since where stb looks for them depends on the data.
Status checkScans(std::string_view scans) {
  if (scans.find("\xFF\xD9") == scans.npos)
    return imageProblem("a truncated JPEG file");
  for (size_t at = 0; (at = scans.find("\xFF\xC4", at)) != scans.npos; at += 2)
    if (!codesFit(scans, at + 2))
      return imageProblem("a damaged JPEG file: a code table is too large");
  return Done();
}

/// Walks the segments up to the first scan.
Status checkJpeg(std::string_view bytes) {
  size_t at = 2;
  while (bytes.size() - at >= 4 && uint8_t(bytes[at]) == 0xFF) {
    const uint8_t marker = uint8_t(bytes[at + 1]);
    if (marker == 0xDA)
      return checkScans(bytes.substr(at));
    if (marker == 0xC4 && !codesFit(bytes, at + 2))
      return imageProblem("a damaged JPEG file: a code table is too large");
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const size_t length = size_t(uint8_t(bytes[at + 2])) << 8 | uint8_t(bytes[at + 3]);
    at = std::min(at + 2 + length, bytes.size());
  }
  return imageProblem("a truncated JPEG file");
}

Status checkFile(std::string_view bytes) {
  if (bytes.starts_with(kPngMagic))
    return checkPng(bytes);
  if (bytes.starts_with("\xFF\xD8"))
    return checkJpeg(bytes);
  return imageProblem(bytes.empty() ? "expects a PNG or JPEG file, got an empty file"
                                    : "expects a PNG or JPEG file");
}

struct FreePixels {
  void operator()(stbi_uc *pixels) const { stbi_image_free(pixels); }
};
using Pixels = std::unique_ptr<stbi_uc, FreePixels>;

/// The values as bytes, where an image file can hold them.
Result<std::vector<uint8_t>> levelsOf(std::span<const float> values, int64_t height, int64_t width,
                                      int64_t channels) {
  if (channels < 1 || channels > 4 || height < 1 || width < 1 || height * width > kMostPixels ||
      int64_t(values.size()) != height * width * channels)
    return imageProblem("an image file holds 1 to 4 channels of at most 2^28 pixels, got " +
                        shapeText(std::vector<int64_t>{height, width, channels}));
  std::vector<uint8_t> levels(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    levels[i] = uint8_t(std::lround(std::clamp(values[i], 0.0f, 1.0f) * 255.0f));
  return levels;
}

Image premultiplied(const stbi_uc *pixels, int64_t height, int64_t width) {
  Image image{height, width, std::vector<float>(size_t(height * width * 4))};
  for (size_t i = 0; i < image.pixels.size(); i += 4) {
    const float alpha = float(pixels[i + 3]) / 255.0f;
    for (size_t c = 0; c < 3; ++c)
      image.pixels[i + c] = float(pixels[i + c]) / 255.0f * alpha;
    image.pixels[i + 3] = alpha;
  }
  return image;
}

} // namespace

Result<Image> decodeImage(std::string_view bytes) {
  if (Status whole = checkFile(bytes); !whole)
    return whole.error();
  const auto *data = reinterpret_cast<const stbi_uc *>(bytes.data());
  int width = 0, height = 0, channels = 0;
  const int size = int(std::min<size_t>(bytes.size(), INT32_MAX));
  if (!stbi_info_from_memory(data, size, &width, &height, &channels))
    return imageProblem(std::string("a damaged image: ") + stbi_failure_reason());
  if (int64_t(width) * height > kMostPixels)
    return imageProblem("an image of " + std::to_string(width) + "x" + std::to_string(height) +
                        " pixels: expects at most 2^28 pixels");
  const Pixels pixels(stbi_load_from_memory(data, size, &width, &height, &channels, 4));
  if (!pixels)
    return imageProblem(std::string("a damaged image: ") + stbi_failure_reason());
  return premultiplied(pixels.get(), height, width);
}

Result<std::string> encodePng(std::span<const float> values, int64_t height, int64_t width,
                              int64_t channels) {
  const Result<std::vector<uint8_t>> levels = levelsOf(values, height, width, channels);
  if (!levels)
    return levels.error();
  int length = 0;
  const std::unique_ptr<unsigned char, decltype(&std::free)> png(
      stbi_write_png_to_mem(levels->data(), 0, int(width), int(height), int(channels), &length),
      &std::free);
  if (!png)
    return imageProblem("not enough memory for a PNG file");
  return std::string(reinterpret_cast<const char *>(png.get()), size_t(length));
}

Result<std::string> encodeJpeg(std::span<const float> values, int64_t height, int64_t width,
                               int64_t channels) {
  const Result<std::vector<uint8_t>> levels = levelsOf(values, height, width, channels);
  if (!levels)
    return levels.error();
  constexpr int kQuality = 92;
  std::string bytes;
  const auto append = [](void *self, void *data, int size) {
    static_cast<std::string *>(self)->append(static_cast<const char *>(data), size_t(size));
  };
  if (!stbi_write_jpg_to_func(append, &bytes, int(width), int(height), int(channels),
                              levels->data(), kQuality))
    return imageProblem("cannot make a JPEG file");
  return bytes;
}

} // namespace ccm::data
