// SPDX-License-Identifier: Apache-2.0
// What most verbs begin with: a model, threads, a session, and data for it.
#pragma once

#include "ccm/runtime.h"
#include "tools/data/Dataset.h"

#include <CLI/App.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ccm::run {

/// Options that several verbs share; each verb adds those it has.
struct Options {
  std::string library;
  std::string data;
  std::string checkpoint;
  bool json = false;
  int32_t threads = 0;
  int64_t batch = 32;
  std::optional<uint64_t> seed;
  data::DatasetOptions reading;

  void addLibrary(CLI::App &verb);
  void addJson(CLI::App &verb);
  void addData(CLI::App &verb, bool required);
  void addCheckpoint(CLI::App &verb, bool required);
  void addThreads(CLI::App &verb);
  void addBatch(CLI::App &verb);
  void addSeed(CLI::App &verb, const std::string &ofWhat);
};

/// A loaded model with its threads and parameters. Throws Failure when it cannot be made.
struct Job {
  explicit Job(const Options &options);

  std::shared_ptr<const Artifact> artifact;
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<Session> session;

  const ccm_model &model() const { return artifact->model(); }
  data::Dataset openData(const Options &options) const;
  /// A batch whose first rows are those of the data, again from the start where it has too few.
  Batch fill(const data::Dataset &data, int64_t count, unsigned parts) const;
};

/// Whether an output's values are scores that a sigmoid makes shares of: its loss is "bce".
bool saysScores(const Artifact &artifact, size_t output);

/// The data as the runtime reads it; it must outlive the source.
Source sourceOf(const data::Dataset &data);

} // namespace ccm::run
