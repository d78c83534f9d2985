/* SPDX-License-Identifier: Apache-2.0 */
/* The sum over shards and the optimizer, in two passes over the parameters: the first makes the
 * additions that are left of the tree over shards and measures their sum, so that one which is not
 * finite changes nothing; the second updates. */
#include "codegen/artifact/artifact.h"

int64_t ccm_span_count(const ccm_plan *plan) {
  return (int64_t)(plan->trained_bytes / CCM_SPAN_BYTES +
                   (plan->trained_bytes % CCM_SPAN_BYTES != 0));
}

int32_t ccm_is_finite(double value) {
  union {
    double number;
    uint64_t bits;
  } u = {value};
  return (u.bits >> 52 & 0x7FF) != 0x7FF;
}

void ccm_add_floats(float *restrict into, const float *restrict other, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    into[i] += other[i];
}

/* Bytes of the trained parameters, [begin, end), that task `index` works on. */
typedef struct ccm_range {
  uint64_t begin, end;
} ccm_range;

static ccm_range span_range(const ccm_plan *plan, int64_t index) {
  uint64_t begin = (uint64_t)index * CCM_SPAN_BYTES, left = plan->trained_bytes - begin;
  return (ccm_range){begin, begin + (left < CCM_SPAN_BYTES ? left : CCM_SPAN_BYTES)};
}

/* Makes the tree's additions in a chunk. The sum stays in slot 0. With the fault
 * CCM_SWAP_REDUCTION_ORDER they are made last first where there are several workers. */
static void sum_chunk(const ccm_call *call, ccm_range chunk) {
  const ccm_tree *tree = &call->tree;
  int32_t is_swapped = CCM_SWAP_REDUCTION_ORDER && call->runner && call->runner->workers > 1;
  uint64_t first = chunk.begin / sizeof(float), count = (chunk.end - chunk.begin) / sizeof(float);
  for (int32_t i = 0; i < tree->count; ++i) {
    ccm_addition addition = tree->additions[i];
    int8_t into = is_swapped ? 0 : addition.into;
    ccm_add_floats(ccm_slot(call, into) + first, ccm_slot(call, addition.from) + first, count);
  }
}

static void sum_span(void *context, int64_t index, int32_t worker) {
  const ccm_call *call = context;
  ccm_range span = span_range(call->plan, index);
  (void)worker;
  for (uint64_t at = span.begin; at < span.end; at += 4 * CCM_LARGE_CHUNK) {
    uint64_t end = at + 4 * CCM_LARGE_CHUNK;
    sum_chunk(call, (ccm_range){at, end < span.end ? end : span.end});
  }
}

void ccm_sum_deltas(const ccm_call *call) {
  if (call->tree.count)
    ccm_run_tasks(call->runner, sum_span, (void *)call, ccm_span_count(call->plan));
}

/* ---- Norm ------------------------------------------------------------------------------------ */

