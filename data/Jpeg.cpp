// SPDX-License-Identifier: Apache-2.0
// JPEG files: libjpeg-turbo over bytes in memory.
#include "data/ImageCodec.h"

#include <memory>
#include <turbojpeg.h>
#include <type_traits>
#include <vector>

namespace ccm::data {

namespace {

struct Destroy {
  void operator()(void *handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<std::remove_pointer_t<tjhandle>, Destroy>;

struct Free {
  void operator()(unsigned char *bytes) const { tjFree(bytes); }
};

Problem problem(const std::string &what, const Handle &handle) {
  return imageProblem(what + ": " + tjGetErrorStr2(handle.get()));
}

// What is damaged or cut off would come out grey; so many scans that a small file takes minutes are
// no picture.
constexpr int kStrict = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;

/// Printers' colours, stored inverted as every program does, to red, green, blue and alpha.
void toColour(Levels &levels) {
  for (size_t i = 0; i < levels.size(); i += 4) {
    uint8_t *pixel = &levels.bytes[i];
    for (size_t c = 0; c < 3; ++c)
      pixel[c] = uint8_t(pixel[c] * pixel[3] / 255);
    pixel[3] = 255;
  }
}

/// The levels of the first `kept` channels.
std::vector<uint8_t> firstChannels(const Levels &levels, size_t kept) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < levels.size(); ++i)
    if (i % size_t(levels.channels) < kept)
      bytes.push_back(levels.bytes[i]);
  return bytes;
}

} // namespace

bool isJpeg(std::string_view file) { return file.starts_with("\xFF\xD8"); }

Result<Levels> decodeJpeg(std::string_view file) {
  const Handle handle(tjInitDecompress());
  const auto *data = reinterpret_cast<const unsigned char *>(file.data());
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (!handle ||
      tjDecompressHeader3(handle.get(), data, file.size(), &width, &height, &subsampling, &colours))
    return problem("a damaged JPEG file", handle);
  if (height < 1 || width < 1) // tables alone, of which the library says nothing
    return imageProblem("a damaged JPEG file: it holds no picture");
  if (Status size = checkPixels(height, width); !size)
    return size.error();
  Levels levels(height, width, 4);
  const bool printed = colours == TJCS_CMYK || colours == TJCS_YCCK;
  if (tjDecompress2(handle.get(), data, file.size(), levels.bytes.get(), width, 0, height,
                    printed ? TJPF_CMYK : TJPF_RGBA, kStrict))
    return problem("a damaged JPEG file", handle);
  if (printed)
    toColour(levels);
  return levels;
}

Result<std::string> jpegOf(const Levels &levels) {
  constexpr int kQuality = 92;
  const bool colour = levels.channels > 2;
  const std::vector<uint8_t> pixels = firstChannels(levels, colour ? 3 : 1);
  const Handle handle(tjInitCompress());
  unsigned char *file = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(handle.get(), pixels.data(), int(levels.width), 0,
                                 int(levels.height), colour ? TJPF_RGB : TJPF_GRAY, &file, &size,
                                 colour ? TJSAMP_444 : TJSAMP_GRAY, kQuality, 0);
  const std::unique_ptr<unsigned char, Free> owned(file);
  if (failed)
    return problem("cannot make a JPEG file", handle);
  return std::string(reinterpret_cast<const char *>(file), size);
}

} // namespace ccm::data
