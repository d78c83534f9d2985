// SPDX-License-Identifier: Apache-2.0
// Reading and keeping the names of indices.
#include "tools/ccm-run/Names.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <set>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kLargestFile = uint64_t(64) << 20;

/// Every name is one line of text that stands for one index.
void checkNames(const std::vector<std::string> &names, const std::string &path) {
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string place = path + ":" + std::to_string(i + 1) + ": ";
    if (names[i].empty() || names[i] != data::trimmed(names[i]))
      throw failure(kBadInput, place + "expects a name without blanks around it");
    if (!seen.insert(names[i]).second)
      throw failure(kBadInput, place + "the name '" + names[i] + "' stands twice");
  }
}

std::vector<std::string> linesOf(const std::string &path) {
  const std::string text = need(io::readFile(path, kLargestFile));
  std::vector<std::string> names;
  for (size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r'))
      line.pop_back();
    names.push_back(std::move(line));
    at = end + 1;
  }
  if (names.empty())
    throw failure(kBadInput, path + ": expects one name a line, got an empty file");
  checkNames(names, path);
  return names;
}

data::Names namesBeside(const std::string &checkpoint) {
  const std::string path = pathBeside(checkpoint, "names.json");
  io::Result<std::string> text = io::readFile(path, kLargestFile);
  if (!text && text.error().code == ENOENT)
    return {};
  const Json object = Json::parse(need(std::move(text)), nullptr, false);
  if (!object.is_object())
    throw failure(kBadInput, path + ": expects an object of lists of names");
  data::Names names;
  for (const auto &[port, list] : object.items()) {
    const bool isList =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const Json &name) { return name.is_string(); });
    if (!isList)
      throw failure(kBadInput, path + ": expects a list of names for '" + port + "'");
    names[port] = list.get<std::vector<std::string>>();
    checkNames(names[port], path);
  }
  return names;
}

} // namespace

std::string pathBeside(const std::string &checkpoint, const std::string &name) {
  if (io::listDirectory(checkpoint))
    return checkpoint + "/" + name;
  const size_t slash = checkpoint.rfind('/');
  return (slash == checkpoint.npos ? "" : checkpoint.substr(0, slash + 1)) + name;
}

data::Names readNames(const std::vector<std::string> &files, const std::string &checkpoint) {
  data::Names names = checkpoint.empty() ? data::Names() : namesBeside(checkpoint);
  for (const std::string &file : files) {
    const auto [port, path] = assignmentOf("--names", file);
    names[port] = linesOf(path);
  }
  return names;
}

void keepNames(const data::Names &names, const std::string &directory) {
  if (names.empty())
    return;
  const std::string text = Json(names).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  need(io::writeFileAtomically(directory + "/names.json", text));
}

} // namespace ccm::run
