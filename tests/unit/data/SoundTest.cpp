// SPDX-License-Identifier: Apache-2.0
// Sounds: resampling keeps frequencies that fit and drops those that do not; cut files are refused.
#include "data/Sound.h"
#include "tests/unit/data/TestData.h"

#include <cmath>
#include <numbers>

namespace ccm::data::test {
namespace {

Sound sine(double frequency, int64_t rate, int64_t samples) {
  Sound sound{rate, {}};
  for (int64_t i = 0; i < samples; ++i)
    sound.samples.push_back(
        float(std::sin(2 * std::numbers::pi * frequency * double(i) / double(rate))));
  return sound;
}

/// The largest difference away from the ends, where the kernel sees silence.
double difference(const std::vector<float> &a, const std::vector<float> &b) {
  double worst = 0;
  for (size_t i = 100; i + 100 < a.size(); ++i)
    worst = std::max(worst, double(std::abs(a[i] - b[i])));
  return worst;
}

TEST(Sound, ResamplingKeepsASine) {
  for (int64_t rate : {44100, 22050, 48000, 11025, 4000}) {
    const std::vector<float> got = resample(sine(440, rate, rate), 8000, 8000);
    EXPECT_LT(difference(got, sine(440, 8000, 8000).samples), 1e-3) << rate;
  }
}

TEST(Sound, ResamplingDropsWhatWouldFold) {
  const std::vector<float> got = resample(sine(5000, 44100, 44100), 8000, 8000);
  EXPECT_LT(difference(got, std::vector<float>(8000, 0.0f)), 1e-3);
}

TEST(Sound, TheSameRateChangesNothing) {
  const Sound sound = sine(440, 8000, 500);
  EXPECT_EQ(resample(sound, 8000, 500), sound.samples);
}

TEST(Sound, IsCutAndPadded) {
  const Sound sound = sine(440, 8000, 100);
  EXPECT_EQ(resample(sound, 8000, 40).size(), 40u);
  const std::vector<float> longer = resample(sound, 8000, 130);
  EXPECT_EQ(longer[99], sound.samples[99]);
  EXPECT_EQ(longer[100], 0);
  EXPECT_EQ(longer[129], 0);
}

TEST(Sound, WavGoesThereAndBack) {
  const Sound sound = sine(440, 8000, 1000);
  Result<Sound> read = decodeSound(*encodeWav(sound.samples, 8000));
  ASSERT_TRUE(read) << textOf(read);
  EXPECT_EQ(read->rate, 8000);
  ASSERT_EQ(read->samples.size(), 1000u);
  EXPECT_LT(difference(read->samples, sound.samples), 1e-4);
}

TEST(Sound, WavIsCutToItsRange) {
  Result<Sound> read = decodeSound(*encodeWav(std::vector<float>{3, -3}, 8000));
  ASSERT_TRUE(read) << textOf(read);
  EXPECT_NEAR(read->samples[0], 1, 1e-3);
  EXPECT_NEAR(read->samples[1], -1, 1e-3);
}

TEST(Sound, RefusesEveryCutOfAWav) {
  const std::string whole = *encodeWav(sine(440, 8000, 60).samples, 8000);
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decodeSound(whole.substr(0, length))) << length;
}

/// A WAV file with other sizes: of the whole, and of its samples.
std::string resized(std::string wav, uint32_t whole, uint32_t samples) {
  std::memcpy(wav.data() + 4, &whole, 4);
  std::memcpy(wav.data() + wav.find("data") + 4, &samples, 4);
  return wav;
}

TEST(Sound, SizesThatRecordersLeaveOpenMeanTheEndOfTheFile) {
  const Sound sound = sine(440, 8000, 60);
  const std::string wav = *encodeWav(sound.samples, 8000);
  const uint32_t whole = uint32_t(wav.size() - 8);
  const std::pair<uint32_t, uint32_t> open[] = {{0, 0},
                                                {UINT32_MAX, UINT32_MAX},
                                                {0x7FFFFFFF, 0x7FFFFFDB},
                                                {UINT32_MAX, 0},
                                                {whole, UINT32_MAX}};
  for (const auto &[all, samples] : open) {
    Result<Sound> read = decodeSound(resized(wav, all, samples));
    ASSERT_TRUE(read) << all << " " << samples << textOf(read);
    EXPECT_EQ(read->samples, decodeSound(wav)->samples) << all << " " << samples;
    const std::string cut = resized(wav, all == whole ? 0 : all, samples).substr(0, wav.size() - 1);
    EXPECT_EQ(textOf(decodeSound(cut)),
              "error: a truncated WAV file: it ends within a frame of 2 bytes\n");
  }
  // Sizes that a recorder may have meant are believed.
  EXPECT_EQ(textOf(decodeSound(resized(wav, 0, 122))), "error: a truncated WAV file\n");
  EXPECT_EQ(textOf(decodeSound(resized(wav, whole + 2, 120))), "error: a truncated WAV file\n");
  EXPECT_TRUE(decodeSound(resized(wav, 0, 120)));
}

TEST(Sound, WithoutSamplesIsRefused) {
  const std::string none = *encodeWav({}, 8000),
                    wav = *encodeWav(sine(440, 8000, 60).samples, 8000);
  for (const std::string &file : {none, resized(none, 0, 0), resized(none, UINT32_MAX, UINT32_MAX),
                                  resized(wav, uint32_t(wav.size() - 8), 0)})
    EXPECT_EQ(textOf(decodeSound(file)), "error: a sound without samples\n");
}

/// A WAV file of one channel, with another chunk in front of its samples.
std::string wav(uint16_t format, uint16_t bytes, const std::string &samples,
                std::string_view chunk) {
  const auto word = [](auto number) {
    return std::string(reinterpret_cast<const char *>(&number), sizeof number);
  };
  const std::string head = word(format) + word(uint16_t(1)) + word(uint32_t(8000)) +
                           word(uint32_t(8000 * bytes)) + word(bytes) + word(uint16_t(bytes * 8));
  std::string body = "WAVEfmt " + word(uint32_t(head.size())) + head;
  if (!chunk.empty())
    body += "LIST" + word(uint32_t(chunk.size())) + std::string(chunk) +
            std::string(chunk.size() % 2, '\0');
  body += "data" + word(uint32_t(samples.size())) + samples;
  return "RIFF" + word(uint32_t(body.size())) + body;
}

std::string floats(const std::vector<float> &values, std::string_view chunk = "") {
  return wav(3, 4, std::string(reinterpret_cast<const char *>(values.data()), values.size() * 4),
             chunk);
}

TEST(Sound, TheByteThatMakesItsSizeEvenMayLack) {
  const std::string odd = wav(1, 1, "\x80\xC0\x40", "");
  const std::string counted = resized(odd, uint32_t(odd.size() - 7), 3);
  for (const std::string &file : {odd, counted, counted + '\0'}) {
    Result<Sound> read = decodeSound(file);
    ASSERT_TRUE(read) << textOf(read);
    EXPECT_EQ(read->samples, (std::vector{0.0f, 0.5f, -0.5f}));
  }
  EXPECT_FALSE(decodeSound(counted.substr(0, counted.size() - 1)));
}

TEST(Sound, ChunksOfOddSizesArePassedOver) {
  for (const char *chunk : {"", "INFOx", "INFOxy"}) {
    Result<Sound> read = decodeSound(floats({0.5f, -0.25f}, chunk));
    ASSERT_TRUE(read) << textOf(read);
    EXPECT_EQ(read->samples, (std::vector{0.5f, -0.25f}));
    read = decodeSound(resized(floats({0.5f, -0.25f}, chunk), 0, 0));
    ASSERT_TRUE(read) << textOf(read);
    EXPECT_EQ(read->samples, (std::vector{0.5f, -0.25f}));
  }
}

TEST(Sound, SamplesThatAreNotFiniteAreNamed) {
  EXPECT_EQ(textOf(decodeSound(floats({0, NAN, INFINITY}))),
            "error: expects finite samples, got nan in sample 1\n");
  EXPECT_EQ(textOf(decodeSound(floats({0, 1, -INFINITY}))),
            "error: expects finite samples, got inf in sample 2\n");
}

TEST(Sound, SaysWhatIsWrong) {
  const std::string whole = *encodeWav(sine(440, 8000, 60).samples, 8000);
  EXPECT_EQ(textOf(decodeSound(whole.substr(0, 100))), "error: a truncated WAV file\n");
  EXPECT_EQ(textOf(decodeSound("")), "error: expects a WAV, Ogg or FLAC file, got an empty file\n");
  EXPECT_EQ(textOf(decodeSound("OggS")), "error: a truncated or damaged Ogg file\n");
  EXPECT_EQ(textOf(decodeSound("fLaC")), "error: a damaged sound file\n");
}

TEST(Sound, FillsOneExtentOnly) {
  const Sound sound = sine(440, 8000, 100);
  std::vector<std::byte> sample(400);
  EXPECT_TRUE(fillSound(inputField(continuous("s", {100, 1})), sound, 8000, sample));
  EXPECT_FALSE(fillSound(inputField(continuous("s", {10, 10, 1})), sound, 8000, sample));
  EXPECT_FALSE(fillSound(inputField(discrete("s", {100}, 256)), sound, 8000, sample));
}

} // namespace
} // namespace ccm::data::test
