// SPDX-License-Identifier: Apache-2.0
// What the runtime's loader makes of a checkpoint, as JSON for the drivers beside this file.
#include "ccm/runtime.h"

#include <nlohmann/json.hpp>

#include <cstdio>

using nlohmann::json;

static json errorOf(const ccm::Error &error) { return {{"error", error.message}}; }

/// Of the newest generation the step, what was passed over, and the parameters' SHA-256; the step
/// of the best one that it names, the step of what is loaded as the best, and why that is another;
/// or an error.
static json readBy(const char *library, const char *path) {
  auto artifact = ccm::Artifact::load(library);
  if (!artifact)
    return errorOf(artifact.error());
  auto session = ccm::Session::create(*artifact);
  if (!session)
    return errorOf(session.error());
  auto info = ccm::readCheckpoint(path, ccm::Generation::Newest), best = ccm::readCheckpoint(path);
  if (!info || !best)
    return errorOf(info ? best.error() : info.error());
  auto loaded = (*session)->load(path, {.generation = ccm::Generation::Newest});
  if (!loaded)
    return errorOf(loaded.error());
  return {{"step", info->progress.step},
          {"path", info->path},
          {"names_best", info->progress.best.step},
          {"best", best->progress.step},
          {"lost", best->lost},
          {"damaged", info->damaged},
          {"parameters_sha256", (*session)->parametersSha256()}};
}

/// `read-checkpoint LIBRARY PATH`
int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  std::printf("%s\n", readBy(argv[1], argv[2]).dump().c_str());
  return 0;
}
