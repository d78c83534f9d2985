// SPDX-License-Identifier: Apache-2.0
// What the runtime's loader makes of a checkpoint, as JSON for the drivers beside this file.
#include "ccm/runtime.h"

#include <nlohmann/json.hpp>

#include <cstdio>

using nlohmann::json;

static json errorOf(const ccm::Error &error) { return {{"error", error.message}}; }

/// The step, what was passed over, and the parameters' SHA-256; or an error.
static json readBy(const char *library, const char *path) {
  auto artifact = ccm::Artifact::load(library);
  if (!artifact)
    return errorOf(artifact.error());
  auto session = ccm::Session::create(*artifact);
  if (!session)
    return errorOf(session.error());
  auto info = ccm::readCheckpoint(path);
  if (!info)
    return errorOf(info.error());
  if (ccm::Status loaded = (*session)->load(path); !loaded)
    return errorOf(loaded.error());
  return {{"step", info->progress.step},
          {"path", info->path},
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
