// SPDX-License-Identifier: Apache-2.0
// The models that are linked into these tests.
#include "tests/embed/Models.h"

#include "mixed.h"
#include "picture.h"
#include "table.h"
#include "tags.h"

namespace ccm::test {

std::span<const ccm_model *const> linkedModels() {
  static const ccm_model *const kModels[] = {ccm_model_mixed(), ccm_model_picture(),
                                             ccm_model_table(), ccm_model_tags()};
  return kModels;
}

std::shared_ptr<const Artifact> artifactOf(const ccm_model *model) {
  return must(Artifact::wrap(model));
}

std::string outputBits(const Batch &batch, int64_t count) {
  std::string bits;
  std::span<const ccm_port> ports = batch.artifact().outputs();
  for (size_t i = 0; i < ports.size(); ++i)
    bits.append(reinterpret_cast<const char *>(batch.output(static_cast<int32_t>(i))),
                static_cast<uint64_t>(count) * ports[i].bytes);
  return bits;
}

} // namespace ccm::test
