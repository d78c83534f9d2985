// SPDX-License-Identifier: Apache-2.0
// How the runtime's calls fail: by returning an error in place of their value.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace ccm {

/// Who can mend a failure.
enum class ErrorKind {
  Input,  ///< what was handed in is wrong: a library, a value, another model's checkpoint
  File,   ///< the operating system refused a file, or memory or threads
  Damage, ///< a checkpoint is not as it was written
  Loss,   ///< training diverged: a loss, a delta to clip or a parameter that is not finite
};

/// A failed call: who can mend it and a sentence for the user, lower case, without a full stop.
struct Error {
  ErrorKind kind = ErrorKind::Input;
  std::string message;
};

/// A value or the error that took its place. Success allocates nothing by itself.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state.index() == 0; }
  /// The value; only after a check that there is one.
  T &operator*() { return *std::get_if<0>(&state); }
  const T &operator*() const { return *std::get_if<0>(&state); }
  T *operator->() { return std::get_if<0>(&state); }
  const T *operator->() const { return std::get_if<0>(&state); }
  /// The error; only after a check that there is no value.
  const Error &error() const { return *std::get_if<1>(&state); }

private:
  std::variant<T, Error> state;
};

/// The value of a call that returns nothing.
struct Done {};
using Status = Result<Done>;

} // namespace ccm
