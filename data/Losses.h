// SPDX-License-Identifier: Apache-2.0
// What outputs are compared by.
#pragma once

#include "ccm/runtime.h"

#include <cstddef>
#include <string>
#include <vector>

namespace ccm::data {

/// The kind of an output's loss, as in a declaration: "mse", "bce", …; "" where it is not known.
std::string lossOf(const Artifact &artifact, size_t output);

/// Names of the outputs whose targets are from 0 to 1: those that are compared by bce.
std::vector<std::string> fractionsOf(const Artifact &artifact);

} // namespace ccm::data
