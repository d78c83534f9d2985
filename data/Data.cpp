// SPDX-License-Identifier: Apache-2.0
// The data library as applications see it.
#include "ccm/data.h"
#include "data/Losses.h"
#include "data/RowSource.h"
#include "data/Series.h"

namespace ccm {

/// What a source needs for as long as it is read.
struct Data::Rows {
  data::Dataset data;
  int32_t threads = 0;
  /// Decode what did not fit into memory; null where everything did.
  std::shared_ptr<ThreadPool> readers = nullptr;
};

/// All problems in one error, of the kind of the first.
static Error errorOf(const data::Problems &problems) {
  Error error = data::errorOf(problems.first());
  error.message.clear();
  for (const data::Problem &problem : problems)
    error.message += (error.message.empty() ? "" : "\n") + data::errorOf(problem).message;
  return error;
}

Data::Data(std::shared_ptr<Rows> held) : held(std::move(held)) {}

Result<Data> Data::open(const Artifact &artifact, const std::string &spec,
                        const DataOptions &options) {
  const data::DatasetOptions reading{.rate = options.rate,
                                     .memory = options.memory,
                                     .names = options.names,
                                     .learnNames = options.learnNames,
                                     .missing = options.missing,
                                     .strict = options.strict,
                                     .follow = options.follow,
                                     .group = data::groupOf(artifact.model()),
                                     .fractions = data::fractionsOf(artifact)};
  data::Result<data::Dataset> opened =
      data::openDataset(spec, artifact.inputs(), artifact.outputs(), reading);
  if (!opened)
    return errorOf(opened.error());
  auto held = std::make_shared<Rows>(Rows{std::move(*opened), options.threads});
  if (held->data.readsCells()) {
    ThreadPoolOptions pool;
    pool.workers = options.threads;
    pool.spin = std::chrono::microseconds(0); // reading is not worth a busy processor
    Result<std::unique_ptr<ThreadPool>> made = ThreadPool::create(pool);
    if (!made)
      return made.error();
    held->readers = std::move(*made);
  }
  return Data(std::move(held));
}

int64_t Data::rows() const { return held->data.rows; }

std::map<std::string, std::vector<std::string>> Data::names() const { return held->data.names(); }

std::vector<std::string> Data::files() const { return held->data.files; }

std::vector<std::string> Data::notes() const { return held->data.notes; }

uint64_t Data::digest() const { return held->data.digest(); }

Data Data::subset(std::span<const int64_t> rows) const {
  return Data(std::make_shared<Rows>(Rows{held->data.subset(rows), held->threads, held->readers}));
}

Source Data::source() const {
  Source source = data::sourceOf(held->data, held->readers.get());
  source.fill = [held = held, fill = std::move(source.fill)](
                    std::span<const int64_t> items, Batch &batch) { return fill(items, batch); };
  return source;
}

} // namespace ccm
