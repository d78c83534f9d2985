// SPDX-License-Identifier: Apache-2.0
// What generated sequences begin with.
#pragma once

#include "ccm/abi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ccm::run {

/// The elements that a prompt names: the bytes of a text, or of @file, for an output of 256
/// indices, else indices between blanks or commas. Throws Failure where it is longer than the
/// output or has an element that is no index of it.
std::vector<int32_t> promptOf(const std::string &prompt, const ccm_port &output);

} // namespace ccm::run
