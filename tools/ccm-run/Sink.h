// SPDX-License-Identifier: Apache-2.0
// Where `infer` puts what a model says: a file per sample, a table, or one array of all.
#pragma once

#include "tools/ccm-run/Answer.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace ccm::run {

/// Takes the answers of one output.
class Sink {
public:
  virtual ~Sink() = default;
  /// Takes the answer to a sample, of whose own file `name` is a part, and which `id` tells apart
  /// in a table; returns the file it lies in.
  virtual std::string take(const std::string &name, const std::string &id,
                           const Answer &answer) = 0;
  /// Writes what all samples share.
  virtual void finish() {}
};

/// What a sink has to know of the whole.
struct SinkOptions {
  /// Of WAV files.
  int64_t rate = 0;
  /// Whether there may be more than one sample.
  bool isMany = false;
  int64_t samples = 1;
  /// What tables call the column of ids.
  std::string idTitle = "row";
  /// Device and inode of the files that were read, which are never written.
  std::set<std::pair<uint64_t, uint64_t>> read = {};
};

/// A sink for a path: `.csv` and `.npy` hold all samples; of many samples each has its own .png,
/// .jpg, .wav, .txt or .npy where "{}" stands for its name. Throws Failure with kBadCommandLine
/// where the output cannot be written so, and with kBadInput where a file that was read would be
/// written.
std::unique_ptr<Sink> makeSink(const Reading &reading, const std::string &path,
                               const SinkOptions &options);

} // namespace ccm::run
