// SPDX-License-Identifier: Apache-2.0
// Speed of this processor beside which kernels are measured.
#pragma once

#include <functional>

namespace ccm::bench {

/// Multiply-adds of f32 vectors of the target's width, from registers alone, in GFLOP/s: a run of
/// about 60 microseconds.
double fmaRate(unsigned lanes);

/// Medians over repetitions in which nobody else ran on this processor.
struct Timing {
  double microseconds = 0;
  double percent = 0; ///< of the rate calibrated directly before and after each repetition
  double rate = 0;    ///< that rate, GFLOP/s
};

/// Times `work`, which does `flops` operations, for about `seconds`.
Timing measure(double flops, unsigned lanes, double seconds, const std::function<void()> &work);

} // namespace ccm::bench
