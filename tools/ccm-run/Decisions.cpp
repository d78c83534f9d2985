// SPDX-License-Identifier: Apache-2.0
// Counting scores on the right side.
#include "tools/ccm-run/Decisions.h"
#include "tools/ccm-run/TextTable.h"

namespace ccm::run {

using Json = nlohmann::ordered_json;

void Decisions::take(const Batch &batch, int64_t samples) {
  const size_t count = size_t(samples * target.elements());
  const std::span<const std::byte> targets{static_cast<const std::byte *>(batch.target(port)),
                                           size_t(samples) * target.bytes};
  const float *scores = batch.output(port);
  for (size_t i = 0; i < count; ++i)
    right += (scores[i] > 0) == (data::valueAt(target, targets, i) >= 0.5f);
  all += int64_t(count);
}

void Decisions::report(Json &output) const {
  if (all > 0)
    output["accuracy"] = double(right) / double(all);
}

Words Decisions::words(const Json &output) const {
  if (!output.contains("accuracy"))
    return {};
  const std::string text = "right at 0.5 " + percent(output["accuracy"].get<double>(), 2);
  // Of a mask the overlap says more.
  return target.variableRank() > 0 ? Words{"", text} : Words{text, ""};
}

} // namespace ccm::run
