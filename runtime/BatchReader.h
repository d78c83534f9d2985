// SPDX-License-Identifier: Apache-2.0
// Reads a source's batches in order, on request some ahead of their use on a thread of its own.
#pragma once

#include "ccm/runtime.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ccm {

/// Which items a step takes: a function of its number alone.
struct ItemOrder {
  int64_t items = 0;
  int64_t batch = 1; ///< at most `items`; an epoch's last step takes what is left
  uint64_t seed = 0;
  bool shuffled = false; ///< else items come in order

  int64_t stepsPerEpoch() const { return (items - 1) / batch + 1; }
};

/// Fills batches. Allocates nothing once the first was taken.
class BatchReader {
public:
  /// What `take` hands out; the batch is the reader's and stays as it is until the next `take`.
  struct Taken {
    const Batch *batch = nullptr;
    int64_t count = 0; ///< samples in it
    /// Their items.
    std::span<const int64_t> items;
    double waited = 0; ///< seconds until it was there
  };

  /// `ahead` batches are filled before they are asked for, 0: every batch is filled by `take`
  /// itself. Nothing is read ahead of step `end`.
  static Result<std::unique_ptr<BatchReader>> create(std::shared_ptr<const Artifact> artifact,
                                                     Source source, const ItemOrder &order,
                                                     unsigned parts, int64_t ahead, int64_t end);
  BatchReader(const BatchReader &) = delete;
  BatchReader &operator=(const BatchReader &) = delete;
  ~BatchReader();

  /// The batch of a step. Those of the steps after it are read ahead; any other step than the next
  /// begins anew there. The source's error belongs to the step it was read for.
  Result<Taken> take(int64_t step);

private:
  struct Slot {
    Batch batch;
    std::vector<int64_t> items;
    int64_t count = 0;
    Status filled = Done{};
  };

  BatchReader(Source source, const ItemOrder &order, int64_t end)
      : source(std::move(source)), order(order), end(end) {}
  Status start();
  void serve();
  void beginAt(int64_t step, std::unique_lock<std::mutex> &lock);
  void fill(int64_t step);
  Slot &slotOf(int64_t step) { return slots[static_cast<size_t>(step) % slots.size()]; }
  bool mayFill() const;

  Source source;
  ItemOrder order;
  int64_t end;
  std::vector<Slot> slots;
  std::vector<int64_t> epochOrder; // of the epoch `orderedEpoch`
  int64_t orderedEpoch = -1;

  std::thread thread; // none when nothing is read ahead
  std::mutex mutex;   // of all below
  std::condition_variable work, ready;
  int64_t taken = -2;  // the step handed out last; none
  int64_t filled = -1; // the next step to fill
  bool filling = false, stopping = false;
};

} // namespace ccm
