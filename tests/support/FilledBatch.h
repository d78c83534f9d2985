// SPDX-License-Identifier: Apache-2.0
// Data for any model: from a counter, the same for every run and every thread.
#pragma once

#include "ccm/runtime.h"

#include <span>

namespace ccm::test {

/// What one sample of a port holds: fixed by the port, the item and the seed. Indices lie in their
/// vocabulary, other values in [-1, 1], bytes anywhere.
void fillInput(const ccm_port &port, int64_t item, uint64_t seed, void *sample);
void fillTarget(const ccm_port &port, int64_t item, uint64_t seed, void *sample);

/// A batch with all arrays and inputs and targets of these items.
Batch filledBatch(const std::shared_ptr<const Artifact> &artifact, std::span<const int64_t> items,
                  uint64_t seed);
/// The same of items 0 to count − 1.
Batch filledBatch(const std::shared_ptr<const Artifact> &artifact, int64_t count, uint64_t seed);

/// Ends the test program with the message of an error: tests have nobody to return it to.
[[noreturn]] void stop(const Error &error);

/// The value, or the end of the test program.
template <typename T>
T must(Result<T> result) {
  if (!result)
    stop(result.error());
  return std::move(*result);
}

} // namespace ccm::test
