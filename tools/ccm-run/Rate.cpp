// SPDX-License-Identifier: Apache-2.0
// Reading and keeping the rate of sounds.
#include "tools/ccm-run/Rate.h"
#include "data/Field.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Names.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>

namespace ccm::run {

using Json = nlohmann::ordered_json;

static bool isSound(const data::Field &field) {
  return !field.discrete() && field.variableRank() == 1 && field.channels() == 1;
}

bool hears(const Artifact &artifact) {
  const auto inputs = artifact.inputs(), outputs = artifact.outputs();
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const ccm_port &port) {
                       return port.draw == CCM_GIVEN && isSound(data::inputField(port));
                     }) ||
         std::any_of(outputs.begin(), outputs.end(),
                     [](const ccm_port &port) { return isSound(data::targetField(port)); });
}

std::optional<int64_t> rateBeside(const std::string &checkpoint) {
  constexpr uint64_t kLargestFile = 4096;
  const std::string path = pathBeside(checkpoint, "rate.json");
  io::Result<std::string> text = io::readFile(path, kLargestFile);
  if (!text && text.error().code == ENOENT)
    return std::nullopt;
  const Json object = Json::parse(need(std::move(text)), nullptr, false);
  const auto rate = object.is_object() ? object.find("rate") : object.end();
  const bool isRate = object.is_object() && rate != object.end() && rate->is_number_integer() &&
                      rate->get<int64_t>() >= 1 && rate->get<int64_t>() <= kMostRate;
  if (!isRate)
    throw failure(kBadInput, path + ": expects an object with a rate of 1 to " +
                                 std::to_string(kMostRate) + " samples a second");
  return rate->get<int64_t>();
}

void keepRate(int64_t rate, const std::string &directory) {
  need(io::writeFileAtomically(directory + "/rate.json", Json{{"rate", rate}}.dump() + "\n"));
}

} // namespace ccm::run
