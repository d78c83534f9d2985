// SPDX-License-Identifier: Apache-2.0
// A value or what took its place: how calls of the runtime, of data and of files fail.
#pragma once

#include <concepts>
#include <utility>
#include <variant>

namespace ccm {

/// A value of type `T`, or the error that took its place. Success allocates nothing by itself.
template <typename T, typename Error>
class [[nodiscard]] Expected {
public:
  Expected(T value) : state(std::in_place_index<0>, std::move(value)) {}
  /// From an error, or from what makes one.
  template <std::convertible_to<Error> Cause>
  Expected(Cause &&cause) : state(std::in_place_index<1>, std::forward<Cause>(cause)) {}
  explicit operator bool() const { return state.index() == 0; }
  /// The value; only after a check that there is one.
  T &operator*() { return *std::get_if<0>(&state); }
  const T &operator*() const { return *std::get_if<0>(&state); }
  T *operator->() { return std::get_if<0>(&state); }
  const T *operator->() const { return std::get_if<0>(&state); }
  /// The error; only after a check that there is no value.
  Error &error() { return *std::get_if<1>(&state); }
  const Error &error() const { return *std::get_if<1>(&state); }

private:
  std::variant<T, Error> state;
};

/// The value of a call that returns nothing.
struct Done {};

} // namespace ccm
