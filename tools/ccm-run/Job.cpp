// SPDX-License-Identifier: Apache-2.0
// Options and set-up shared by the verbs.
#include "tools/ccm-run/Job.h"
#include "data/RowSource.h"
#include "data/Series.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Names.h"
#include "tools/ccm-run/Rate.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace ccm::run {

namespace {

constexpr int64_t kMostBatch = 1 << 20;
constexpr int32_t kMostThreads = 1024;

} // namespace

void Options::addLibrary(CLI::App &verb) {
  verb.add_option("library", library, "a model compiled by ccm-compile")->required();
}

void Options::addJson(CLI::App &verb) {
  verb.add_flag("--json", json, "print one JSON object on standard output");
}

void Options::addData(CLI::App &verb, bool required) {
  CLI::Option *option = verb.add_option(
      "--data", data, "table.csv (.tsv, also .gz), port=file.npy,port=file.gz, or synthetic:N");
  option->required(required);
  addDataMemory(verb);
  addRate(verb);
  addNames(verb);
  addTables(verb);
}

void Options::addDataMemory(CLI::App &verb) {
  verb.add_option("--data-memory", dataMemory,
                  "MiB of a table's files that are kept decoded; others are read for every batch")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 24))
      ->capture_default_str();
}

void Options::addRate(CLI::App &verb) {
  verb.add_option("--rate", rate,
                  "samples a second of sound ports; without it those of the checkpoint's training, "
                  "else 8000")
      ->check(CLI::Range(int64_t(1), kMostRate));
}

void Options::addNames(CLI::App &verb) {
  verb.add_option("--names", nameFiles,
                  "port=FILE: what a port's indices are called, one name a line; else those that "
                  "the training learned from its table");
}

void Options::addTables(CLI::App &verb) {
  verb.add_option(
      "--missing", missing,
      "what a table's cell holds where there is no value, with commas between; an empty "
      "one never holds one; without it NA,nan,NaN,null,None,-,?");
  verb.add_flag("--strict", reading.strict,
                "refuse a table with columns that are no port's, in place of a note");
  verb.add_flag("--follow", reading.follow,
                "let a table name files anywhere: absolute paths, '..', links");
}

void Options::addAhead(CLI::App &verb) {
  verb.add_option("--ahead", ahead,
                  "batches of files beyond --data-memory that are read while others are computed")
      ->check(CLI::Range(int64_t(0), int64_t(1024)))
      ->capture_default_str();
}

void Options::addCheckpoint(CLI::App &verb, bool required) {
  load.state = false; // such a verb trains nothing
  CLI::Option *option =
      verb.add_option("--checkpoint", checkpoint, "a checkpoint, or the directory of a training");
  option->required(required);
  addPart(verb, option);
}

