// SPDX-License-Identifier: Apache-2.0
// What one more element of a sequence takes.
#pragma once

#include "tools/ccm-run/Job.h"

#include <cstdint>
#include <vector>

namespace ccm::run {

/// The middle one of at least one value.
double medianOf(std::vector<double> values);

/// Milliseconds for a batch, medians.
struct SequenceTimes {
  struct Decode {
    int64_t position; ///< the last one of a context
    double milliseconds;
  };
  double prefill = 0;
  std::vector<Decode> decodes; ///< one per context; none where the model makes no sequences
};

/// Fills caches of `count` samples, and makes an element at the end of every context, for about so
/// many seconds.
SequenceTimes timeSequences(Job &job, int64_t count, double seconds);

} // namespace ccm::run
