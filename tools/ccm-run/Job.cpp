// SPDX-License-Identifier: Apache-2.0
// Options and set-up shared by the verbs.
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Failure.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstring>
#include <numeric>

namespace ccm::run {

namespace {

constexpr int64_t kMostBatch = 1 << 20;
constexpr int32_t kMostThreads = 1024;

void copyRow(const data::Column &column, int64_t row, void *array, size_t slot) {
  const std::span<const std::byte> sample = column.at(row);
  std::memcpy(static_cast<std::byte *>(array) + slot * sample.size(), sample.data(), sample.size());
}

void fillBatch(const data::Dataset &data, std::span<const int64_t> items, Batch &batch) {
  for (size_t slot = 0; slot < items.size(); ++slot) {
    for (size_t port = 0; port < data.inputs.size(); ++port)
      copyRow(data.inputs[port], items[slot], batch.input(int32_t(port)), slot);
    for (size_t port = 0; port < data.targets.size(); ++port)
      if (void *array = batch.target(int32_t(port)))
        copyRow(data.targets[port], items[slot], array, slot);
  }
}

} // namespace

void Options::addLibrary(CLI::App &verb) {
  verb.add_option("library", library, "a model compiled by ccm-compile")->required();
}

void Options::addJson(CLI::App &verb) {
  verb.add_flag("--json", json, "print one JSON object on standard output");
}

void Options::addData(CLI::App &verb, bool required) {
  CLI::Option *option =
      verb.add_option("--data", data, "table.csv, port=file.npy,port=file.gz, or synthetic:N");
  option->required(required);
  verb.add_option("--rate", reading.rate, "samples a second of sound ports")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 24))
      ->capture_default_str();
}

void Options::addCheckpoint(CLI::App &verb, bool required) {
  verb.add_option("--checkpoint", checkpoint, "a checkpoint, or the directory of a training")
      ->required(required);
}

void Options::addThreads(CLI::App &verb) {
  verb.add_option("--threads", threads, "threads that work at once; 0: one per processor")
      ->check(CLI::Range(int32_t(0), kMostThreads))
      ->capture_default_str();
}

void Options::addBatch(CLI::App &verb) {
  verb.add_option("--batch", batch, "samples at a time")
      ->check(CLI::Range(int64_t(1), kMostBatch))
      ->capture_default_str();
}

void Options::addSeed(CLI::App &verb, const std::string &ofWhat) {
  verb.add_option("--seed", seed, "of " + ofWhat + "; without it the declaration's");
}

Job::Job(const Options &options) {
  artifact = need(Artifact::load(options.library));
  ThreadPoolOptions threads;
  threads.workers = options.threads;
  pool = need(ThreadPool::create(threads));
  SessionOptions how;
  how.seed = options.seed.value_or(artifact->trainDefaults().seed);
  how.runner = pool->runner();
  session = need(Session::create(artifact, how));
  if (!options.checkpoint.empty())
    need(session->load(options.checkpoint));
}

data::Dataset Job::openData(const Options &options) const {
  return need(
      data::openDataset(options.data, artifact->inputs(), artifact->outputs(), options.reading));
}

Batch Job::fill(const data::Dataset &data, int64_t count, unsigned parts) const {
  Batch batch = need(Batch::create(artifact, count, parts));
  std::vector<int64_t> items(static_cast<size_t>(count));
  for (size_t i = 0; i < items.size(); ++i)
    items[i] = int64_t(i) % data.rows;
  fillBatch(data, items, batch);
  return batch;
}

bool saysScores(const Artifact &artifact, size_t output) {
  const auto description = nlohmann::json::parse(artifact.describe(), nullptr, false);
  if (!description.is_object() || !description.contains("outputs"))
    return false;
  const auto &outputs = description["outputs"];
  return output < outputs.size() && outputs[output].is_object() &&
         outputs[output].value("loss", "") == "bce";
}

Source sourceOf(const data::Dataset &data) {
  return {data.rows, [&data](std::span<const int64_t> items, Batch &batch) -> Status {
            fillBatch(data, items, batch);
            return Done();
          }};
}

} // namespace ccm::run
