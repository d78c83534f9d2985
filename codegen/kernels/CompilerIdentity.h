// SPDX-License-Identifier: Apache-2.0
// Which compiler this is, so that what another one left in a cache is not taken for its own.
#pragma once

#include <string>

namespace ccm {

/// 16 hexadecimal digits of a digest over the build identifiers that the linker left in this
/// program and in the libraries it has loaded. Two builds of different code differ.
std::string compilerIdentity();

} // namespace ccm
