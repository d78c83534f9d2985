// SPDX-License-Identifier: Apache-2.0
// Faults put into the code on purpose, in test builds alone, to show that the tests notice them.
#pragma once

#include <cstdlib>
#include <string_view>

namespace ccm::io {

/// True where this is a test build (`-DCCM_TEST_BUILD=ON`) and the environment variable
/// CCM_SABOTAGE names `fault`. Everywhere else a constant: the faulty branch is not even compiled
/// in.
#ifdef CCM_TEST_BUILD
inline bool sabotaged(std::string_view fault) {
  const char *wanted = std::getenv("CCM_SABOTAGE");
  return wanted && fault == wanted;
}
#else
static constexpr bool sabotaged(std::string_view) { return false; }
#endif

} // namespace ccm::io
