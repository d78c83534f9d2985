// SPDX-License-Identifier: Apache-2.0
// Numbers of a stream as the elements of ports.
#include "tests/support/FilledBatch.h"

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace ccm::test {

void stop(const Error &error) {
  std::fprintf(stderr, "tests: %s\n", error.message.c_str());
  std::exit(1);
}

/// The n-th number of a stream.
static uint64_t mixed(uint64_t stream, uint64_t n) {
  uint64_t x = stream * 0x9e3779b97f4a7c15 + n;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

static void fill(int32_t dtype, uint64_t bytes, int64_t vocabulary, uint64_t stream, void *sample) {
  for (uint64_t i = 0; i < bytes / (dtype == CCM_U8 ? 1 : 4); ++i) {
    uint64_t number = mixed(stream, i);
    if (dtype == CCM_F32)
      static_cast<float *>(sample)[i] = static_cast<float>(number >> 40) / (1 << 23) - 1;
    else if (dtype == CCM_U8)
      static_cast<uint8_t *>(sample)[i] = static_cast<uint8_t>(number);
    else
      static_cast<int32_t *>(sample)[i] =
          static_cast<int32_t>(number % static_cast<uint64_t>(vocabulary));
  }
}

void fillInput(const ccm_port &port, int64_t item, uint64_t seed, void *sample) {
  fill(port.dtype, port.bytes, port.vocabulary, mixed(seed, 2 * static_cast<uint64_t>(item)),
       sample);
}

void fillTarget(const ccm_port &port, int64_t item, uint64_t seed, void *sample) {
  fill(port.target_dtype, port.target_bytes, port.vocabulary,
       mixed(seed, 2 * static_cast<uint64_t>(item) + 1), sample);
}

Batch filledBatch(const std::shared_ptr<const Artifact> &artifact, std::span<const int64_t> items,
                  uint64_t seed) {
  Batch batch = must(Batch::create(artifact, static_cast<int64_t>(items.size()),
                                   kInputs | kTargets | kOutputs | kOutputDeltas | kInputDeltas));
  for (size_t sample = 0; sample < items.size(); ++sample) {
    for (size_t i = 0; i < artifact->inputs().size(); ++i)
      fillInput(artifact->inputs()[i], items[sample], seed,
                static_cast<char *>(batch.input(static_cast<int32_t>(i))) +
                    sample * artifact->inputs()[i].bytes);
    for (size_t i = 0; i < artifact->outputs().size(); ++i)
      fillTarget(artifact->outputs()[i], items[sample], seed,
                 static_cast<char *>(batch.target(static_cast<int32_t>(i))) +
                     sample * artifact->outputs()[i].target_bytes);
  }
  return batch;
}

Batch filledBatch(const std::shared_ptr<const Artifact> &artifact, int64_t count, uint64_t seed) {
  std::vector<int64_t> items(static_cast<size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  return filledBatch(artifact, items, seed);
}

} // namespace ccm::test
