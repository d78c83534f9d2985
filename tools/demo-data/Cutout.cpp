// SPDX-License-Identifier: Apache-2.0
// Animal stamps of Tux Paint pasted on its photographs, and their alpha.
#include "data/Image.h"
#include "tools/demo-data/DemoData.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

namespace ccm::demo {

namespace {

using data::Image;

constexpr int64_t kExtent = 64, kPixels = kExtent * kExtent;
/// Every fifth animal and every fifth photograph is held out.
constexpr size_t kHeldOutEvery = 5;
constexpr int kTrainedTimes = 60, kHeldOutTimes = 8;

/// Draws the same everywhere: the standard fixes the engine, though not its distributions.
class Dice {
public:
  /// Evenly from `least` to below `most`.
  double between(double least, double most) {
    return least + (most - least) * double(engine()) * 0x1p-32;
  }
  int64_t below(int64_t count) { return int64_t(between(0, double(count))); }

private:
  std::mt19937 engine;
};

/// What is shown together is held out together: "gnu-baby" and "gnu-stand" are one animal.
std::string animalOf(const std::string &path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto end = std::find_if(name.begin(), name.end(), [](char c) { return !std::isalpha(c); });
  return std::string(name.begin(), end);
}

Image readImage(const std::string &path) {
  data::Result<Image> image = data::decodeImage(need(io::readFile(path)));
  if (!image)
    throw Failure{kInput, path + ": " + image.error().first().message};
  return std::move(*image);
}

struct Pictures {
  std::vector<Image> trained, heldOut;
};

/// Stamps of animals as they are: no drawings, no toys.
std::vector<std::string> findStamps(const std::string &root) {
  std::vector<std::string> paths = filesBelow(root, ".png");
  std::erase_if(paths, [](const std::string &path) {
    return path.find("cartoon/") != path.npos || path.find("toys/") != path.npos;
  });
  return paths;
}

Pictures readStamps(const std::string &root) {
  const std::vector<std::string> paths = findStamps(root);
  std::vector<std::string> names;
  for (const std::string &path : paths)
    names.push_back(animalOf(path));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Pictures stamps;
  for (const std::string &path : paths) {
    const auto place = std::lower_bound(names.begin(), names.end(), animalOf(path));
    const bool isHeldOut = size_t(place - names.begin()) % kHeldOutEvery == 0;
    (isHeldOut ? stamps.heldOut : stamps.trained).push_back(readImage(root + "/" + path + ".png"));
  }
  if (stamps.trained.empty())
    throw Failure{kInput, "no pictures of two animals below '" + root +
                              "'; the package tuxpaint-stamps-default has them"};
  return stamps;
}

/// Small enough to be cut and resized often: a third of its shorter extent is a whole sample.
Image readPhotograph(const std::string &path) {
  const Image image = readImage(path);
  const double scale = 3 * double(kExtent) / double(std::min(image.height, image.width));
  return data::resizeImage(image, std::lround(double(image.height) * scale),
                           std::lround(double(image.width) * scale));
}

Pictures readPhotographs(const std::string &root) {
  const std::vector<std::string> paths = filesBelow(root, ".jpg");
  Pictures photographs;
  for (size_t i = 0; i < paths.size(); ++i)
    (i % kHeldOutEvery == 0 ? photographs.heldOut : photographs.trained)
        .push_back(readPhotograph(root + "/" + paths[i] + ".jpg"));
  if (photographs.trained.empty())
    throw Failure{kInput,
                  "no two photographs below '" + root + "'; the package tuxpaint-data has them"};
  return photographs;
}

/// The part of `image` that starts at (y, x), perhaps seen in a mirror.
Image part(const Image &image, int64_t y, int64_t x, int64_t height, int64_t width, bool mirrored) {
  Image cut{height, width, {}};
  for (int64_t row = 0; row < height; ++row)
    for (int64_t column = 0; column < width; ++column) {
      const int64_t from = x + (mirrored ? width - 1 - column : column);
      const float *pixel = image.pixels.data() + 4 * ((y + row) * image.width + from);
      cut.pixels.insert(cut.pixels.end(), pixel, pixel + 4);
    }
  return cut;
}

/// A square of the photograph, from the whole of it down to a third, in another light, and out of
/// focus as behind a portrait.
Image drawGround(const Image &photograph, Dice &dice) {
  const int64_t shorter = std::min(photograph.height, photograph.width);
  const int64_t size = int64_t(double(shorter) * dice.between(1.0 / 3, 1));
  const int64_t y = dice.below(photograph.height - size + 1);
  const int64_t x = dice.below(photograph.width - size + 1);
  const Image cut = part(photograph, y, x, size, size, dice.below(2) == 1);
  const int64_t grain = 5 + dice.below(6);
  Image ground = data::resizeImage(data::resizeImage(cut, grain, grain), kExtent, kExtent);
  for (size_t channel = 0; channel < 3; ++channel) {
    const float light = float(dice.between(0.6, 1.4));
    for (size_t i = channel; i < ground.pixels.size(); i += 4)
      ground.pixels[i] = std::min(ground.pixels[i] * light, 1.0f);
  }
  return ground;
}

/// The stamp at a size that fills most of the picture's height or width.
Image drawAnimal(const Image &stamp, Dice &dice) {
  const double scale = dice.between(44, 62) / double(std::max(stamp.height, stamp.width));
  const auto scaled = [&](int64_t extent) {
    return std::max<int64_t>(std::lround(double(extent) * scale), 1);
  };
  return data::resizeImage(part(stamp, 0, 0, stamp.height, stamp.width, dice.below(2) == 1),
                           scaled(stamp.height), scaled(stamp.width));
}

/// `photo` of 3 channels and `alpha` of 1, 0…1.
struct Sample {
  std::vector<float> photo = std::vector<float>(kPixels * 3);
  std::vector<float> alpha = std::vector<float>(kPixels);
};

Sample paste(const Image &animal, const Image &ground, Dice &dice) {
  const int64_t top = dice.below(kExtent - animal.height + 1);
  const int64_t left = dice.below(kExtent - animal.width + 1);
  Sample sample;
  for (int64_t pixel = 0; pixel < kPixels; ++pixel)
    std::copy_n(ground.pixels.data() + 4 * pixel, 3, sample.photo.data() + 3 * pixel);
  for (int64_t y = 0; y < animal.height; ++y)
    for (int64_t x = 0; x < animal.width; ++x) {
      const float *over = animal.pixels.data() + 4 * (y * animal.width + x);
      const size_t pixel = size_t((top + y) * kExtent + left + x);
      sample.alpha[pixel] = over[3];
      for (size_t c = 0; c < 3; ++c)
        sample.photo[3 * pixel + c] = over[c] + (1 - over[3]) * sample.photo[3 * pixel + c];
    }
  return sample;
}

Sample drawSample(const Image &stamp, const std::vector<Image> &photographs, Dice &dice) {
  const Image &photograph = photographs[size_t(dice.below(int64_t(photographs.size())))];
  const Image ground = drawGround(photograph, dice);
  return paste(drawAnimal(stamp, dice), ground, dice);
}

void appendLevels(const std::vector<float> &values, std::string &bytes) {
  for (float value : values)
    bytes += char(std::lround(std::clamp(value, 0.0f, 1.0f) * 255.0f));
}

/// An npy file of `count` samples of `channels` bytes per pixel.
std::string npy(int64_t count, int64_t channels, const std::string &bytes) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" +
                       std::to_string(count) + ", 64, 64, " + std::to_string(channels) + "), }";
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + bytes;
}

void writeTrained(const Pictures &stamps, const Pictures &photographs, const std::string &out,
                  Dice &dice) {
  std::string photos, alphas;
  for (const Image &stamp : stamps.trained)
    for (int i = 0; i < kTrainedTimes; ++i) {
      const Sample sample = drawSample(stamp, photographs.trained, dice);
      appendLevels(sample.photo, photos);
      appendLevels(sample.alpha, alphas);
    }
  const int64_t count = int64_t(stamps.trained.size()) * kTrainedTimes;
  need(io::writeFileAtomically(out + "/train-photo.npy", npy(count, 3, photos)));
  need(io::writeFileAtomically(out + "/train-alpha.npy", npy(count, 1, alphas)));
}

void writePng(const std::string &path, const std::vector<float> &values, int64_t channels) {
  data::Result<std::string> png = data::encodePng(values, kExtent, kExtent, channels);
  if (!png)
    throw Failure{kInternal, png.error().first().message};
  need(io::writeFileAtomically(path, *png));
}

/// A table "<name>.csv" of animals that are held out.
void writeHeldOut(const std::string &name, const Pictures &stamps,
                  const std::vector<Image> &photographs, const std::string &out, Dice &dice) {
  need(io::makeDirectories(out + "/" + name));
  std::string table = "photo,alpha\n";
  for (size_t animal = 0; animal < stamps.heldOut.size(); ++animal)
    for (int i = 0; i < kHeldOutTimes; ++i) {
      const std::string path = name + "/" + std::to_string(animal) + "-" + std::to_string(i);
      const Sample sample = drawSample(stamps.heldOut[animal], photographs, dice);
      writePng(out + "/" + path + ".png", sample.photo, 3);
      writePng(out + "/" + path + "-alpha.png", sample.alpha, 1);
      table += path + ".png," + path + "-alpha.png\n";
    }
  need(io::writeFileAtomically(out + "/" + name + ".csv", table));
}

} // namespace

void writeCutout(const std::string &stampsRoot, const std::string &photographsRoot,
                 const std::string &out) {
  const Pictures stamps = readStamps(stampsRoot), photographs = readPhotographs(photographsRoot);
  need(io::makeDirectories(out));
  Dice dice;
  writeTrained(stamps, photographs, out, dice);
  writeHeldOut("new-animals", stamps, photographs.trained, out, dice);
  writeHeldOut("new-photographs", stamps, photographs.heldOut, out, dice);
  std::printf("%zu animals on %zu photographs to train on, %zu on %zu held out: %s\n",
              stamps.trained.size(), photographs.trained.size(), stamps.heldOut.size(),
              photographs.heldOut.size(), out.c_str());
}

} // namespace ccm::demo
