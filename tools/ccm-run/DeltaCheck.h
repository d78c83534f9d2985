// SPDX-License-Identifier: Apache-2.0
// Whether the deltas of a model are the slopes of its loss, judged by the loss alone.
//
// For a parameter or input x, a displacement D and p(t) the deltas' slope along D at x + tD,
//   loss(x + D) - loss(x) = integral of p over [0, 1],
// which also holds across the kinks of relu, max and l1. The integral is taken by the trapezoid
// rule; what that may miss is at most the variation of p between its nodes. The rounding errors of
// the loss and of p are measured, by differences of high order over displacements so small that
// nothing else is left (Moré and Wild, "Estimating computational noise", 2011). A difference within
// the sum of the two is explained; anything above is a wrong delta.
#pragma once

#include "ccm/runtime.h"
#include "data/Counter.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ccm::run {

/// What was found for one parameter or input.
struct DeltaFinding {
  std::string name;     ///< of the parameter; "input x" for an input
  double measured = 0;  ///< change of the loss
  double predicted = 0; ///< change of the loss by the deltas
  double bound = 0;     ///< how far the two may be apart
  /// In units of the bound: above 1 the delta is wrong.
  double error() const;
};

/// Moves values away from zeros and ones, which make slopes vanish or kinks coincide.
void moveFromZeros(std::span<float> values, const data::Counter &counter);

/// How many deviations no one of `checks` normal errors exceeds, but for a chance of one in a
/// million.
double deviationsFor(size_t checks);

/// The deviation of the rounding errors in values taken at equal, very small distances.
double noiseOf(std::vector<double> values);

class DeltaCheck {
public:
  /// Moves the session's trained parameters to a generic point that depends on `seed`. The batch
  /// holds inputs, targets, outputs and both deltas, filled for all of its capacity; it and the
  /// session must outlive the check.
  static Result<DeltaCheck> create(Session &session, Batch &batch, uint64_t seed);
  /// Trained parameters and continuous f32 inputs.
  size_t count() const { return places.size(); }
  /// Checks one of them; everything is as before afterwards.
  Result<DeltaFinding> check(size_t index);

private:
  /// Values that can be moved.
  struct Place {
    std::string name;
    int32_t index; ///< of the parameter or input
    bool isInput;
    std::vector<float> centre, direction;
    double slopeNoise = 0;
  };
  /// A line through a place's centre: both ends' losses, and the slopes at its nodes.
  struct Walk {
    double measured = 0, predicted = 0, variation = 0;
  };

  DeltaCheck(Session &session, Batch &batch, Delta delta)
      : session(&session), batch(&batch), delta(std::move(delta)) {}
  void findPlaces();
  Status moveToGenericPoint(uint64_t seed);
  Status chooseDirections(uint64_t seed);
  Status measureNoise();
  /// Adds one point of the noise measurement: the loss less what the first slopes explain, and
  /// every place's slope along its direction.
  Status sampleNoise(double share, const std::vector<std::vector<float>> &slopes,
                     std::vector<double> &losses, std::vector<std::vector<double>> &alongs);
  Result<double> evaluate();
  Status write(const Place &place, std::span<const float> values);
  std::vector<float> slopesOf(const Place &place) const;
  Result<Walk> walk(const Place &place, double reach, int panels);
  double boundByLoss() const;
  double boundByDeltas(const Place &place, const Walk &walk, double reach) const;
  DeltaFinding judge(const Place &place, const Walk &walk, double reach) const;
  Result<DeltaFinding> refine(const Place &place, Walk walked, double reach);

  Session *session;
  Batch *batch;
  Delta delta;
  std::vector<Place> places;
  double lossNoise = 0;
};

} // namespace ccm::run
