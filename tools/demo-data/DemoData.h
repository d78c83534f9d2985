// SPDX-License-Identifier: Apache-2.0
// What the data sets of the examples are made of, and how a failure to make one is told.
#pragma once

#include "runtime/io/Io.h"

#include <string>
#include <utility>
#include <vector>

namespace ccm::demo {

enum ExitCode { kDone = 0, kInput = 1, kUsage = 2, kInternal = 70, kFile = 74 };

struct Failure {
  int code;
  std::string message;
};

template <typename T, typename E>
T need(Expected<T, E> result) {
  if (!result)
    throw Failure{kFile, result.error().message};
  return std::move(*result);
}

/// Files below `root` whose names end in `ending`, as sorted paths from `root` without it.
std::vector<std::string> filesBelow(const std::string &root, const std::string &ending);

/// Writes train.csv and validation.csv, of image, text, label and sound, and the files they name
/// to `out`, from the animal stamps of Tux Paint.
void writeAnimals(const std::string &stamps, const std::string &out);

/// Writes animal stamps pasted on photographs, and their alpha: arrays to train on, a table of
/// animals that these do not show, and one of the same on photographs that these do not use.
void writeCutout(const std::string &stamps, const std::string &photographs, const std::string &out);

} // namespace ccm::demo
