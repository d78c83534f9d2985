// SPDX-License-Identifier: Apache-2.0
// The sound codecs: libsndfile over bytes in memory, and the checks it leaves out.
#include "data/Sound.h"
#include "data/Wav.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

namespace ccm::data {

namespace {

constexpr size_t kMostFrames = size_t(1) << 28;
constexpr int kMostChannels = 64;

/// A file of libsndfile that lies in memory.
struct Memory {
  std::string bytes;
  sf_count_t at = 0;
};

Memory &memory(void *user) { return *static_cast<Memory *>(user); }

sf_count_t memoryLength(void *user) { return sf_count_t(memory(user).bytes.size()); }
sf_count_t memoryTell(void *user) { return memory(user).at; }

sf_count_t memorySeek(sf_count_t offset, int whence, void *user) {
  const sf_count_t base = whence == SEEK_SET   ? 0
                          : whence == SEEK_CUR ? memory(user).at
                                               : memoryLength(user);
  return memory(user).at = std::clamp<sf_count_t>(base + offset, 0, memoryLength(user));
}

sf_count_t memoryRead(void *to, sf_count_t count, void *user) {
  Memory &file = memory(user);
  const sf_count_t taken = std::clamp<sf_count_t>(memoryLength(user) - file.at, 0, count);
  std::memcpy(to, file.bytes.data() + file.at, size_t(taken));
  file.at += taken;
  return taken;
}

sf_count_t memoryWrite(const void *from, sf_count_t count, void *user) {
  Memory &file = memory(user);
  file.bytes.resize(std::max(file.bytes.size(), size_t(file.at + count)));
  std::memcpy(file.bytes.data() + file.at, from, size_t(count));
  file.at += count;
  return count;
}

using File = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

File openMemory(Memory &file, int mode, SF_INFO &info) {
  static SF_VIRTUAL_IO access = {memoryLength, memorySeek, memoryRead, memoryWrite, memoryTell};
  return File(sf_open_virtual(&access, mode, &info, &file), &sf_close);
}

/// The library takes a cut Ogg stream for a short one: the last page must be whole and say that it
/// is the last.
Status checkOgg(std::string_view bytes) {
  bool last = false;
  for (size_t at = 0; at < bytes.size();) {
    const size_t segments = bytes.size() - at < 27 ? 0 : uint8_t(bytes[at + 26]);
    if (bytes.size() - at < 27 + segments || bytes.substr(at, 4) != "OggS")
      return soundProblem("a truncated or damaged Ogg file");
    size_t length = 27 + segments;
    for (size_t i = 0; i < segments; ++i)
      length += uint8_t(bytes[at + 27 + i]);
    if (length > bytes.size() - at)
      return soundProblem("a truncated Ogg file");
    last = uint8_t(bytes[at + 5]) & 4;
    at += length;
  }
  return last ? Status(Done()) : soundProblem("a truncated Ogg file");
}

/// The bytes as the library may read them: of a WAV it would take whatever its sizes say.
Result<std::string> wholeFile(std::string_view bytes) {
  if (isWav(bytes))
    return wholeWav(bytes);
  if (bytes.starts_with("OggS")) {
    if (Status whole = checkOgg(bytes); !whole)
      return whole.error();
    return std::string(bytes);
  }
  if (bytes.starts_with("fLaC"))
    return std::string(bytes);
  return soundProblem(bytes.empty() ? "expects a WAV, Ogg or FLAC file, got an empty file"
                                    : "expects a WAV, Ogg or FLAC file");
}

/// Reads all frames, each as the mean of its channels.
std::vector<float> readFrames(SNDFILE *file, int channels, size_t most) {
  constexpr size_t kBlock = 4096;
  std::vector<float> block(kBlock * size_t(channels)), mono;
  while (mono.size() < most) {
    const sf_count_t frames = sf_readf_float(file, block.data(), kBlock);
    if (frames <= 0)
      break;
    for (sf_count_t f = 0; f < frames; ++f) {
      float sum = 0;
      for (int c = 0; c < channels; ++c)
        sum += block[size_t(f * channels + c)];
      mono.push_back(sum / float(channels));
    }
  }
  return mono;
}

/// There are some, and all of them are numbers: files of floats may hold others.
Status checkSamples(const std::vector<float> &samples) {
  if (samples.empty())
    return soundProblem("a sound without samples");
  const auto bad = std::find_if(samples.begin(), samples.end(),
                                [](float sample) { return !std::isfinite(sample); });
  if (bad == samples.end())
    return Done();
  return soundProblem("expects finite samples, got " +
                      std::string(std::isnan(*bad) ? "nan" : "inf") + " in sample " +
                      std::to_string(bad - samples.begin()));
}

} // namespace

Result<Sound> decodeSound(std::string_view bytes) {
  Result<std::string> whole = wholeFile(bytes);
  if (!whole)
    return whole.error();
  Memory source{std::move(*whole)};
  SF_INFO info = {};
  const File file = openMemory(source, SFM_READ, info);
  if (!file)
    return soundProblem("a damaged sound file");
  if (info.samplerate < 1 || info.channels < 1 || info.channels > kMostChannels)
    return soundProblem("a sound of " + std::to_string(info.channels) + " channels and " +
                        std::to_string(info.samplerate) + " samples a second");
  Sound sound{info.samplerate, readFrames(file.get(), info.channels, kMostFrames)};
  if (sf_error(file.get()) != SF_ERR_NO_ERROR || sf_count_t(sound.samples.size()) < info.frames)
    return soundProblem("a damaged or truncated sound file: it promises " +
                        std::to_string(info.frames) + " samples and holds " +
                        std::to_string(sound.samples.size()));
  if (Status good = checkSamples(sound.samples); !good)
    return good.error();
  return sound;
}

Result<std::string> encodeWav(std::span<const float> values, int64_t rate) {
  Memory target;
  SF_INFO info = {};
  info.samplerate = int(rate);
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  File file = openMemory(target, SFM_WRITE, info);
  if (!file)
    return soundProblem("no WAV file has " + std::to_string(rate) + " samples a second");
  sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  const sf_count_t count = sf_count_t(values.size());
  if (sf_writef_float(file.get(), values.data(), count) != count)
    return soundProblem("a WAV file of " + std::to_string(count) + " samples could not be made");
  file.reset(); // writes the header's sizes
  return std::move(target.bytes);
}

} // namespace ccm::data