void Options::addPart(CLI::App &verb, CLI::Option *checkpoint) {
  verb.add_option("--part", load.part,
                  "a part such as reduce.image: --checkpoint is that of a model that uses this one "
                  "there")
      ->needs(checkpoint);
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

Job::Job(const Options &options) : threads(options.threads) {
  artifact = need(Artifact::load(options.library));
  ThreadPoolOptions threads;
  threads.workers = options.threads;
  pool = need(ThreadPool::create(threads));
  SessionOptions how;
  how.seed = options.seed.value_or(artifact->trainDefaults().seed);
  how.runner = pool->runner();
  how.log.write = [](void *, std::string_view line) { note("note: " + std::string(line)); };
  session = need(Session::create(artifact, how));
  if (options.checkpoint.empty())
    return;
  const Loaded loaded = need(session->load(options.checkpoint, options.load));
  for (const std::string &line : loaded.left)
    note("note: not taken from '" + loaded.path + "': " + line);
}

data::DatasetOptions Job::readingOf(const Options &options) const {
  data::DatasetOptions reading = options.reading;
  reading.memory = uint64_t(options.dataMemory) << 20;
  reading.rate = rateOf(options);
  reading.names = readNames(options.nameFiles, options.checkpoint);
  for (std::span ports : {artifact->inputs(), artifact->outputs()})
    for (const ccm_port &port : ports)
      if (port.name_count > 0)
        reading.names.try_emplace(port.name, port.names, port.names + port.name_count);
  // Without a checkpoint nothing is known of names that a training found.
  reading.learnNames |= options.checkpoint.empty();
  reading.fractions = data::fractionsOf(*artifact);
  reading.group = data::groupOf(artifact->model());
  if (!options.missing.empty())
    reading.missing = CLI::detail::split(options.missing, ',');
  return reading;
}

int64_t Job::rateOf(const Options &options) const {
  const std::optional<int64_t> kept = options.checkpoint.empty() || !hears(*artifact)
                                          ? std::nullopt
                                          : rateBeside(options.checkpoint);
  if (kept && options.keepsRate && options.rate.value_or(*kept) != *kept)
    throw failure(kBadInput, "--rate " + std::to_string(*options.rate) + ": the training of '" +
                                 options.checkpoint + "' heard " + std::to_string(*kept) +
                                 " samples a second");
  return options.rate.value_or(kept.value_or(data::kDefaultRate));
}

data::Dataset Job::openData(const Options &options) const {
  data::Dataset data = need(
      data::openDataset(options.data, artifact->inputs(), artifact->outputs(), readingOf(options)));
  tellNotes(data);
  return data;
}

data::Split Job::openSplit(const Options &options, const std::string &validation) const {
  data::Split split = need(data::splitDataset(openData(options), validation, artifact->inputs(),
                                              artifact->outputs(), readingOf(options)));
  tellNotes(split.validation);
  return split;
}

void tellNotes(const data::Dataset &data) {
  for (const std::string &line : data.notes)
    note("note: " + line);
}

Batch Job::fill(const data::Dataset &data, int64_t count, unsigned parts, int64_t first) {
  Batch batch = need(Batch::create(artifact, count, parts));
  std::vector<int64_t> items(static_cast<size_t>(count));
  for (size_t i = 0; i < items.size(); ++i)
    items[i] = (first + int64_t(i)) % data.rows;
  need(sourceOf(data).fill(items, batch));
  return batch;
}

const ccm_port *shiftedInput(const Artifact &artifact) {
  for (const ccm_port &port : artifact.inputs())
    if (port.draw == CCM_SHIFTED)
      return &port;
  return nullptr;
}

std::string lossLabel(const Artifact &artifact) {
  if (artifact.outputs().size() > 1)
    return "loss (weighted sum over outputs)";
  const std::string kind = lossOf(artifact, 0);
  const bool inNats = kind == "cross_entropy" || kind == "bce";
  return kind.empty() ? "loss" : "loss (" + kind + (inNats ? ", nats)" : ")");
}

int64_t Job::batchOfAllBlocks() const {
  const auto description = nlohmann::json::parse(artifact->describe(), nullptr, false);
  int64_t sum = 0;
  if (description.is_object() && description.contains("blocks"))
    for (const auto &block : description["blocks"])
      sum += block.is_number_integer() ? block.get<int64_t>() : 0;
  return std::clamp<int64_t>(sum, 3, 96);
}

Source Job::sourceOf(const data::Dataset &data) {
  if (data.readsCells() && !readers) {
    ThreadPoolOptions options;
    options.workers = threads;
    options.spin = std::chrono::microseconds(0); // reading is not worth a busy processor
    readers = need(ThreadPool::create(options));
  }
  return data::sourceOf(data, data.readsCells() ? readers.get() : nullptr);
}

std::pair<std::string, std::string> assignmentOf(const std::string &option,
                                                 const std::string &text) {
  const size_t equals = text.find('=');
  if (equals == text.npos)
    throw failure(kBadCommandLine, option + " expects port=value, got '" + text + "'");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

} // namespace ccm::run
