// SPDX-License-Identifier: Apache-2.0
// Losses, from what a library says of its model.
#include "data/Losses.h"

#include <nlohmann/json.hpp>

namespace ccm::data {

std::string lossOf(const Artifact &artifact, size_t output) {
  const auto description = nlohmann::json::parse(artifact.describe(), nullptr, false);
  if (!description.is_object() || !description.contains("outputs"))
    return "";
  const auto &outputs = description["outputs"];
  if (!outputs.is_array() || output >= outputs.size() || !outputs[output].is_object())
    return "";
  const auto loss = outputs[output].find("loss");
  return loss != outputs[output].end() && loss->is_string() ? loss->get<std::string>() : "";
}

std::vector<std::string> fractionsOf(const Artifact &artifact) {
  std::vector<std::string> names;
  for (size_t output = 0; output < artifact.outputs().size(); ++output)
    if (lossOf(artifact, output) == "bce")
      names.push_back(artifact.outputs()[output].name);
  return names;
}

} // namespace ccm::data
