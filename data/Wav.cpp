// SPDX-License-Identifier: Apache-2.0
// Chunks of WAV files, up to their samples.
#include "data/Wav.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace ccm::data {

namespace {

/// Writers that do not know a size yet put 0 there, or about as much as 31 or 32 bits hold.
constexpr uint32_t kOpen = 0x7F000000;

/// Bytes of "RIFF", its size and "WAVE", and of a chunk's name and size.
constexpr size_t kFileHead = 12, kChunkHead = 8;

/// A number of little-endian bytes, all within the file.
template <typename T>
T numberAt(std::string_view file, size_t at) {
  T number = 0;
  std::memcpy(&number, file.data() + at, sizeof(T));
  return number;
}

/// Where the chunk of samples begins, and the bytes of a frame.
struct Samples {
  size_t at = 0;
  size_t frame = 1;
};

/// Passes over other chunks, each with the byte that makes its size even. `at` is 0 where there is
/// no such chunk.
Samples findSamples(std::string_view file) {
  Samples found;
  for (size_t at = kFileHead; file.size() >= kChunkHead && at <= file.size() - kChunkHead;) {
    const std::string_view name = file.substr(at, 4);
    const size_t size = numberAt<uint32_t>(file, at + 4), start = at + kChunkHead;
    if (name == "data") {
      found.at = at;
      return found;
    }
    if (name == "fmt " && size >= 14 && file.size() - start >= 14)
      found.frame = std::max<size_t>(numberAt<uint16_t>(file, start + 12), 1);
    at = start + size + size % 2;
  }
  return found;
}

} // namespace

Problem soundProblem(const std::string &message) { return {Fault::input, "", message}; }

Result<std::string> wholeWav(std::string_view file) {
  if (file.size() < kFileHead)
    return soundProblem("a truncated WAV file");
  const uint32_t promised = numberAt<uint32_t>(file, 4);
  const bool isOpen = promised == 0 || promised >= kOpen;
  const size_t behind = file.size() - 8;
  const Samples samples = findSamples(file);
  const size_t held = samples.at ? file.size() - samples.at - kChunkHead : 0;
  const uint32_t size = samples.at ? numberAt<uint32_t>(file, samples.at + 4) : 0;
  // Some writers count the byte that makes the last size even and leave it out.
  const bool lacksPadding = size % 2 == 1 && size == held && promised == behind + 1;
  const bool isOpenChunk = size > held ? size >= kOpen : size == 0 && isOpen;
  if ((!isOpen && promised > behind && !lacksPadding) || (size > held && !isOpenChunk))
    return soundProblem("a truncated WAV file");
  if (isOpenChunk && held % samples.frame != 0)
    return soundProblem("a truncated WAV file: it ends within a frame of " +
                        std::to_string(samples.frame) + " bytes");
  std::string whole(file);
  const auto put = [&](size_t at, size_t number) {
    const uint32_t word = uint32_t(std::min<size_t>(number, UINT32_MAX));
    std::memcpy(whole.data() + at, &word, sizeof word);
  };
  put(4, behind);
  if (isOpenChunk && samples.at)
    put(samples.at + 4, held);
  return whole;
}

} // namespace ccm::data
