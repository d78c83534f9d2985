// SPDX-License-Identifier: Apache-2.0
// PNG files: libpng over bytes in memory, and the sums that its simple reader only warns of.
#include "data/Digest.h"
#include "data/ImageCodec.h"

#include <bit>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <png.h>
#include <span>
#include <vector>

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

/// Reads an image of 16 bits as it is: libpng's simple reader would bend such levels by a curve, or
/// cut them. It comes back to setjmp where a file is damaged, so that nothing here that must be
/// destroyed begins in between.
class WideReader {
public:
  explicit WideReader(std::string_view file) : rest(file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, stop, ignore);
    info = png ? png_create_info_struct(png) : nullptr;
  }
  WideReader(const WideReader &) = delete;
  WideReader &operator=(const WideReader &) = delete;
  ~WideReader() { png_destroy_read_struct(&png, &info, nullptr); }

  /// Reads up to the pixels; false where that fails.
  bool begin() {
    if (!info || setjmp(png_jmpbuf(png)))
      return false;
    png_set_read_fn(png, this, take);
    png_read_info(png, info);
    return true;
  }
  int64_t height() const { return png_get_image_height(png, info); }
  int64_t width() const { return png_get_image_width(png, info); }
  /// Reads all pixels, of red, green, blue and alpha, to where the rows begin; false where that
  /// fails.
  bool finish(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png)))
      return false;
    png_set_expand(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xFFFF, PNG_FILLER_AFTER);
    if constexpr (std::endian::native == std::endian::little)
      png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != size_t(width()) * kPixel)
      png_error(png, "rows of another size");
    png_read_image(png, rows);
    png_read_end(png, nullptr);
    return true;
  }
  Problem problem() const { return imageProblem(std::string("a damaged PNG file: ") + message); }

  static constexpr size_t kPixel = 8;

private:
  static void take(png_structp png, png_bytep to, size_t count) {
    std::string_view &rest = static_cast<WideReader *>(png_get_io_ptr(png))->rest;
    if (count > rest.size())
      png_error(png, "it ends early");
    std::memcpy(to, rest.data(), count);
    rest.remove_prefix(count);
  }
  [[noreturn]] static void stop(png_structp png, const char *why) {
    // Nothing may be thrown through the library.
    char *message = static_cast<WideReader *>(png_get_error_ptr(png))->message;
    std::snprintf(message, kLongest, "%s", why);
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, const char *) {}

  std::string_view rest;
  static constexpr size_t kLongest = 128;
  char message[kLongest] = "not enough memory";
  png_structp png = nullptr;
  png_infop info = nullptr;
};

/// Whether the header of a PNG file says 16 bits.
bool isWide(std::string_view file) {
  constexpr size_t kDepth = 24;
  return file.size() > kDepth && file[kDepth] == 16;
}

Result<Levels> decodeWide(std::string_view file) {
  WideReader reader(file);
  if (!reader.begin())
    return reader.problem();
  if (Status size = checkPixels(reader.height(), reader.width()); !size)
    return size.error();
  Levels levels(reader.height(), reader.width(), 4, 2);
  std::vector<png_bytep> rows;
  for (int64_t row = 0; row < levels.height; ++row)
    rows.push_back(levels.bytes.get() + size_t(row * levels.width) * WideReader::kPixel);
  if (!reader.finish(rows.data()))
    return reader.problem();
  return levels;
}

} // namespace

bool isPng(std::string_view file) { return file.starts_with(kMagic); }

Result<Levels> decodePng(std::string_view file) {
  if (Status whole = checkSums(file); !whole)
    return whole.error();
  if (isWide(file))
    return decodeWide(file);
  Picture picture;
  if (!png_image_begin_read_from_memory(&picture, file.data(), file.size()))
    return picture.problem("a damaged PNG file");
  if (Status size = checkPixels(picture.height, picture.width); !size)
    return size.error();
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
