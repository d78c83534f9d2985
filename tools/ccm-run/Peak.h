// SPDX-License-Identifier: Apache-2.0
// What the processor could do: the rate of fused multiply-adds on registers alone, and of memory.
#pragma once

#include "ccm/runtime.h"

namespace ccm::run {

/// GFLOP/s in f32 of all workers of the pool at once, with the widest vectors this processor has.
/// Takes about 20 ms; 0 where it has no fused multiply-add.
double measurePeak(ThreadPool &pool);

/// GB/s, read and written, of all workers of the pool at once copying beyond their caches. Takes
/// about 100 ms and 64 MiB per worker.
double measureBandwidth(ThreadPool &pool);

} // namespace ccm::run
