// SPDX-License-Identifier: Apache-2.0
// Random numbers of a key and a counter, the same on every machine.
#pragma once

#include <cstdint>

namespace ccm {

/// What counters are spread by: 2^64 over the golden ratio.
constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

/// A bijection that spreads every bit of its argument (the finalizer of SplitMix64).
inline uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

/// The key of one of many streams of a seed.
inline uint64_t keyOf(uint64_t seed, uint64_t stream) { return mix(mix(seed + kGolden) ^ stream); }

/// Number `counter` of a key, at least 0 and below 1.
inline double uniform(uint64_t key, uint64_t counter) {
  return static_cast<double>(mix(key + counter * kGolden) >> 11) * 0x1p-53;
}

} // namespace ccm
