// SPDX-License-Identifier: Apache-2.0
// Intersection over union of scores and targets.
#include "tools/ccm-run/Overlap.h"
#include "tools/ccm-run/TextTable.h"

namespace ccm::run {

using Json = nlohmann::ordered_json;

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

void Overlap::take(const Batch &batch, int64_t samples) {
  const auto *targets = static_cast<const std::byte *>(batch.target(port));
  const float *scores = batch.output(port);
  const size_t bytes = size_t(target.bytes);
  for (size_t i = 0; i < size_t(samples); ++i)
    overlap +=
        overlapOf(target, {targets + i * bytes, bytes}, scores + i * size_t(target.elements()));
  all += samples;
}

void Overlap::report(Json &output) const {
  if (all > 0)
    output["iou"] = overlap / double(all);
}

Words Overlap::words(const Json &output) const {
  if (!output.contains("iou"))
    return {};
  return {"intersection over union " + percent(output["iou"].get<double>(), 2), ""};
}

} // namespace ccm::run
