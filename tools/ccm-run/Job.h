// SPDX-License-Identifier: Apache-2.0
// What most verbs begin with: a model, threads, a session, and data for it.
#pragma once

#include "ccm/runtime.h"
#include "data/Dataset.h"
#include "data/Losses.h"

#include <CLI/App.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccm::run {

/// Splits "port=value" at the first '='; throws Failure with kBadCommandLine when `option` has no
/// port.
std::pair<std::string, std::string> assignmentOf(const std::string &option,
                                                 const std::string &text);

/// Options that several verbs share; each verb adds those it has.
struct Options {
  std::string library;
  std::string data;
  std::string checkpoint;
  LoadOptions load; ///< what of the checkpoint
  std::vector<std::string> nameFiles;
  std::string missing;
  bool json = false;
  /// Samples a second of sounds; those beside the checkpoint where it is not given.
  std::optional<int64_t> rate;
  /// Another rate than that of the checkpoint is refused.
  bool keepsRate = true;
  int32_t threads = 0;
  int64_t batch = 32;
  std::optional<uint64_t> seed;
  /// In MiB.
  int64_t dataMemory = 2048;
  /// Batches that are read while others are computed.
  int64_t ahead = 2;
  data::DatasetOptions reading;

  void addLibrary(CLI::App &verb);
  void addJson(CLI::App &verb);
  void addData(CLI::App &verb, bool required);
  void addDataMemory(CLI::App &verb);
  void addRate(CLI::App &verb);
  void addNames(CLI::App &verb);
  void addTables(CLI::App &verb);
  void addAhead(CLI::App &verb);
  void addCheckpoint(CLI::App &verb, bool required);
  void addPart(CLI::App &verb, CLI::Option *checkpoint);
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
  /// How data is read. Names and the rate that are not given are those beside the checkpoint.
  data::DatasetOptions readingOf(const Options &options) const;
  /// Samples a second that sounds are brought to. Throws Failure where the options ask for another
  /// rate than that of the checkpoint.
  int64_t rateOf(const Options &options) const;
  /// What --data names; tells what of it is not used.
  data::Dataset openData(const Options &options) const;
  /// As openData, parted as --validation asks.
  data::Split openSplit(const Options &options, const std::string &validation) const;
  /// How many batches to read ahead: what is in memory is copied at once, and a thread for that
  /// would only be in the way.
  static int64_t aheadOf(const data::Dataset &data, const Options &options) {
    return data.readsCells() ? options.ahead : 0;
  }
  /// The data as the runtime reads it; it must outlive the source, and so must this job.
  Source sourceOf(const data::Dataset &data);
  /// A batch of the data's rows from `first` on, again from the start where it has too few.
  Batch fill(const data::Dataset &data, int64_t count, unsigned parts, int64_t first = 0);
  /// Samples of a batch that runs every block size of the library once.
  int64_t batchOfAllBlocks() const;

private:
  /// Decode what did not fit into memory; made when first needed.
  std::unique_ptr<ThreadPool> readers;
  int32_t threads;
};

/// Tells what whoever opened the data should know.
void tellNotes(const data::Dataset &data);

/// The input that says what comes before each element of the output, or null: the model is not
/// autoregressive.
const ccm_port *shiftedInput(const Artifact &artifact);

using data::lossOf;

/// What a chart calls the model's loss, with its unit.
std::string lossLabel(const Artifact &artifact);

} // namespace ccm::run
