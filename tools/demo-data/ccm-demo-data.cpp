// SPDX-License-Identifier: Apache-2.0
// ccm-demo-data: makes the data sets of the examples from files of distribution packages.
#include "tools/demo-data/DemoData.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>

namespace ccm::demo {

namespace {

void findFiles(const std::string &root, const std::string &folder, const std::string &ending,
               std::vector<std::string> &found) {
  io::Result<std::vector<std::string>> names =
      io::listDirectory(folder.empty() ? root : root + "/" + folder);
  if (!names && names.error().code == ENOTDIR && !folder.empty())
    return;
  for (const std::string &name : need(std::move(names))) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    if (name.ends_with(ending))
      found.push_back(path.substr(0, path.size() - ending.size()));
    else if (name.find('.') == name.npos)
      findFiles(root, path, ending, found);
  }
}

int run(int argc, char **argv) {
  std::string stamps = "/usr/share/tuxpaint/stamps/animals", out;
  std::string photographs = "/usr/share/tuxpaint/templates";
  CLI::App app("makes the data sets of the examples from pictures and sounds of Tux Paint",
               "ccm-demo-data");
  app.require_subcommand(1);
  CLI::App *animals = app.add_subcommand("animals", "tables of image, text, label and sound");
  CLI::App *cutout = app.add_subcommand("cutout", "animals on photographs, and their alpha");
  for (CLI::App *verb : {animals, cutout}) {
    verb->add_option("out", out, "a folder for what is made")->required();
    verb->add_option("--from", stamps, "the animal stamps")->capture_default_str();
  }
  cutout->add_option("--on", photographs, "the photographs")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  *animals ? writeAnimals(stamps, out) : writeCutout(stamps, photographs, out);
  return std::fflush(stdout) == 0 ? kDone : kFile;
}

} // namespace

std::vector<std::string> filesBelow(const std::string &root, const std::string &ending) {
  std::vector<std::string> found;
  findFiles(root, "", ending, found);
  std::sort(found.begin(), found.end());
  return found;
}

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
