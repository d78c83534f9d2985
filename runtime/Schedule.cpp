// SPDX-License-Identifier: Apache-2.0
// What a step depends on besides the data: its learning rate and the order of items.
#include "ccm/runtime.h"

#include "runtime/Random.h"

#include <algorithm>
#include <numeric>

namespace ccm {

/// cos(pi x) for x in [0, 1], from its Taylor series around the nearest of 0 and 1: the error of
/// the terms left out, below 2e-17, is less than that of rounding.
static double cosineOfHalfTurns(double x) {
  constexpr double kPi = 3.14159265358979323846;
  if (x > 0.5)
    return -cosineOfHalfTurns(1 - x);
  double square = kPi * x * (kPi * x), sum = 0;
  for (int n = 20; n >= 2; n -= 2) // ((1/20!) s … + 1/2!) s: inner terms first, as Horner
    sum = (1 - sum) * square / (n * (n - 1));
  return 1 - sum;
}

float Schedule::at(int64_t step) const {
  if (step < warmup)
    return static_cast<float>(static_cast<double>(rate) * static_cast<double>(step + 1) /
                              static_cast<double>(warmup));
  if (kind == Kind::Constant || total <= warmup)
    return rate;
  double done = static_cast<double>(std::min(step, total) - warmup);
  double part = done / static_cast<double>(total - warmup);
  return static_cast<float>(rate * (0.5 * (1 + cosineOfHalfTurns(part))));
}

Result<Schedule> Schedule::named(std::string_view name, float rate, int64_t total) {
  if (name == "constant")
    return Schedule{Kind::Constant, rate, 0, total};
  if (name == "cosine")
    return Schedule{Kind::Cosine, rate, 0, total};
  if (name == "warmup")
    return Schedule{Kind::Constant, rate, std::max<int64_t>(total / 20, 1), total};
  return Error{ErrorKind::Input, "expected schedule 'constant', 'cosine' or 'warmup', found '" +
                                     std::string(name) + "'"};
}

void shuffle(std::span<int64_t> order, uint64_t seed, int64_t epoch) {
  __extension__ using Wide = unsigned __int128;
  uint64_t key = keyOf(seed, static_cast<uint64_t>(epoch));
  std::iota(order.begin(), order.end(), 0);
  for (uint64_t left = order.size(); left > 1; --left) {
    uint64_t random = mix(key + left * kGolden);
    // The upper half of the product is uniform below `left`, up to a bias of left / 2^64.
    uint64_t chosen = static_cast<uint64_t>(Wide(random) * left >> 64);
    std::swap(order[chosen], order[left - 1]);
  }
}

} // namespace ccm
