// SPDX-License-Identifier: Apache-2.0
// The kernels that are measured.
#pragma once

#include "tests/support/KernelHarness.h"

namespace ccm::bench {

/// A kernel to measure.
struct Case {
  std::string name;
  std::function<KernelOp(test::KernelFixture &)> build;
};

/// All cases, in the order they are reported.
std::vector<Case> cases();

} // namespace ccm::bench
