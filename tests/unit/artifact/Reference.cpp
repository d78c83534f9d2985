// SPDX-License-Identifier: Apache-2.0
// Plain arithmetic to compare with.
#include "tests/unit/artifact/Reference.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {

Reference::Reference(const Call &call) : y(call.count * 2), dy(y), dx(call.count * 3), dp(y) {
  Values v = unpack(call.params.floats());
  for (int64_t b = 0; b < call.count; ++b) {
    int32_t k = call.id.as<int32_t>()[b];
    const float *x = call.x.as<float>() + b * 3;
    for (int64_t o = 0; o < 2; ++o) {
      double s = v.e[k * 2 + o] + call.p.as<uint8_t>()[b * 2 + o] / 510.0;
      for (int64_t i = 0; i < 3; ++i)
        s += v.w[o * 3 + i] * x[i];
      s += o == 1 ? v.big[k * 9999] : 0;
      int64_t at = b * 2 + o;
      y[at] = s + s * s / 10;
      double error = y[at] - call.target.floats()[at];
      loss += error * error / 2 / double(call.count);
      dy[at] = -3 * error;
      double ds = dy[at] * (1 + s / 5);
      dp[at] = ds / 510;
      for (int64_t i = 0; i < 3; ++i) {
        dx[b * 3 + i] += ds * v.w[o * 3 + i];
        delta.w[o * 3 + i] += ds * x[i];
      }
      delta.e[k * 2 + o] += ds;
      delta.big[k * 9999] += o == 1 ? ds : 0;
    }
  }
}

Values unpack(std::span<const float> packed) {
  Values values;
  for (size_t i = 0; i < 48; ++i) // [i][16] of [o][i]
    if (i % 16 < 2)
      values.w[i % 16 * 3 + i / 16] = packed[i];
    else
      EXPECT_EQ(packed[i], 0) << "padding of w at " << i;
  for (size_t i = 0; i < 16; ++i)
    if (i < 8)
      values.e[i] = packed[48 + i];
    else
      EXPECT_EQ(packed[48 + i], 0) << "padding after e at " << i;
  for (size_t i = 0; i < values.big.size(); ++i)
    values.big[i] = packed[64 + i];
  return values;
}

/// Calls f(parameter, delta, decays) for matching elements of both.
template <typename F>
static void forEach(Values &a, const Values &b, F f) {
  for (size_t i = 0; i < a.w.size(); ++i)
    f(a.w[i], b.w[i], true);
  for (size_t i = 0; i < a.e.size(); ++i)
    f(a.e[i], b.e[i], false);
  for (size_t i = 0; i < a.big.size(); ++i)
    f(a.big[i], b.big[i], true);
}

void updateReference(Values &params, std::array<Values, 2> &state, const Values &delta,
                     int64_t count, int64_t step, double rate, double clip) {
  double squares = 0;
  Values scaled = delta;
  forEach(scaled, delta, [&](double &d, double, bool) { squares += d * d; });
  double norm = std::sqrt(squares) / double(count),
         factor = clip > 0 && norm > clip ? clip / norm : 1;
  forEach(scaled, delta, [&](double &d, double, bool) { d *= factor / double(count); });
  forEach(state[0], scaled, [](double &m, double d, bool) { m = 0.9 * m + 0.1 * d; });
  forEach(state[1], scaled, [](double &v, double d, bool) { v = 0.999 * v + 0.001 * d * d; });
  Values direction = state[0];
  double c1 = 1 / (1 - std::pow(0.9, double(step + 1)));
  double c2 = 1 / (1 - std::pow(0.999, double(step + 1)));
  forEach(direction, state[1],
          [&](double &m, double v, bool) { m = m * c1 / (std::sqrt(v * c2) + 1e-8); });
  forEach(params, direction, [&](double &p, double d, bool decays) {
    p += rate * d - (decays ? rate * 0.01 * p : 0);
  });
}

void expectClose(std::span<const float> found, std::span<const double> expected, const char *what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 1e-3;
  for (double value : expected)
    largest = std::max(largest, std::fabs(value));
  for (size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], 4e-6 * largest) << what << " at " << i;
}

void expectClose(const Values &found, const Values &expected, const char *what) {
  auto floats = [](const auto &values) { return std::vector<float>(values.begin(), values.end()); };
  expectClose(floats(found.w), expected.w, what);
  expectClose(floats(found.e), expected.e, what);
  expectClose(floats(found.big), expected.big, what);
}

} // namespace ccm::test
