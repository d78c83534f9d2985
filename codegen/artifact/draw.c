/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch lacks of its inputs. A draw depends on the seed, the step, the port and the sample's
 * number in the whole batch: not on blocks, shards or threads. */
#include "codegen/artifact/artifact.h"

/* What one input is drawn with. */
typedef struct ccm_drawing {
  const ccm_port *port;
  uint64_t key;  /* of the seed, the port and the step */
  int64_t first; /* number in the whole batch of the first sample */
  int64_t count;
} ccm_drawing;

static ccm_drawing drawing_of(const ccm_plan *plan, int32_t port, uint64_t seed, int64_t step,
                              int64_t first, int64_t count) {
  uint64_t key = ccm_random_bits(seed, (uint64_t)port, (uint64_t)step);
  ccm_drawing drawing = {&plan->inputs[port], key, first, count};
  return drawing;
}

static double uniform(const ccm_drawing *drawing, int64_t i) {
  return ccm_random_uniform(drawing->key, 0, (uint64_t)(drawing->first + i));
}

static void draw_weights(const ccm_drawing *drawing, float *values) {
  for (int64_t i = 0; i < drawing->count; ++i)
    values[i] = 1;
}

static void draw_presences(const ccm_drawing *drawing, float *values) {
  for (int64_t i = 0; i < drawing->count; ++i)
    values[i] = uniform(drawing, i) >= drawing->port->numbers[0] ? 1 : 0;
}

/* Squares of uniform numbers: the loss of what is found weighs the way to it by the square of the
 * time, so times near 0, in which the last noise goes, would hardly be learned. */
static void draw_times(const ccm_drawing *drawing, float *values) {
  for (int64_t i = 0; i < drawing->count; ++i) {
    double root = uniform(drawing, i);
    values[i] = (float)(root * root);
  }
}

/* Value `i` of an output's target as its loss reads it; without a target 0. */
static float target_value(const ccm_port *output, const void *target, int64_t i) {
  if (!target)
    return 0;
  return output->target_dtype == CCM_U8 ? (float)((const uint8_t *)target)[i] * (1.0f / 255.0f)
                                        : ((const float *)target)[i];
}

/* (1 - t) x + t n, per sample; `target` and `times` are those of the drawing's samples. */
static void draw_noised(const ccm_drawing *drawing, const ccm_port *output, const void *target,
                        const float *times, float *values) {
  int64_t elements = (int64_t)ccm_port_elements(drawing->port);
  const double mean = drawing->port->numbers[0], deviation = drawing->port->numbers[1];
  for (int64_t i = 0; i < drawing->count * elements; ++i) {
    uint64_t sample = (uint64_t)(drawing->first + i / elements);
    double normal = ccm_random_normal(drawing->key, sample, (uint64_t)(i % elements));
    float noise = (float)(mean + deviation * normal), t = times[i / elements];
    values[i] = (1 - t) * target_value(output, target, i) + t * noise;
  }
}

/* What an output's target has before each position; beyond the vocabulary nothing is known. */
static void draw_shifted(const ccm_drawing *drawing, const ccm_port *output, const int32_t *target,
                         int32_t *indices) {
  int64_t elements = (int64_t)drawing->port->bytes / 4;
  for (int64_t i = 0; i < drawing->count * elements; ++i) {
    int32_t before = i % elements && target ? target[i - 1] : -1;
    int32_t is_index = before >= 0 && before < output->vocabulary;
    indices[i] = is_index ? before : (int32_t)output->vocabulary;
  }
}

/* The number of an output's time among the inputs. */
static int32_t time_of(const ccm_plan *plan, int32_t output) {
  int32_t i = 0;
  while (plan->inputs[i].draw != CCM_TIME || plan->inputs[i].partner != output)
    ++i;
  return i;
}

/* Draws the values of an input that is drawn. `targets` are arrays of all outputs, or null, and
 * `times` those of the output of what is noised. */
static void draw_values(const ccm_plan *plan, const ccm_drawing *drawing,
                        const void *const *targets, const float *times, void *values) {
  int32_t partner = drawing->port->partner - 1;
  if (drawing->port->draw == CCM_PRESENCE)
    draw_presences(drawing, values);
  else if (drawing->port->draw == CCM_WEIGHT)
    draw_weights(drawing, values);
  else if (drawing->port->draw == CCM_TIME)
    draw_times(drawing, values);
  else if (drawing->port->draw == CCM_NOISED)
    draw_noised(drawing, &plan->outputs[partner], targets ? targets[partner] : 0, times, values);
  else if (drawing->port->draw == CCM_SHIFTED)
    draw_shifted(drawing, &plan->outputs[partner], targets ? targets[partner] : 0, values);
}

/* ---- What a batch lacks ---------------------------------------------------------------------- */

static void fill_presences(const ccm_call *call, const ccm_drawing *drawing, float *values) {
  int32_t is_given = call->batch.inputs[drawing->port->partner - 1] != 0;
  if (is_given && call->trains)
    draw_presences(drawing, values);
  else
    for (int64_t i = 0; i < drawing->count; ++i)
      values[i] = is_given ? 1 : 0;
}

