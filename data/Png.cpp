// SPDX-License-Identifier: Apache-2.0
// PNG files: libpng over bytes in memory, and the sums that its simple reader only warns of.
#include "data/Digest.h"
#include "data/ImageCodec.h"

#include <cstddef>
#include <png.h>
#include <span>

namespace ccm::data {

namespace {

constexpr std::string_view kMagic("\x89PNG\r\n\x1A\n", 8);

uint32_t wordAt(std::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i)
    word = word << 8 | uint8_t(bytes[at + i]);
  return word;
}

/// Walks the chunks to the last one and checks every sum.
Status checkSums(std::string_view file) {
  for (size_t at = kMagic.size(); file.size() - at >= 12;) {
    const size_t length = wordAt(file, at);
    if (length > file.size() - at - 12)
      break;
    const std::string_view typed = file.substr(at + 4, length + 4);
    if (crcOf(std::as_bytes(std::span(typed))) != wordAt(file, at + 8 + length))
      return imageProblem("a damaged PNG file: the sum of a chunk is wrong");
    if (typed.starts_with("IEND"))
      return Done();
    at += length + 12;
  }
  return imageProblem("a truncated PNG file");
}

/// libpng's description of an image, freed at the end.
struct Picture : png_image {
  Picture() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~Picture() { png_image_free(this); }
  Picture(const Picture &) = delete;
  Picture &operator=(const Picture &) = delete;

  Problem problem(const std::string &what) const { return imageProblem(what + ": " + message); }
};

png_uint_32 formatOf(int64_t channels) {
  const png_uint_32 colour = channels > 2 ? PNG_FORMAT_FLAG_COLOR : 0;
  return colour | (channels % 2 == 0 ? PNG_FORMAT_FLAG_ALPHA : 0);
}

} // namespace

bool isPng(std::string_view file) { return file.starts_with(kMagic); }

Result<Levels> decodePng(std::string_view file) {
  if (Status whole = checkSums(file); !whole)
    return whole.error();
  Picture picture;
  if (!png_image_begin_read_from_memory(&picture, file.data(), file.size()))
    return picture.problem("a damaged PNG file");
  if (Status size = checkPixels(picture.height, picture.width); !size)
    return size.error();
  // 16 bits are read like 8 bits: without a word on their curve they are sRGB.
  picture.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  picture.format = PNG_FORMAT_RGBA;
  Levels levels(picture.height, picture.width, 4);
  if (!png_image_finish_read(&picture, nullptr, levels.bytes.get(), 0, nullptr))
    return picture.problem("a damaged PNG file");
  return levels;
}

Result<std::string> pngOf(const Levels &levels) {
  Picture picture;
  picture.height = png_uint_32(levels.height);
  picture.width = png_uint_32(levels.width);
  picture.format = formatOf(levels.channels);
  // No more than this many bytes are written: what does not compress is stored.
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(picture);
  std::string file(size, '\0');
  if (!png_image_write_to_memory(&picture, file.data(), &size, 0, levels.bytes.get(), 0, nullptr))
    return picture.problem("cannot make a PNG file");
  file.resize(size);
  return file;
}

} // namespace ccm::data
