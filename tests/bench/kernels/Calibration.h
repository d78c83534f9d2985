// SPDX-License-Identifier: Apache-2.0
// Speed of this processor beside which kernels are measured.
#pragma once

#include <functional>

namespace ccm::bench {

/// Medians over repetitions in which nobody else ran on this processor.
struct Timing {
  double microseconds = 0;
  double percent = 0; ///< of the rate of `runMultiplyAdds` right before and after each repetition
  double rate = 0;    ///< that rate, GFLOP/s
};

/// Times `work`, which does `flops` operations, for about `seconds`.
Timing measure(double flops, unsigned lanes, double seconds, const std::function<void()> &work);

} // namespace ccm::bench
