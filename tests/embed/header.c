/* SPDX-License-Identifier: Apache-2.0 */
/* Two models of one program, trained from C through their headers. */
#include "table.h"
#include "tags.h"

#include <stdlib.h>

enum { kBatch = 16 };

/* Trains `model` on one batch; the losses of the first and the last step. */
static int32_t train(const ccm_model *model, const ccm_batch *batch, float *first, float *last) {
  ccm_sizes sizes = {.bytes = sizeof(sizes)};
  if (model->sizes(batch->count, 1, &sizes, 0) != CCM_OK)
    return CCM_BAD_ARGUMENT;
  void *params = aligned_alloc(CCM_ALIGNMENT, sizes.params);
  void *state = aligned_alloc(CCM_ALIGNMENT, sizes.state);
  void *workspace = aligned_alloc(CCM_ALIGNMENT, sizes.step);
  ccm_buffers buffers = {0, workspace, sizes.step};
  int32_t status = model->init(params, state, 1, 0);
  for (int64_t step = 0; step < 300 && status == CCM_OK; ++step) {
    ccm_update update = {0.01f, step, 0};
    double loss = 0;
    status = model->step(params, state, batch, &update, &loss, &buffers, 0, 0);
    *last = (float)loss;
    *first = step == 0 ? *last : *first;
  }
  free(params), free(state), free(workspace);
  return status;
}

int32_t stepFromC(float *firstLoss, float *lastLoss);
int32_t stepFromC(float *firstLoss, float *lastLoss) {
  static float row[kBatch * table_input_row_elements], price[kBatch];
  static int32_t text[kBatch * tags_input_text_elements],
      tag[kBatch * tags_output_tag_target_elements];
  for (int32_t i = 0; i < kBatch; ++i) {
    row[i * table_input_row_elements] = (float)i / kBatch;
    price[i] = 1 - (float)i / kBatch;
    for (int32_t k = 0; k < tags_input_text_elements; ++k) {
      text[i * tags_input_text_elements + k] = (i * 5 + k) % tags_input_text_vocabulary;
      tag[i * tags_input_text_elements + k] = text[i * tags_input_text_elements + k] % 8;
    }
  }
  table_samples numbers = {.count = kBatch, .inputs = {.row = row}, .targets = {.price = price}};
  tags_samples texts = {.count = kBatch, .inputs = {.text = text}, .targets = {.tag = tag}};
  table_lists numberLists;
  tags_lists textLists;
  ccm_batch first = table_batch(&numbers, &numberLists), second = tags_batch(&texts, &textLists);
  float firstOfTags = 0, lastOfTags = 0;
  int32_t status = train(ccm_model_table(), &first, firstLoss, lastLoss);
  if (status == CCM_OK)
    status = train(ccm_model_tags(), &second, &firstOfTags, &lastOfTags);
  return status == CCM_OK && !(lastOfTags < firstOfTags / 2) ? CCM_BAD_VALUE : status;
}
