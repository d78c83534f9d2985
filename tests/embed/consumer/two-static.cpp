// SPDX-License-Identifier: Apache-2.0
// Two models linked statically into one program: both train.
#include "ccm/runtime.h"
#include "table.h"
#include "tags.h"

/// Whether the loss on one batch of zeros falls to a tenth.
static bool trains(const ccm_model *model) {
  auto artifact = ccm::Artifact::wrap(model);
  auto session = artifact ? ccm::Session::create(*artifact) : artifact.error();
  auto batch =
      session ? ccm::Batch::create(*artifact, 8, ccm::kInputs | ccm::kTargets) : session.error();
  if (!batch)
    return false;
  if (model->outputs[0].target_dtype == CCM_F32)
    *static_cast<float *>(batch->target(0)) = 8;
  double first = 0, last = 0;
  for (int64_t step = 0; step < 400; ++step) {
    auto loss = (*session)->step(batch->first(1), ccm::makeUpdate(0.01f, step));
    if (!loss)
      return false;
    last = *loss;
    first = step == 0 ? last : first;
  }
  return last < first / 10;
}

int main() {
  bool both = trains(ccm_model_table()) && trains(ccm_model_tags());
  return both ? 0 : 1;
}
