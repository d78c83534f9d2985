// SPDX-License-Identifier: Apache-2.0
// Pictures brought to the grid and the channels of a port.
#include "data/Image.h"

#include <algorithm>
#include <cmath>

namespace ccm::data {

namespace {

constexpr int64_t kChannels = 4;

/// The source positions that one resized position reads, and their shares, which sum to 1.
struct Taps {
  int64_t first = 0;
  std::vector<float> shares;
};

/// A triangle over the position's centre: as wide as one source position when it grows, as what one
/// resized position covers when it shrinks.
Taps tapsOf(int64_t position, int64_t from, int64_t to) {
  const double scale = double(from) / double(to);
  const double reach = std::max(scale, 1.0);
  const double centre = (double(position) + 0.5) * scale - 0.5;
  Taps taps;
  taps.first = std::max<int64_t>(0, int64_t(std::ceil(centre - reach)));
  const int64_t last = std::min<int64_t>(from - 1, int64_t(std::floor(centre + reach)));
  double sum = 0;
  for (int64_t i = taps.first; i <= last; ++i)
    sum += std::max(0.0, 1.0 - std::abs(double(i) - centre) / reach);
  for (int64_t i = taps.first; i <= last; ++i)
    taps.shares.push_back(float(std::max(0.0, 1.0 - std::abs(double(i) - centre) / reach) / sum));
  return taps;
}

/// Resizes the axis that has `inner` values behind each of its positions and `outer` copies.
std::vector<float> resizeAxis(const std::vector<float> &values, int64_t outer, int64_t from,
                              int64_t to, int64_t inner) {
  if (from == to)
    return values;
  std::vector<float> out(size_t(outer * to * inner), 0.0f);
  for (int64_t t = 0; t < to; ++t) {
    const Taps taps = tapsOf(t, from, to);
    for (int64_t o = 0; o < outer; ++o)
      for (size_t k = 0; k < taps.shares.size(); ++k) {
        const float *source = &values[size_t((o * from + taps.first + int64_t(k)) * inner)];
        float *target = &out[size_t((o * to + t) * inner)];
        for (int64_t i = 0; i < inner; ++i)
          target[i] += taps.shares[k] * source[i];
      }
  }
  return out;
}

/// The value of one channel of the port, 0…1.
float channelOf(const float *pixel, int64_t channel, int64_t channels) {
  const float white = 1.0f - pixel[3];
  if (channels == 1)
    return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2] + white;
  if (channels == 3)
    return pixel[channel] + white;
  if (channel == 3)
    return pixel[3];
  return pixel[3] > 0 ? pixel[channel] / pixel[3] : 0.0f;
}

void store(const Field &field, float value, std::span<std::byte> sample, size_t index) {
  const float cut = std::clamp(value, 0.0f, 1.0f);
  if (field.dtype == CCM_U8)
    sample[index] = std::byte(std::lround(cut * 255.0f));
  else
    reinterpret_cast<float *>(sample.data())[index] = cut;
}

} // namespace

Image resizeImage(const Image &image, int64_t height, int64_t width) {
  std::vector<float> narrow = resizeAxis(image.pixels, image.height, image.width, width, kChannels);
  return {height, width, resizeAxis(narrow, 1, image.height, height, width * kChannels)};
}

Status fillImage(const Field &field, const Image &image, std::span<std::byte> sample) {
  const int64_t channels = field.channels();
  if (field.discrete() || field.variableRank() != 2 ||
      (channels != 1 && channels != 3 && channels != 4))
    return Problem{Fault::input, "",
                   "an image fills continuous ports of two extents and 1, 3 or 4 channels, '" +
                       field.name + "' is " + shapeText(field.extents)};
  const Image fitted = resizeImage(image, field.extents[0], field.extents[1]);
  size_t index = 0;
  for (size_t pixel = 0; pixel < fitted.pixels.size(); pixel += size_t(kChannels))
    for (int64_t channel = 0; channel < channels; ++channel)
      store(field, channelOf(&fitted.pixels[pixel], channel, channels), sample, index++);
  return Done();
}

} // namespace ccm::data
