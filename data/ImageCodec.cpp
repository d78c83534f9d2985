// SPDX-License-Identifier: Apache-2.0
// Between image files and numbers.
#include "data/ImageCodec.h"

#include "data/Image.h"

#include <algorithm>
#include <cmath>

namespace ccm::data {

namespace {

Result<Levels> decode(std::string_view file) {
  if (isPng(file))
    return decodePng(file);
  if (isJpeg(file))
    return decodeJpeg(file);
  return imageProblem(file.empty() ? "expects a PNG or JPEG file, got an empty file"
                                   : "expects a PNG or JPEG file");
}

/// The values as levels, where an image file can hold them.
Result<Levels> levelsOf(std::span<const float> values, int64_t height, int64_t width,
                        int64_t channels) {
  if (channels < 1 || channels > 4 || height < 1 || width < 1 || !checkPixels(height, width) ||
      int64_t(values.size()) != height * width * channels)
    return imageProblem("an image file holds 1 to 4 channels of at most 2^28 pixels, got " +
                        shapeText(std::vector<int64_t>{height, width, channels}));
  Levels levels(height, width, channels);
  for (size_t i = 0; i < values.size(); ++i)
    levels.bytes[i] = uint8_t(std::lround(std::clamp(values[i], 0.0f, 1.0f) * 255.0f));
  return levels;
}

Image premultiplied(const Levels &levels) {
  Image image{levels.height, levels.width, std::vector<float>(levels.size())};
  for (size_t i = 0; i < image.pixels.size(); i += 4) {
    const float alpha = levels.at(i + 3);
    for (size_t c = 0; c < 3; ++c)
      image.pixels[i + c] = levels.at(i + c) * alpha;
    image.pixels[i + 3] = alpha;
  }
  return image;
}

} // namespace

Problem imageProblem(const std::string &message) { return {Fault::input, "", message}; }

Status checkPixels(int64_t height, int64_t width) {
  // Extents of a file have at most 32 bits, those of a port at most 2^31.
  if (height <= kMostPixels && width <= kMostPixels && height * width <= kMostPixels)
    return Done();
  return imageProblem("an image of " + std::to_string(width) + "x" + std::to_string(height) +
                      " pixels: expects at most 2^28 pixels");
}

Result<Image> decodeImage(std::string_view bytes) {
  Result<Levels> levels = decode(bytes);
  if (!levels)
    return levels.error();
  return premultiplied(*levels);
}

Result<std::string> encodePng(std::span<const float> values, int64_t height, int64_t width,
                              int64_t channels) {
  Result<Levels> levels = levelsOf(values, height, width, channels);
  if (!levels)
    return levels.error();
  return pngOf(*levels);
}

Result<std::string> encodeJpeg(std::span<const float> values, int64_t height, int64_t width,
                               int64_t channels) {
  Result<Levels> levels = levelsOf(values, height, width, channels);
  if (!levels)
    return levels.error();
  return jpegOf(*levels);
}

} // namespace ccm::data
