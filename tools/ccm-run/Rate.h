// SPDX-License-Identifier: Apache-2.0
// The samples a second that sounds are brought to: those of a training are kept beside its
// checkpoints, since a model hears other rates as other sounds.
#pragma once

#include "ccm/runtime.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ccm::run {

/// Samples a second, at most.
constexpr int64_t kMostRate = int64_t(1) << 24;

/// Whether any data that the model is given may be a sound.
bool hears(const Artifact &artifact);

/// What `keepRate` left where `checkpoint`, a file or a directory, lies; none where there is no
/// such file. Throws Failure.
std::optional<int64_t> rateBeside(const std::string &checkpoint);

/// Writes rate.json into a directory. Throws Failure.
void keepRate(int64_t rate, const std::string &directory);

} // namespace ccm::run
