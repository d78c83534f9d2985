// SPDX-License-Identifier: Apache-2.0
// Whether two libraries of one declaration compute the same, judged by how far rounding alone can
// take the reference.
//
// Rounding in a computation does what moving its data by units in the last place does (backward
// error). The reference is run at points whose parameters, inputs and output deltas are each moved
// by one unit, up or down at random; output deltas, too, because those of l1 are all of one size,
// and the error of their sums would else be the same at every point. The deviation of an element
// from its value at the unmoved point is the response to one unit everywhere, with fresh rounding
// of the reference's own. The library under test may be off by kUnits of these, with a quantile for
// the number of elements that are looked at. Its own deviations count for nothing: a wrong library
// does not excuse itself.
//
// At a kink (relu at zero, two equal values under a maximum) rounding alone may change a delta by
// more. That happens at one point and not at another; a wrong kernel is wrong at every point.
#pragma once

#include "ccm/runtime.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccm::run {

/// What was found for one output, delta, or the loss.
struct TensorFinding {
  std::string name;
  size_t elements = 0;
  /// Of the element that is worst in units of its bound.
  double difference = 0, bound = 0;
  /// In units of the bound: above 1 the library is wrong.
  double error = 0;
};

/// Refuses libraries of different declarations, whose ports need not be the same.
Status checkSameDeclaration(const Artifact &tested, const Artifact &reference);

/// Compares two sessions at one point after another. Both batches hold the same inputs and targets,
/// filled for all of their capacity, and outputs and both deltas.
class LibraryCheck {
public:
  struct Side {
    Session *session;
    Batch *batch;
  };

  /// Of libraries of the same declaration. All must outlive the check.
  static Result<LibraryCheck> create(Side tested, Side reference);
  /// Compares at a point that depends on `seed`: parameters away from zeros, the same in both.
  Result<std::vector<TensorFinding>> check(uint64_t seed);

private:
  /// Every tensor's elements, in the order of `names`.
  using Observation = std::vector<std::vector<float>>;

  LibraryCheck(Side tested, Side reference) : tested(tested), reference(reference) {}
  Status readOrigins();
  void chooseNames();
  Status moveTo(uint64_t seed);
  Status nudge(uint64_t point);
  Status restore();
  Result<Observation> observe(const Side &side, std::optional<uint64_t> point = {}) const;
  void nudgeOutputDeltas(uint64_t point) const;
  Result<std::vector<std::vector<double>>> deviations(const Observation &base);

  Side tested, reference;
  std::vector<std::string> names;
  /// Parameters as they were handed in, and as they are at the point; continuous inputs by port.
  std::vector<std::vector<float>> origins, parameters, inputs;
};

} // namespace ccm::run
