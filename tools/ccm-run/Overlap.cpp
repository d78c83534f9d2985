// SPDX-License-Identifier: Apache-2.0
// Intersection over union of scores and targets.
#include "tools/ccm-run/Overlap.h"
#include "tools/ccm-run/Job.h"

namespace ccm::run {

double overlapOf(const data::Field &target, std::span<const std::byte> targets,
                 const float *scores) {
  int64_t either = 0, both = 0;
  for (size_t i = 0; i < size_t(target.elements()); ++i) {
    const bool isMarked = scores[i] > 0, isWanted = data::valueAt(target, targets, i) >= 0.5f;
    either += isMarked || isWanted;
    both += isMarked && isWanted;
  }
  return either == 0 ? 1 : double(both) / double(either);
}

Overlap::Overlap(const Artifact &artifact) {
  const std::span<const ccm_port> ports = artifact.outputs();
  for (size_t port = 0; port < ports.size(); ++port) {
    sums.emplace_back();
    if (lossOf(artifact, port) == "bce")
      sums.back().target = data::targetField(ports[port]);
  }
}

void Overlap::take(const Batch &batch, int64_t samples) {
  for (size_t port = 0; port < sums.size(); ++port) {
    Sum &sum = sums[port];
    if (!sum.target)
      continue;
    const auto *targets = static_cast<const std::byte *>(batch.target(int32_t(port)));
    const float *scores = batch.output(int32_t(port));
    const size_t bytes = size_t(sum.target->bytes);
    for (size_t i = 0; i < size_t(samples); ++i)
      sum.overlap += overlapOf(*sum.target, {targets + i * bytes, bytes},
                               scores + i * size_t(sum.target->elements()));
    sum.samples += samples;
  }
}

std::optional<double> Overlap::of(size_t output) const {
  const Sum &sum = sums[output];
  return sum.samples == 0 ? std::nullopt : std::optional(sum.overlap / double(sum.samples));
}

} // namespace ccm::run
