// SPDX-License-Identifier: Apache-2.0
// How often this process has asked for memory.
#pragma once

#include <cstdint>

namespace ccm::test {

/// Calls of operator new so far, by any thread.
int64_t allocationCount();

} // namespace ccm::test
