// SPDX-License-Identifier: Apache-2.0
// What readers of data return when the data is not what a model expects.
#pragma once

#include <string>
#include <utility>
#include <variant>
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

/// A value, or everything that kept it from being made (at least one problem).
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Problem problem) : state(std::in_place_index<1>) {
    problems().push_back(std::move(problem));
  }
  Result(std::vector<Problem> problems) : state(std::in_place_index<1>, std::move(problems)) {}

  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return std::get<0>(state); }
  const T &operator*() const { return std::get<0>(state); }
  T *operator->() { return &std::get<0>(state); }
  const T *operator->() const { return &std::get<0>(state); }

  std::vector<Problem> &problems() { return std::get<1>(state); }
  const std::vector<Problem> &problems() const { return std::get<1>(state); }
  /// The first problem, with `place` put on it where it has none of its own.
  Problem problem(const std::string &place = "") const {
    Problem first = problems().front();
    if (first.place.empty())
      first.place = place;
    return first;
  }

private:
  std::variant<T, std::vector<Problem>> state;
};

/// The value of a result that carries none.
struct Done {};
using Status = Result<Done>;

} // namespace ccm::data