static double sum_of_squares(const float *values, uint64_t count) {
  double lanes[8] = {0};
  for (uint64_t i = 0; i < count; i += 8) /* spans are whole chunks of 16 */
    for (int k = 0; k < 8; ++k)
      lanes[k] += (double)values[i + k] * values[i + k];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* 0 where all values are finite, else not a number. */
static double zero_if_finite(const float *values, uint64_t count) {
  const uint32_t *bits = (const uint32_t *)values;
  uint32_t bad = 0;
  for (uint64_t i = 0; i < count; ++i)
    bad |= (bits[i] & 0x7F800000) == 0x7F800000;
  return bad ? __builtin_nan("") : 0;
}

typedef struct ccm_measure {
  const ccm_call *call;
  double clip;
} ccm_measure;

static void measure_span(void *context, int64_t index, int32_t worker) {
  const ccm_measure *measure = context;
  const ccm_call *call = measure->call;
  sum_span((void *)call, index, worker);
  ccm_range span = span_range(call->plan, index);
  const float *values = ccm_slot(call, 0) + span.begin / sizeof(float);
  uint64_t count = (span.end - span.begin) / sizeof(float);
  double *squares = (double *)(call->workspace + call->layout.squares);
  squares[index] =
      measure->clip > 0 ? sum_of_squares(values, count) : zero_if_finite(values, count);
}

/* Sums the deltas and returns the factor that shortens the mean over the batch to a norm of
 * `clip`, unless that is 0; not finite where the sum is not. */
static double sum_and_clip(const ccm_call *call, double clip) {
  const double *squares = (const double *)(call->workspace + call->layout.squares);
  int64_t spans = ccm_span_count(call->plan);
  ccm_measure measure = {call, clip};
  ccm_run_tasks(call->runner, measure_span, &measure, spans);
  uint32_t mode = ccm_enter_mode();
  double sum = 0;
  for (int64_t i = 0; i < spans; ++i)
    sum += squares[i];
  double norm = __builtin_sqrt(sum) / (double)call->layout.count;
  double factor = clip > 0 && norm > clip ? clip / norm : 1;
  ccm_leave_mode(mode);
  return ccm_is_finite(sum) ? factor : sum;
}

/* ---- Update ---------------------------------------------------------------------------------- */

typedef struct ccm_update_task {
  const ccm_call *call;
  char *params, *state;
  _Alignas(CCM_ALIGNMENT) float hyper[2][CCM_HYPER_COUNT]; /* without and with decay */
} ccm_update_task;

/* 1 / (1 - beta^count), by repeated squaring. */
static double correction(double beta, int64_t count) {
  double power = 1;
  for (double square = beta; count; count >>= 1, square *= square)
    power = count & 1 ? power * square : power;
  return 1 / (1 - power);
}

static void fill_hyper(ccm_update_task *task, const ccm_update *update, double factor) {
  const ccm_plan *plan = task->call->plan;
  uint32_t mode = ccm_enter_mode();
  for (int32_t decay = 0; decay < 2; ++decay) {
    float *hyper = task->hyper[decay];
    memset(hyper, 0, CCM_HYPER_COUNT * sizeof(float));
    hyper[CCM_HYPER_RATE] = update->learning_rate;
    hyper[CCM_HYPER_SCALE] = (float)(factor / (double)task->call->layout.count);
    hyper[CCM_HYPER_CORRECTION1] = (float)correction(plan->beta1, update->index + 1);
    hyper[CCM_HYPER_CORRECTION2] = (float)correction(plan->beta2, update->index + 1);
    hyper[CCM_HYPER_DECAY] = (float)decay;
  }
  ccm_leave_mode(mode);
}

/* The last parameter that starts at or before `offset`. */
static int32_t parameter_at(const ccm_plan *plan, uint64_t offset) {
  int32_t low = 0, high = plan->trained_count;
  while (high - low > 1) {
    int32_t middle = low + (high - low) / 2;
    if (plan->parameters[middle].offset <= offset)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static void update_chunk(const ccm_update_task *task, int32_t decay, uint64_t at, uint64_t bytes) {
  const ccm_plan *plan = task->call->plan;
  void *states[CCM_MAX_STATES];
  for (int32_t i = 0; i < plan->state_count; ++i)
    states[i] = task->state + (uint64_t)i * plan->trained_bytes + at;
  ccm_regions regions = {.params = task->params + at,
                         .delta = (char *)ccm_slot(task->call, 0) + at,
                         .states = states,
                         .hyper = (void *)task->hyper[decay]};
  const ccm_function *update =
      bytes == 4 * CCM_LARGE_CHUNK ? &plan->update_large : &plan->update_small;
  ccm_run_function(update, &regions, task->call->runner, 1);
}

static void update_span(void *context, int64_t index, int32_t worker) {
  const ccm_update_task *task = context;
  const ccm_plan *plan = task->call->plan;
  ccm_range span = span_range(plan, index);
  (void)worker;
  for (int32_t i = parameter_at(plan, span.begin); span.begin < span.end; ++i) {
    uint64_t next = i + 1 < plan->trained_count ? plan->parameters[i + 1].offset : span.end;
    uint64_t end = next < span.end ? next : span.end;
    int32_t decay = plan->initials[i].decay;
    for (; end - span.begin >= 4 * CCM_LARGE_CHUNK; span.begin += 4 * CCM_LARGE_CHUNK)
      update_chunk(task, decay, span.begin, 4 * CCM_LARGE_CHUNK);
    for (; span.begin < end; span.begin += 4 * CCM_SMALL_CHUNK)
      update_chunk(task, decay, span.begin, 4 * CCM_SMALL_CHUNK);
  }
}

int32_t ccm_update_params(const ccm_call *call, void *params, void *state, const ccm_update *update,
                          ccm_error *error) {
  ccm_update_task task = {.call = call, .params = params, .state = state};
  double factor = sum_and_clip(call, update->clip);
  if (!ccm_is_finite(factor))
    return ccm_refuse(error, CCM_DIVERGED,
                      "expected a finite delta, found one that is not; nothing was changed");
  fill_hyper(&task, update, factor);
  ccm_run_tasks(call->runner, update_span, &task, ccm_span_count(call->plan));
  return CCM_OK;
}
