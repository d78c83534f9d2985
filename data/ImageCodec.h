// SPDX-License-Identifier: Apache-2.0
// The two image formats that tables may name. A file is its bytes; levels are its bytes decoded.
#pragma once

#include "data/Problem.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace ccm::data {

/// The most pixels of an image, so that its bytes and floats can be counted in 64 bits with room.
constexpr int64_t kMostPixels = int64_t(1) << 28;

/// Rows of pixels of `channels` levels each, of one byte or, in this machine's order, two. The
/// bytes begin as they are: of a file that claims more than it has no memory is touched.
struct Levels {
  Levels(int64_t height, int64_t width, int64_t channels, int64_t depth = 1)
      : height(height), width(width), channels(channels), depth(depth),
        bytes(std::make_unique_for_overwrite<uint8_t[]>(size() * size_t(depth))) {}

  size_t size() const { return size_t(height * width * channels); }
  /// Level `index` of [0, size()), 0…1.
  float at(size_t index) const {
    if (depth == 1)
      return float(bytes[index]) / 255.0f;
    uint16_t level;
    std::memcpy(&level, &bytes[2 * index], sizeof level);
    return float(level) / 65535.0f;
  }

  int64_t height, width, channels, depth;
  std::unique_ptr<uint8_t[]> bytes;
};

Problem imageProblem(const std::string &message);

/// An error if an image of these extents is larger than kMostPixels.
Status checkPixels(int64_t height, int64_t width);

bool isPng(std::string_view file);
bool isJpeg(std::string_view file);

/// Red, green, blue and alpha, whatever the file holds, in two bytes each where it has as many;
/// refuses truncated and damaged files.
Result<Levels> decodePng(std::string_view file);
Result<Levels> decodeJpeg(std::string_view file);

/// Grey, grey and alpha, colour, or colour and alpha: 1 to 4 channels of one byte.
Result<std::string> pngOf(const Levels &levels);
/// As pngOf; alpha is left out.
Result<std::string> jpegOf(const Levels &levels);

} // namespace ccm::data
