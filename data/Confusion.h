// SPDX-License-Identifier: Apache-2.0
// Which class was taken for which: counts, shares, and a picture of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccm::data {

/// How often each class was predicted for each target.
class Confusion {
public:
  /// More classes are not counted by pairs: nobody could look at them.
  static constexpr int64_t kMostClasses = 1024;

  /// `classes` is at most kMostClasses.
  explicit Confusion(int64_t classes) : count(classes), cells(size_t(classes * classes)) {}
  int64_t classes() const { return count; }
  /// Both are in [0, classes()).
  void take(int64_t target, int64_t predicted) { ++cells[size_t(target * count + predicted)]; }
  int64_t at(int64_t target, int64_t predicted) const {
    return cells[size_t(target * count + predicted)];
  }
  /// How often the class was the target, or was predicted.
  int64_t targets(int64_t target) const;
  int64_t predictions(int64_t predicted) const;
  /// Share of a class's targets that were predicted; none where it never is the target.
  std::optional<double> recall(int64_t target) const;
  /// Share of a class's predictions that are right; none where it never is predicted.
  std::optional<double> precision(int64_t predicted) const;
  /// The mean recall of the classes that are targets.
  double balancedAccuracy() const;
  /// The mean, over the classes that are targets or predictions, of the harmonic mean of precision
  /// and recall.
  double macroF1() const;

private:
  int64_t count;
  std::vector<int64_t> cells;
};

/// The name of a class: its own, else its index.
std::string className(const std::vector<std::string> &names, int64_t index);

/// An SVG document: a row for every target, a column for every prediction, shaded by the share of
/// the row, counts and names where there is room, and every class's recall. `names` may be empty.
std::string drawConfusion(const std::string &title, const Confusion &confusion,
                          const std::vector<std::string> &names);

} // namespace ccm::data