/* Fills input `i` where the batch lacks it. */
static void fill_input(const ccm_call *call, const ccm_piece *piece, const ccm_regions *regions,
                       int32_t i) {
  const ccm_port *port = &call->plan->inputs[i];
  int64_t count = piece->block->samples;
  ccm_drawing drawing = drawing_of(call->plan, i, call->batch.seed, call->step,
                                   call->layout.first_sample + piece->sample, count);
  const float *times =
      port->draw == CCM_NOISED ? regions->inputs[time_of(call->plan, port->partner)] : 0;
  if (port->draw == CCM_GIVEN)
    memset(regions->inputs[i], 0, (uint64_t)count * port->bytes);
  else if (port->draw == CCM_PRESENCE)
    fill_presences(call, &drawing, regions->inputs[i]);
  else
    draw_values(call->plan, &drawing, (const void *const *)regions->targets, times,
                regions->inputs[i]);
}

/* Writes the samples of an array as training changes them. */
static void augment(const ccm_drawing *drawing, const char *from, char *to) {
  uint64_t bytes = drawing->port->bytes;
  for (int64_t i = 0; i < drawing->count; ++i)
    ccm_augment_sample(drawing->port, drawing->key, (uint64_t)(drawing->first + i),
                       from + (uint64_t)i * bytes, to + (uint64_t)i * bytes);
}

/* Writes the samples that training changes of what the caller gives for input `i`. */
static void change_input(const ccm_call *call, const ccm_piece *piece, const ccm_regions *regions,
                         int32_t i) {
  const char *given = call->batch.inputs[i];
  ccm_drawing drawing =
      drawing_of(call->plan, i, call->batch.seed, call->step,
                 call->layout.first_sample + piece->sample, piece->block->samples);
  augment(&drawing, given + (uint64_t)piece->sample * drawing.port->bytes, regions->inputs[i]);
}

/* Whether a batch lacks an input that the call reads: without a list of inputs, of `loss` alone,
 * those are the weights. */
static int32_t lacks(const ccm_call *call, int32_t i) {
  if (call->batch.inputs)
    return !call->batch.inputs[i];
  return call->plan->inputs[i].draw == CCM_WEIGHT;
}

void ccm_fill_inputs(const ccm_call *call, const ccm_piece *piece, const ccm_regions *regions) {
  for (int32_t i = 0; i < call->plan->input_count && call->trains; ++i)
    if (call->batch.inputs[i] && ccm_is_augmented(&call->plan->inputs[i]))
      change_input(call, piece, regions, i);
  for (int32_t noised = 0; noised < 2; ++noised) /* after the times that they read */
    for (int32_t i = 0; i < call->plan->input_count; ++i)
      if (lacks(call, i) && noised == (call->plan->inputs[i].draw == CCM_NOISED))
        fill_input(call, piece, regions, i);
}

/* ---- The entry ------------------------------------------------------------------------------- */

/* The times that a noised input is drawn with: those given, or wanted; null where neither are. */
static const float *times_of(const ccm_plan *plan, const ccm_batch *batch, const ccm_port *noised,
                             void *const *arrays) {
  int32_t time = time_of(plan, noised->partner);
  return batch->inputs && batch->inputs[time] ? batch->inputs[time] : arrays[time];
}

static void draw_input(const ccm_plan *plan, const ccm_batch *batch, int64_t step, int64_t first,
                       int32_t i, void *const *arrays) {
  const ccm_port *port = &plan->inputs[i];
  ccm_drawing drawing = drawing_of(plan, i, batch->seed, step, first, batch->count);
  const void *given = batch->inputs ? batch->inputs[i] : 0;
  if (given && ccm_is_augmented(port))
    augment(&drawing, given, arrays[i]);
  else if (given)
    memcpy(arrays[i], given, (uint64_t)batch->count * port->bytes);
  else
    draw_values(plan, &drawing, batch->targets,
                port->draw == CCM_NOISED ? times_of(plan, batch, port, arrays) : 0, arrays[i]);
}

/* Refuses a wanted noised input without its time. */
static int32_t check_wanted(const ccm_plan *plan, const ccm_batch *batch, void *const *arrays,
                            ccm_error *error) {
  if (!arrays)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a list of %d arrays, found null",
                      (int64_t)plan->input_count);
  for (int32_t i = 0; i < plan->input_count; ++i) {
    const ccm_port *port = &plan->inputs[i];
    if (port->draw == CCM_NOISED && arrays[i] && !times_of(plan, batch, port, arrays))
      return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected an array of '%s' for '%s', found null",
                        plan->inputs[time_of(plan, port->partner)].name, port->name);
  }
  return CCM_OK;
}

int32_t ccm_run_draw(const ccm_plan *plan, const ccm_batch *batch, int64_t step, int64_t first,
                     void *const *arrays, ccm_error *error) {
  ccm_batch of;
  int32_t status = ccm_take(CCM_STRUCT_BATCH, &of, batch, error);
  if (!status && of.count < 1)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found %d",
                        of.count);
  if (!status)
    status = check_wanted(plan, &of, arrays, error);
  if (status)
    return status;
  uint32_t mode = ccm_enter_mode();
  for (int32_t noised = 0; noised < 2; ++noised)
    for (int32_t i = 0; i < plan->input_count; ++i)
      if (arrays[i] && noised == (plan->inputs[i].draw == CCM_NOISED))
        draw_input(plan, &of, step, first, i, arrays);
  ccm_leave_mode(mode);
  return CCM_OK;
}
