// SPDX-License-Identifier: Apache-2.0
// Sounds: decoding, resampling to a port, and WAV files of what a model says.
#pragma once

#include "data/Field.h"
#include "data/Problem.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// One channel of samples, -1…1, `rate` of them a second.
struct Sound {
  int64_t rate = 0;
  std::vector<float> samples;
};

/// Decodes a whole WAV, Ogg Vorbis or FLAC file and takes the mean of its channels; refuses
/// truncated files, those without samples, and samples that are not finite.
Result<Sound> decodeSound(std::string_view bytes);

/// The first `extent` samples of the sound at another rate, zeros behind its end. Frequencies that
/// the new rate cannot hold are filtered out.
std::vector<float> resample(const Sound &sound, int64_t rate, int64_t extent);

/// Resamples to `rate` and writes one sample of a port with one extent and one channel.
Status fillSound(const Field &field, const Sound &sound, int64_t rate, std::span<std::byte> sample);

/// The bytes of a WAV file of 16 bits and one channel. Values are cut to -1…1.
Result<std::string> encodeWav(std::span<const float> values, int64_t rate);

} // namespace ccm::data
