// SPDX-License-Identifier: Apache-2.0
// A ring of batches between a reading thread and the caller.
#include "runtime/BatchReader.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <numeric>
#include <system_error>

namespace ccm {

Result<std::unique_ptr<BatchReader>> BatchReader::create(std::shared_ptr<const Artifact> artifact,
                                                         Source source, const ItemOrder &order,
                                                         unsigned parts, int64_t ahead,
                                                         int64_t end) {
  std::unique_ptr<BatchReader> reader(new BatchReader(std::move(source), order, end));
  for (int64_t slot = 0; slot <= ahead; ++slot) {
    Result<Batch> batch = Batch::create(artifact, order.batch, parts);
    if (!batch)
      return batch.error();
    reader->slots.push_back({std::move(*batch), std::vector<int64_t>(size_t(order.batch))});
  }
  reader->epochOrder.resize(static_cast<size_t>(order.items));
  return reader;
}

BatchReader::~BatchReader() {
  {
    std::lock_guard lock(mutex);
    stopping = true;
  }
  work.notify_all();
  if (thread.joinable())
    thread.join();
}

Status BatchReader::start() {
  try {
    thread = std::thread([this] { serve(); });
  } catch (const std::system_error &error) {
    return Error{ErrorKind::File, std::string("cannot start a thread: ") + error.what()};
  }
  return Done{};
}

/// Fills the slot of a step. One thread at a time.
void BatchReader::fill(int64_t step) {
  Slot &slot = slotOf(step);
  const int64_t epoch = step / order.stepsPerEpoch();
  const int64_t first = step % order.stepsPerEpoch() * order.batch;
  if (orderedEpoch != epoch) {
    if (order.shuffled)
      shuffle(epochOrder, order.seed, epoch);
    else
      std::iota(epochOrder.begin(), epochOrder.end(), 0);
    orderedEpoch = epoch;
  }
  slot.count = std::min(order.batch, order.items - first);
  std::copy_n(epochOrder.begin() + first, slot.count, slot.items.begin());
  try {
    slot.filled = source.fill({slot.items.data(), size_t(slot.count)}, slot.batch);
  } catch (const std::exception &error) { // nobody could catch it on this thread
    slot.filled = Error{ErrorKind::Input, std::string("the source failed: ") + error.what()};
  }
}

/// The slot of the step in use is not filled again, nor is any step filled that `take` may never
/// ask for.
bool BatchReader::mayFill() const {
  const int64_t ahead = static_cast<int64_t>(slots.size()) - 1;
  return filled >= 0 && filled <= taken + ahead && filled < std::max(end, taken + 1);
}

void BatchReader::serve() {
  std::unique_lock lock(mutex);
  while (true) {
    work.wait(lock, [&] { return stopping || mayFill(); });
    if (stopping)
      return;
    filling = true;
    const int64_t step = filled;
    lock.unlock();
    fill(step);
    lock.lock();
    filling = false;
    // While it was read the caller may have gone elsewhere.
    if (filled == step)
      ++filled;
    ready.notify_all();
  }
}

void BatchReader::beginAt(int64_t step, std::unique_lock<std::mutex> &lock) {
  filled = -1;
  ready.wait(lock, [&] { return !filling; });
  filled = step;
}

Result<BatchReader::Taken> BatchReader::take(int64_t step) {
  const auto start = std::chrono::steady_clock::now();
  if (slots.size() == 1) {
    fill(step);
  } else {
    if (!thread.joinable())
      if (Status started = this->start(); !started)
        return started.error();
    std::unique_lock lock(mutex);
    if (step != taken + 1)
      beginAt(step, lock);
    taken = step;
    work.notify_all();
    ready.wait(lock, [&] { return filled > step; });
  }
  const Slot &slot = slotOf(step);
  if (!slot.filled)
    return slot.filled.error();
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
  return Taken{&slot.batch, slot.count, {slot.items.data(), size_t(slot.count)}, waited.count()};
}

} // namespace ccm
