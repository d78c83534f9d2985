// SPDX-License-Identifier: Apache-2.0
// Fills batches row by row, by any number of threads.
#include "data/RowSource.h"

#include <algorithm>
#include <exception>
#include <mutex>

namespace ccm::data {

namespace {

/// Fills one batch.
class RowFiller {
public:
  RowFiller(const Dataset &data, std::span<const int64_t> items, Batch &batch)
      : data(data), items(items), batch(batch) {}

  /// As a task of a ThreadPool.
  static void fillRow(void *self, int64_t slot, int32_t) {
    static_cast<RowFiller *>(self)->fill(size_t(slot));
  }
  /// Nothing may leave a task: the problem of the first row that has one is kept.
  void fill(size_t slot) noexcept {
    try {
      if (Status filled = copy(slot); !filled)
        keep(slot, filled.error().first());
    } catch (const std::exception &error) {
      keep(slot, {Fault::file, "", error.what()});
    }
  }
  ccm::Status result() const {
    if (failedSlot == SIZE_MAX)
      return ccm::Done();
    return errorOf(problem);
  }

private:
  Status copy(size_t slot) {
    for (const Column &column : data.inputs)
      if (Status read = copy(column, slot, batch.input(column.port)); !read)
        return read;
    for (const Column &column : data.targets)
      if (Status read = copy(column, slot, batch.target(column.port)); !read)
        return read;
    return Done();
  }
  Status copy(const Column &column, size_t slot, void *array) {
    if (!array)
      return Done();
    const size_t bytes = size_t(column.field.bytes);
    return column.read(items[slot], {static_cast<std::byte *>(array) + slot * bytes, bytes});
  }
  void keep(size_t slot, Problem found) {
    std::lock_guard lock(mutex);
    if (slot >= failedSlot)
      return;
    failedSlot = slot;
    problem = std::move(found);
  }

  const Dataset &data;
  std::span<const int64_t> items;
  Batch &batch;
  std::mutex mutex;
  size_t failedSlot = SIZE_MAX;
  Problem problem;
};

/// Leaves out the optional inputs and weights that the data does not have, and presences where all
/// rows are alike.
void giveInputs(const Dataset &data, Batch &batch) {
  const std::span<const ccm_port> ports = batch.artifact().inputs();
  for (int32_t port = 0; port < int32_t(ports.size()); ++port)
    if (const int32_t draw = ports[size_t(port)].draw;
        draw == CCM_GIVEN || draw == CCM_PRESENCE || draw == CCM_WEIGHT)
      batch.give(port, std::any_of(data.inputs.begin(), data.inputs.end(),
                                   [&](const Column &c) { return c.port == port; }));
}

ccm::Status fillBatch(const Dataset &data, std::span<const int64_t> items, Batch &batch,
                      ThreadPool *readers) {
  giveInputs(data, batch);
  RowFiller filler(data, items, batch);
  if (readers) {
    const ccm_runner runner = readers->runner();
    runner.run(runner.self, RowFiller::fillRow, &filler, int64_t(items.size()));
  } else {
    for (size_t slot = 0; slot < items.size(); ++slot)
      filler.fill(slot);
  }
  return filler.result();
}

} // namespace

Error errorOf(const Problem &problem) {
  const std::string place = problem.place.empty() ? "" : problem.place + ": ";
  return {problem.fault == Fault::file ? ErrorKind::File : ErrorKind::Input,
          place + problem.message};
}

Source sourceOf(const Dataset &data, ThreadPool *readers) {
  return {data.rows, [&data, readers](std::span<const int64_t> items, Batch &batch) {
            return fillBatch(data, items, batch, readers);
          }};
}

} // namespace ccm::data
