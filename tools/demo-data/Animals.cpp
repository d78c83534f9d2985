// SPDX-License-Identifier: Apache-2.0
// ccm-demo-data: turns the animal stamps of Tux Paint into tables of image, text, label and sound.
#include "runtime/io/Io.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace ccm::demo {

namespace {

enum ExitCode { kDone = 0, kInput = 1, kUsage = 2, kInternal = 70, kFile = 74 };

struct Failure {
  int code;
  std::string message;
};

/// Languages whose descriptions are trained on, and those that are held out; "" is English.
constexpr std::array<const char *, 8> kTrained = {"", "fr", "es", "it", "de", "nl", "sv", "pl"};
constexpr std::array<const char *, 4> kHeldOut = {"pt", "ca", "da", "cs"};

template <typename T>
T need(io::Result<T> result) {
  if (!result)
    throw Failure{kFile, result.error().message};
  return std::move(*result);
}

/// An animal that has a picture, a text and a sound.
struct Animal {
  std::string path; ///< below the stamps, without suffix
  std::string text; ///< descriptions, one line per language
};

/// Files below `folder` that end in ".ogg" and are no spoken descriptions, as paths without suffix.
void findSounds(const std::string &root, const std::string &folder,
                std::vector<std::string> &found) {
  io::Result<std::vector<std::string>> names =
      io::listDirectory(folder.empty() ? root : root + "/" + folder);
  if (!names && names.error().code == ENOTDIR && !folder.empty())
    return;
  for (const std::string &name : need(std::move(names))) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    if (name.ends_with(".ogg") && name.find("_desc") == name.npos)
      found.push_back(path.substr(0, path.size() - 4));
    else if (name.find('.') == name.npos)
      findSounds(root, path, found);
  }
}

/// Sorted by path. Sounds without a picture or a text are left out and said.
std::vector<Animal> findAnimals(const std::string &root) {
  std::vector<std::string> paths;
  findSounds(root, "", paths);
  std::sort(paths.begin(), paths.end());
  std::vector<Animal> animals;
  for (const std::string &path : paths) {
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

void writeAnimals(const std::string &root, const std::string &out) {
  const std::vector<Animal> animals = findAnimals(root);
  need(io::makeDirectories(out + "/images"));
  need(io::makeDirectories(out + "/sounds"));
  Tables tables;
  for (size_t label = 0; label < animals.size(); ++label) {
    const Animal &animal = animals[label];
    const std::string name = fileName(animal), from = root + "/" + animal.path;
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

int run(int argc, char **argv) {
  std::string root = "/usr/share/tuxpaint/stamps/animals", out;
  CLI::App app("writes tables of image, text, label and sound from the animal stamps of Tux Paint",
               "ccm-demo-data");
  app.add_option("out", out, "a folder for train.csv, validation.csv and the files they name")
      ->required();
  app.add_option("--from", root, "the animal stamps")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  writeAnimals(root, out);
  return std::fflush(stdout) == 0 ? kDone : kFile;
}

} // namespace

} // namespace ccm::demo

int main(int argc, char **argv) {
  using namespace ccm::demo;
  try {
    return run(argc, argv);
  } catch (const Failure &failure) {
    std::fprintf(stderr, "error: %s\n", failure.message.c_str());
    return failure.code;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "internal error: %s\n", error.what());
    return kInternal;
  }
}
