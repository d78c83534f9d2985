// SPDX-License-Identifier: Apache-2.0
// What readers of data return when the data is not what a model expects.
#pragma once

#include "ccm/expected.h"
#include <string>
#include <vector>

namespace ccm::data {

/// Whose fault it is: what was read says something wrong, or it could not be read or written.
enum class Fault { input, file };

/// One thing that is wrong: where ("train.csv:3:17", may be empty) and a sentence, lower case and
/// without a full stop, that says what was expected and what was found.
struct Problem {
  Fault fault = Fault::input;
  std::string place;
  std::string message;

  /// "train.csv:3:17: error: …"
  std::string text() const { return (place.empty() ? "" : place + ": ") + "error: " + message; }
};

/// Everything that is wrong, in the order in which it was found; at least one.
class Problems {
public:
  Problems(Problem problem) { all.push_back(std::move(problem)); }
  Problems(std::vector<Problem> problems) : all(std::move(problems)) {}

  auto begin() const { return all.begin(); }
  auto end() const { return all.end(); }
  /// The first, with `place` put on it where it has none of its own.
  Problem first(const std::string &place = "") const {
    Problem problem = all.front();
    if (problem.place.empty())
      problem.place = place;
    return problem;
  }

private:
  std::vector<Problem> all;
};

/// Collects problems: tells the first in full, and of the others how many there are.
class ProblemList {
public:
  void add(Problem problem) {
    if (++count <= kMostTold)
      told.push_back(std::move(problem));
  }
  bool empty() const { return told.empty(); }
  /// Whether the others are counted alone: what they say is of no use.
  bool isFull() const { return count >= kMostTold; }
  /// What was collected, at least one; `place` is where all of them are.
  Problems take(const std::string &place) {
    if (count > kMostTold)
      told.push_back({Fault::input, place,
                      "and " + std::to_string(count - kMostTold) + " more such problems"});
    return std::move(told);
  }

private:
  /// More in full would not help to mend what was read.
  static constexpr size_t kMostTold = 10;
  std::vector<Problem> told;
  size_t count = 0;
};

template <typename T>
using Result = Expected<T, Problems>;
using Status = Result<Done>;

} // namespace ccm::data
