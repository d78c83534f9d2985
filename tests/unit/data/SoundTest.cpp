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
