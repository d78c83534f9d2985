// SPDX-License-Identifier: Apache-2.0
// The model of `model.mlir` in plain double arithmetic.
#pragma once

#include "tests/unit/artifact/TinyModel.h"

namespace ccm::test {

/// Canonical parameters, or a delta of them.
struct Values {
  std::array<double, 6> w = {}; ///< [2][3]
  std::array<double, 8> e = {}; ///< [4][2]
  std::vector<double> big = std::vector<double>(40000);
};

/// What one pass over a batch gives.
struct Reference {
  /// Computes everything from the call's inputs, targets and parameters.
  explicit Reference(const Call &call);
  std::vector<double> y, dy, dx, dp;
  double loss = 0; ///< unweighted mean
  Values delta;
};

/// Reads packed floats; fails the test where padding is not zero.
Values unpack(std::span<const float> packed);

/// One step of adamw from `delta`, the sum of `count` samples', whose mean is scaled to a norm of
/// at most `clip` unless 0.
void updateReference(Values &params, std::array<Values, 2> &state, const Values &delta,
                     int64_t count, int64_t step, double rate, double clip);

/// Fails the test unless all elements agree within a few float roundings of the largest.
void expectClose(std::span<const float> found, std::span<const double> expected, const char *what);
void expectClose(const Values &found, const Values &expected, const char *what);

} // namespace ccm::test
