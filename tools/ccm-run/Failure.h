// SPDX-License-Identifier: Apache-2.0
// How a verb ends early: an exit code and what to tell, thrown up to `main`.
#pragma once

#include "ccm/runtime.h"
#include "data/Problem.h"
#include "runtime/io/Io.h"
#include "tools/support/ExitCode.h"

#include <string>
#include <utility>
#include <vector>

namespace ccm::run {

/// Ends the verb with `code` after printing `lines` to standard error.
struct Failure {
  int code = kBadInput;
  std::vector<std::string> lines;
};

/// "error: message", with exit code `code`.
inline Failure failure(int code, const std::string &message) {
  return {code, {"error: " + message}};
}

/// The value, or its error as a Failure.
template <typename T>
T need(Result<T> result) {
  if (!result)
    throw failure(result.error().kind == ErrorKind::File ? kBadFile : kBadInput,
                  result.error().message);
  return std::move(*result);
}

/// The value, or all problems as a Failure; the first decides the exit code.
template <typename T>
T need(data::Result<T> result) {
  if (result)
    return std::move(*result);
  Failure failed{result.error().first().fault == data::Fault::file ? kBadFile : kBadInput, {}};
  for (const data::Problem &problem : result.error())
    failed.lines.push_back(problem.text());
  throw failed;
}

/// The value, or a Failure with the exit code of files.
template <typename T>
T need(io::Result<T> result) {
  if (!result)
    throw failure(kBadFile, result.error().message);
  return std::move(*result);
}

} // namespace ccm::run
