// SPDX-License-Identifier: Apache-2.0
// Pictures: decoding, resizing to a port, and PNG files of what a model says.
#pragma once

#include "data/Field.h"
#include "data/Problem.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// Rows of pixels of four channels: red, green and blue times alpha, then alpha, all 0…1.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<float> pixels;
};

/// Decodes a whole PNG or JPEG file, of 16 bits all of them; refuses truncated or damaged ones.
Result<Image> decodeImage(std::string_view bytes);

/// Resizes by a triangle filter that widens to cover what it shrinks; the same size changes
/// nothing.
Image resizeImage(const Image &image, int64_t height, int64_t width);

/// Resizes to the port's two variable extents and writes one sample to `sample` (its bytes): 1
/// channel grey, 3 colour over white, 4 colour and alpha; f32 0…1 or u8 0…255.
Status fillImage(const Field &field, const Image &image, std::span<std::byte> sample);

/// The bytes of a PNG file of `height` x `width` pixels of 1 to 4 channels. Values are cut to 0…1.
Result<std::string> encodePng(std::span<const float> values, int64_t height, int64_t width,
                              int64_t channels);

/// As encodePng, a JPEG file; a fourth channel is left out.
Result<std::string> encodeJpeg(std::span<const float> values, int64_t height, int64_t width,
                               int64_t channels);

} // namespace ccm::data
