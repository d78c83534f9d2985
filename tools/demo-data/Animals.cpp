// SPDX-License-Identifier: Apache-2.0
// The animal stamps of Tux Paint as tables of image, text, label and sound.
#include "tools/demo-data/DemoData.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ccm::demo {

namespace {

/// Languages whose descriptions are trained on, and those that are held out; "" is English.
constexpr std::array<const char *, 8> kTrained = {"", "fr", "es", "it", "de", "nl", "sv", "pl"};
constexpr std::array<const char *, 4> kHeldOut = {"pt", "ca", "da", "cs"};

/// An animal that has a picture, a text and a sound.
struct Animal {
  std::string path; ///< below the stamps, without suffix
  std::string text; ///< descriptions, one line per language
};

/// Sorted by path. Sounds without a picture or a text are left out and said.
std::vector<Animal> findAnimals(const std::string &root) {
  std::vector<Animal> animals;
  for (const std::string &path : filesBelow(root, ".ogg")) {
    if (path.find("_desc") != path.npos) // a spoken description
      continue;
    io::Result<std::string> text = io::readFile(root + "/" + path + ".txt");
    if (text && io::fileIdentity(root + "/" + path + ".png"))
      animals.push_back({path, std::move(*text)});
    else
      std::fprintf(stderr, "note: %s has a sound but no picture or text\n", path.c_str());
  }
  if (animals.empty())
    throw Failure{kInput, "no animals with picture, text and sound below '" + root +
                              "'; the package tuxpaint-stamps-default has them"};
  return animals;
}

/// The description in one language; empty when there is none.
std::string describe(const Animal &animal, const std::string &language) {
  const std::string prefix = language.empty() ? "" : language + ".utf8=";
  for (size_t at = 0; at < animal.text.size();) {
    const size_t end = std::min(animal.text.find('\n', at), animal.text.size());
    const std::string line = animal.text.substr(at, end - at);
    if (language.empty() || line.starts_with(prefix))
      return line.substr(prefix.size());
    at = end + 1;
  }
  return "";
}

std::string quoted(const std::string &text) {
  std::string cell = "\"";
  for (char c : text)
    cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

/// The animal's name as a file: its path without folders.
std::string fileName(const Animal &animal) {
  std::string name = animal.path;
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

std::string rowOf(const Animal &animal, size_t label, const std::string &text) {
  const std::string name = fileName(animal);
  return "images/" + name + ".png," + quoted(text) + "," + std::to_string(label) + ",sounds/" +
         name + ".ogg\n";
}

void copyFile(const std::string &from, const std::string &to) {
  need(io::writeFileAtomically(to, need(io::readFile(from))));
}

struct Tables {
  std::string trained = "image,text,label,sound\n";
  std::string heldOut = trained;
};

/// Texts that an animal is trained with are not held out a second time.
void addRows(const Animal &animal, size_t label, Tables &tables) {
  std::vector<std::string> known;
  for (const char *language : kTrained) {
    const std::string text = describe(animal, language);
    if (text.empty() || std::find(known.begin(), known.end(), text) != known.end())
      continue;
    tables.trained += rowOf(animal, label, text);
    known.push_back(text);
  }
  for (const char *language : kHeldOut) {
    const std::string text = describe(animal, language);
    if (text.empty() || std::find(known.begin(), known.end(), text) != known.end())
      continue;
    tables.heldOut += rowOf(animal, label, text);
    known.push_back(text);
  }
}

} // namespace

void writeAnimals(const std::string &stamps, const std::string &out) {
  const std::vector<Animal> animals = findAnimals(stamps);
  need(io::makeDirectories(out + "/images"));
  need(io::makeDirectories(out + "/sounds"));
  Tables tables;
  for (size_t label = 0; label < animals.size(); ++label) {
    const Animal &animal = animals[label];
    const std::string name = fileName(animal), from = stamps + "/" + animal.path;
    copyFile(from + ".png", out + "/images/" + name + ".png");
    copyFile(from + ".ogg", out + "/sounds/" + name + ".ogg");
    addRows(animal, label, tables);
  }
  need(io::writeFileAtomically(out + "/train.csv", tables.trained));
  need(io::writeFileAtomically(out + "/validation.csv", tables.heldOut));
  auto rows = [](const std::string &table) {
    return int(std::count(table.begin(), table.end(), '\n')) - 1;
  };
  std::printf("%zu animals, %d rows to train on, %d held out: %s\n", animals.size(),
              rows(tables.trained), rows(tables.heldOut), out.c_str());
}

} // namespace ccm::demo
