/* SPDX-License-Identifier: Apache-2.0 */
/* Trains the model from C11 through its table alone: nothing is linked but the model. */
#include "heater.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { kBatch = 64 };

/* Zeroed memory as entries want it. */
static void *buffer(uint64_t bytes) {
  size_t rounded = (bytes / CCM_ALIGNMENT + 1) * CCM_ALIGNMENT;
  char *memory = aligned_alloc(CCM_ALIGNMENT, rounded);
  for (size_t i = 0; memory && i < rounded; ++i)
    memory[i] = 0;
  return memory;
}

static void check(int32_t status, const ccm_error *error) {
  if (status == CCM_OK)
    return;
  fprintf(stderr, "heater: %s\n", error->message);
  exit(1);
}

/* What an application has measured. */
static void fill(int64_t step, float *room, float *power) {
  for (int64_t i = 0; i < kBatch; ++i) {
    float *x = room + i * heater_input_room_elements;
    for (int64_t k = 0; k < heater_input_room_elements; ++k)
      x[k] = sinf((float)((step * kBatch + i) * (k + 3)));
    power[i] = x[0] * x[1] - 0.5f * x[2];
  }
}

int main(void) {
  static float room[kBatch * heater_input_room_elements], power[kBatch];
  const ccm_model *model = ccm_model_heater();
  char message[256] = "";
  ccm_error error = {message, sizeof(message)};
  ccm_sizes sizes = {.bytes = sizeof(sizes)};
  check(model->sizes(kBatch, 1, &sizes, &error), &error);
  void *params = buffer(sizes.params), *state = buffer(sizes.state);
  ccm_buffers buffers = {NULL, buffer(sizes.step), sizes.step};
  check(model->init(params, state, 1, &error), &error);

  heater_lists lists;
  heater_samples samples = {.count = kBatch, .inputs = {.room = room}, .targets = {.power = power}};
  ccm_batch batch = heater_batch(&samples, &lists);
  double first = 0, last = 0;
  for (int64_t step = 0; step < 1000; ++step) {
    fill(step, room, power);
    ccm_update update = {.learning_rate = model->learning_rate, .index = step};
    check(model->step(params, state, &batch, &update, &last, &buffers, NULL, &error), &error);
    first = step == 0 ? last : first;
  }
  printf("loss %.4f, then %.4f\n", first, last);
  free(params), free(state), free(buffers.workspace);
  return last < first / 10 ? 0 : 1;
}
