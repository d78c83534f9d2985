// SPDX-License-Identifier: Apache-2.0
// What a core could do: fused multiply-adds of f32 on registers alone, to measure kernels beside.
#pragma once

#include <cstdint>

namespace ccm {

/// The f32 lanes of the widest vectors that this processor multiplies and adds: 16, 8, or 0 where
/// it has no fused multiply-add.
unsigned widestLanes();

/// Runs `rounds` rounds on vectors of `lanes`, 8 or 16, that this processor has. Returns the
/// floating-point operations done, two for each multiply-add.
double runMultiplyAdds(unsigned lanes, int64_t rounds);

} // namespace ccm
