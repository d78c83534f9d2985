// SPDX-License-Identifier: Apache-2.0
// A counter-based generator: every number is a function of (stream, index) alone.
#pragma once

#include <cstdint>

namespace ccm::data {

/// Random numbers that can be had in any order. Only exact operations: same bits on every machine.
class Counter {
public:
  explicit Counter(uint64_t stream) : key(mix(stream + 0x9E3779B97F4A7C15u)) {}
  /// A stream of its own for each `index`.
  Counter stream(uint64_t index) const { return Counter(bits(index)); }
  /// 64 random bits.
  uint64_t bits(uint64_t index) const { return mix(key ^ mix(index * 0x9E3779B97F4A7C15u + key)); }
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform(uint64_t index) const { return double(bits(index) >> 11) * 0x1p-53; }
  /// Uniform in [0, limit), limit in [1, 2^32]; the bias is below limit / 2^32.
  int64_t below(uint64_t index, int64_t limit) const {
    return int64_t((bits(index) >> 32) * uint64_t(limit) >> 32);
  }
  /// Near normal, mean 0 and deviation 1: the sum of 4 uniforms, scaled; within ±3.5.
  double normal(uint64_t index) const {
    double sum = 0;
    for (uint64_t i = 0; i < 4; ++i)
      sum += uniform(index * 4 + i);
    return (sum - 2) * 1.7320508075688772;
  }
  /// 1 or -1.
  double sign(uint64_t index) const { return bits(index) >> 63 ? 1.0 : -1.0; }

private:
  /// The finalizer of splitmix64, a bijection.
  static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
  }

  uint64_t key;
};

} // namespace ccm::data
