// SPDX-License-Identifier: Apache-2.0
// Band-limited resampling, and sounds brought to the extent of a port.
#include "data/Sound.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

namespace ccm::data {

namespace {

/// Zero crossings of the kernel on each side, and its table's entries between two of them: linear
/// steps in the table err by about (pi / 512)^2 / 8, below 16 bits.
constexpr int kCrossings = 24;
constexpr int kEntries = 512;

/// A sinc under a Blackman window, at kEntries points per zero crossing, one more for the steps.
std::vector<double> kernelTable() {
  std::vector<double> table(size_t(kCrossings) * kEntries + 2, 0.0);
  for (size_t i = 0; i <= size_t(kCrossings) * kEntries; ++i) {
    const double x = std::numbers::pi * double(i) / kEntries;
    const double w = x / kCrossings;
    const double window = 0.42 + 0.5 * std::cos(w) + 0.08 * std::cos(2 * w);
    table[i] = window * (i == 0 ? 1.0 : std::sin(x) / x);
  }
  return table;
}

double kernelAt(double distance) {
  static const std::vector<double> table = kernelTable();
  const double at = std::abs(distance) * kEntries;
  const size_t index = size_t(at);
  if (index >= size_t(kCrossings) * kEntries)
    return 0;
  const double share = at - double(index);
  return table[index] * (1 - share) + table[index + 1] * share;
}

/// The kernel's shares of the samples around a position between two samples, the first of which
/// lies `before` samples before it.
struct Phase {
  int64_t before = 0;
  std::vector<float> shares;
};

/// Cut off at `cutoff` of the source's half rate; `fraction` of a sample behind a sample.
Phase phaseAt(double fraction, double cutoff) {
  const double reach = kCrossings / cutoff;
  const int64_t first = int64_t(std::ceil(fraction - reach));
  const int64_t last = int64_t(std::floor(fraction + reach));
  Phase phase{-first, {}};
  for (int64_t i = first; i <= last; ++i)
    phase.shares.push_back(float(cutoff * kernelAt((double(i) - fraction) * cutoff)));
  return phase;
}

/// The sound around sample `centre`.
float interpolate(const std::vector<float> &samples, int64_t centre, const Phase &phase) {
  const int64_t start = centre - phase.before;
  const int64_t first = std::max<int64_t>(0, -start);
  const int64_t last = std::min(int64_t(phase.shares.size()), int64_t(samples.size()) - start);
  // Sums side by side, which take vectors: one alone would wait for itself.
  constexpr int64_t kSums = 8;
  float sums[kSums] = {};
  int64_t i = first;
  for (; i + kSums <= last; i += kSums)
    for (int64_t k = 0; k < kSums; ++k)
      sums[k] += samples[size_t(start + i + k)] * phase.shares[size_t(i + k)];
  for (; i < last; ++i)
    sums[0] += samples[size_t(start + i)] * phase.shares[size_t(i)];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

} // namespace

std::vector<float> resample(const Sound &sound, int64_t rate, int64_t extent) {
  std::vector<float> out(size_t(extent), 0.0f);
  const double step = double(sound.rate) / double(rate);
  const int64_t held = std::min(extent, int64_t(std::ceil(double(sound.samples.size()) / step)));
  if (sound.rate == rate) {
    std::copy_n(sound.samples.begin(), held, out.begin());
    return out;
  }
  // The window's main lobe is about three crossings wide: the cut lies that far below the limit.
  const double cutoff = std::min(1.0, 1.0 / step) * (1.0 - 1.5 / kCrossings);
  // Positions between samples repeat after as many as the reduced rate has.
  const int64_t from = sound.rate / std::gcd(sound.rate, rate),
                to = rate / std::gcd(sound.rate, rate);
  for (int64_t first = 0; first < std::min(to, held); ++first) {
    const Phase phase = phaseAt(double(first * from % to) / double(to), cutoff);
    for (int64_t i = first; i < held; i += to)
      out[size_t(i)] = interpolate(sound.samples, i * from / to, phase);
  }
  return out;
}

Status fillSound(const Field &field, const Sound &sound, int64_t rate,
                 std::span<std::byte> sample) {
  if (field.discrete() || field.dtype != CCM_F32 || field.variableRank() != 1 ||
      field.channels() != 1)
    return Problem{Fault::input, "",
                   "a sound fills f32 ports of one extent and one channel, '" + field.name +
                       "' is " + shapeText(field.extents)};
  const std::vector<float> samples = resample(sound, rate, field.elements());
  std::memcpy(sample.data(), samples.data(), sample.size());
  return Done();
}

} // namespace ccm::data
