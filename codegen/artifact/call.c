/* SPDX-License-Identifier: Apache-2.0 */
/* One call of an entry: its blocks, run by the caller's threads in an order that changes no bit. */
#include "codegen/artifact/artifact.h"

/* Takes the caller's structs; without a runner the call is serial. */
static int32_t take_structs(ccm_call *call, const ccm_batch *batch, const ccm_buffers *buffers,
                            const ccm_runner *runner, ccm_error *error) {
  int32_t status = ccm_take(CCM_STRUCT_BATCH, &call->batch, batch, error);
  if (!status)
    status = ccm_take(CCM_STRUCT_BUFFERS, &call->buffers, buffers, error);
  if (!status && runner)
    status = ccm_take(CCM_STRUCT_RUNNER, &call->threads, runner, error);
  if (status)
    return status;
  call->runner = runner ? &call->threads : 0;
  if (runner && !call->threads.run && call->threads.workers != 1)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected 1 worker of a runner without 'run', found %d",
                      (int64_t)call->threads.workers);
  return CCM_OK;
}

static int32_t check_workspace(const ccm_call *call, int32_t workers, ccm_error *error) {
  uint64_t bytes = call->layout.bytes;
  int32_t status = ccm_check_buffer(call->buffers.workspace, bytes, "workspace", error);
  if (!status && call->buffers.workspace_bytes < bytes)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected a workspace of %d bytes for %d samples and %d workers, found %d",
                      (int64_t)bytes, call->batch.count, (int64_t)workers,
                      (int64_t)call->buffers.workspace_bytes);
  return status;
}

int32_t ccm_begin(ccm_call *call, const ccm_plan *plan, uint32_t functions, const void *params,
                  const ccm_batch *batch, const ccm_shards *part, const ccm_buffers *buffers,
                  const ccm_runner *runner, ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = take_structs(call, batch, buffers, runner, error);
  if (status)
    return status;
  int32_t workers = call->runner ? call->runner->workers : 1;
  status = part ? ccm_lay_out_part(plan, part, call->batch.count, workers, &call->layout, error)
                : ccm_lay_out(plan, functions, call->batch.count, workers, &call->layout, error);
  if (!status)
    status = check_workspace(call, workers, error);
  if (status)
    return status;
  call->plan = plan;
  call->params = params;
  call->workspace = call->buffers.workspace;
  call->internal = 0;
  call->cache = 0;
  call->delta = 0;
  call->trains = 0;
  call->step = 0;
  ccm_begin_tree(&call->tree, call->layout.shards);
  return CCM_OK;
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

typedef struct ccm_moded_task {
  ccm_task task;
  void *context;
} ccm_moded_task;

static void run_moded(void *context, int64_t index, int32_t worker) {
  const ccm_moded_task *moded = context;
  uint32_t mode = ccm_enter_mode();
  moded->task(moded->context, index, worker);
  ccm_leave_mode(mode);
}

void ccm_run_tasks(const ccm_runner *runner, ccm_task task, void *context, int64_t count) {
  ccm_moded_task moded = {task, context};
  if (runner && runner->run && count > 1)
    runner->run(runner->self, run_moded, &moded, count);
  else
    for (int64_t i = 0; i < count; ++i)
      run_moded(&moded, i, 0);
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

/* Arrays of one kind, for all ports: the caller's, or the worker's own where those are null. */
typedef struct ccm_arrays {
  const void *const *arrays;
  char *own;        /* null: there is nothing instead */
  uint64_t target;  /* 1: of the target types */
  uint64_t floats;  /* 1: of floats whatever the port's type */
  uint64_t inputs;  /* 1: own ones are there for some ports alone */
  uint64_t changed; /* 1: and are used where training changes the caller's */
} ccm_arrays;

static uint64_t sample_bytes(const ccm_port *port, const ccm_arrays *of) {
  if (of->target)
    return port->target_bytes;
  return of->floats ? ccm_port_elements(port) * sizeof(float) : port->bytes;
}

/* Writes one pointer per port, to its array's `sample`, and returns the end of the list. */
static void **point(void **list, const ccm_port *ports, int32_t count, ccm_arrays of,
                    int64_t sample, int64_t unit) {
  for (int32_t i = 0; i < count; ++i) {
    uint64_t bytes = sample_bytes(&ports[i], &of);
    int32_t is_own = of.changed && ccm_is_augmented(&ports[i]);
    const char *array = of.arrays && !is_own ? of.arrays[i] : 0;
    list[i] = array ? (char *)array + (uint64_t)sample * bytes : of.own;
    uint64_t own = of.inputs ? ccm_own_bytes(&ports[i]) : bytes;
    if (of.own)
      of.own += ((uint64_t)unit * own + CCM_ALIGNMENT - 1) & ~(uint64_t)(CCM_ALIGNMENT - 1);
  }
  return list + count;
}

static void point_at_losses(const ccm_call *call, void **list, int64_t sample) {
  float *losses = (float *)(call->workspace + call->layout.losses);
  for (int32_t i = 0; i < call->plan->output_count; ++i)
    list[i] = losses + (int64_t)i * call->layout.count + sample;
}

/* Caches and, of decode, what it is given and gives. */
static void point_at_sequences(const ccm_call *call, int64_t sample, ccm_regions *regions) {
  const ccm_plan *plan = call->plan;
  const ccm_decode *decode = &call->decode;
  for (int32_t i = 0; i < plan->cache_count; ++i)
    regions->caches[i] = call->cache + ccm_cache_bytes(plan, call->batch.count, i) +
                         (uint64_t)sample * plan->caches[i];
  if (!decode->scores)
    return;
  regions->positions = (void *)(decode->positions + sample);
  regions->before = (void *)(decode->before + sample);
  regions->scores = decode->scores + sample * plan->outputs->vocabulary;
}

static void fill_regions(const ccm_call *call, char *area, int64_t sample, ccm_regions *regions) {
  const ccm_plan *plan = call->plan;
  const ccm_layout *layout = &call->layout;
  const ccm_batch *batch = &call->batch;
  int64_t unit = layout->unit;
  const ccm_arrays inputs = {batch->inputs, area + layout->inputs, 0, 0, 1, call->trains != 0};
  const ccm_arrays targets = {batch->targets, 0, 1, 0, 0, 0};
  const ccm_arrays outputs = {
      (const void *const *)batch->outputs, area + layout->outputs, 0, 1, 0, 0};
  const ccm_arrays output_deltas = {
      (const void *const *)batch->output_deltas, area + layout->output_deltas, 0, 1, 0, 0};
  const ccm_arrays input_deltas = {
      (const void *const *)batch->input_deltas, area + layout->input_deltas, 0, 1, 0, 0};
  void **list = (void **)(area + layout->pointers);
  regions->inputs = list;
  list = point(list, plan->inputs, plan->input_count, inputs, sample, unit);
  regions->targets = list;
  list = point(list, plan->outputs, plan->output_count, targets, sample, unit);
  regions->outputs = list;
  list = point(list, plan->outputs, plan->output_count, outputs, sample, unit);
  regions->output_deltas = list;
  list = point(list, plan->outputs, plan->output_count, output_deltas, sample, unit);
  regions->input_deltas = list;
  list = point(list, plan->inputs, plan->input_count, input_deltas, sample, unit);
  regions->losses = list;
  point_at_losses(call, list, sample);
  list += plan->output_count;
  regions->caches = list;
  if (call->cache)
    point_at_sequences(call, sample, regions);
}

/* The internals of the block at `sample`: the batch's, or the worker's own. */
static void *internal_at(const ccm_call *call, char *area, int64_t sample) {
  if (!call->internal)
    return area + call->layout.internal;
  return call->internal + ccm_internal_offset(call->plan, &call->layout, sample);
}

/* Runs the call's functions on one block, one after the other while its values are in the cache. */
static void run_block(const ccm_call *call, char *area, const ccm_piece *piece,
                      ccm_regions *regions) {
  int32_t workers = call->layout.cut ? call->layout.workers : 1;
  for (int32_t i = 0; i < CCM_FUNCTION_COUNT; ++i) {
    const ccm_function *function = &piece->block->functions[i];
    if (!(call->layout.functions >> i & 1))
      continue;
    int32_t hides = piece->repeated && function->regions & CCM_REGION(delta);
    if (hides)
      ccm_hide_repeated(call, area, piece, regions);
    ccm_run_function(function, regions, call->runner, workers);
    if (hides)
      ccm_deliver_input_deltas(call, piece, regions);
  }
}

/* Runs all blocks of units [first, last), in order. */
static void run_blocks(const ccm_call *call, int64_t first, int64_t last, int32_t worker,
                       void *delta) {
  const ccm_layout *layout = &call->layout;
  char *area = call->workspace + layout->areas + (uint64_t)worker * layout->area_bytes;
  int64_t end = last == layout->units ? layout->count : last * layout->unit;
  ccm_regions regions = {.params = (void *)call->params,
                         .delta = delta,
                         .scratch = area + layout->scratch,
                         .prepared = call->workspace + layout->prepared};
  for (int64_t sample = first * layout->unit; sample < end;) {
    ccm_piece piece = ccm_piece_at(call->plan, layout, sample);
    fill_regions(call, area, piece.sample, &regions);
    ccm_fill_inputs(call, &piece, &regions);
    regions.internal = internal_at(call, area, sample);
    run_block(call, area, &piece, &regions);
    sample = piece.sample + piece.block->samples;
  }
}

static void run_unit(void *context, int64_t index, int32_t worker) {
  run_blocks(context, index, index + 1, worker, 0);
}

/* Runs tasks side by side or, where their launches are cut, one after the other on this thread. */
static void run_parts(const ccm_call *call, ccm_task task, void *context, int64_t count) {
  ccm_run_tasks(call->layout.cut ? 0 : call->runner, task, context, count);
}

void ccm_run_units(const ccm_call *call) {
  run_parts(call, run_unit, (void *)call, call->layout.units);
}

/* ---- Shards ---------------------------------------------------------------------------------- */

float *ccm_slot(const ccm_call *call, int32_t slot) {
  int32_t own = slot - call->layout.given_slots;
  char *start = own < 0 ? call->delta : call->workspace + call->layout.deltas;
  return (float *)(start + (uint64_t)(own < 0 ? slot : own) * call->plan->trained_bytes);
}

/* The first unit of the batch that is of its shard of that number. */
static int64_t shard_unit(const ccm_layout *layout, int64_t shard) {
  int64_t start = ccm_shard_unit(layout->all_units, layout->all_shards, layout->first_shard);
  return ccm_shard_unit(layout->all_units, layout->all_shards,
                        layout->first_shard + (int32_t)shard) -
         start;
}

/* The shards that run at once. */
typedef struct ccm_wave {
  const ccm_call *call;
  int32_t first;
  int8_t slots[CCM_MAX_SHARDS];
} ccm_wave;

static void run_shard(void *context, int64_t index, int32_t worker) {
  const ccm_wave *wave = context;
  const ccm_layout *layout = &wave->call->layout;
  float *delta = ccm_slot(wave->call, wave->slots[index]);
  memset(delta, 0, wave->call->plan->trained_bytes);
  int64_t shard = wave->first + index;
  run_blocks(wave->call, shard_unit(layout, shard), shard_unit(layout, shard + 1), worker, delta);
}

static void run_wave(ccm_call *call, int32_t first, int32_t count) {
  ccm_wave wave = {.call = call, .first = first};
  for (int32_t i = 0; i < count; ++i)
    wave.slots[i] = ccm_take_slot(&call->tree);
  run_parts(call, run_shard, &wave, count);
  for (int32_t i = 0; i < count; ++i)
    ccm_join_shard(&call->tree, wave.slots[i]);
}

/* Runs every shard into a slot of its own. */
static void run_apart(ccm_call *call) {
  ccm_wave wave = {.call = call};
  for (int32_t i = 0; i < call->layout.shards; ++i)
    wave.slots[i] = (int8_t)i;
  run_parts(call, run_shard, &wave, call->layout.shards);
}

void ccm_shard_blocks(ccm_call *call) {
  int32_t shards = call->layout.shards, wave = call->layout.wave;
  if (!call->layout.has_delta) {
    ccm_run_units(call);
    return;
  }
  if (call->layout.is_part) {
    run_apart(call);
    return;
  }
  for (int32_t first = 0; first < shards; first += wave) {
    ccm_sum_deltas(call);
    call->tree.count = 0;
    run_wave(call, first, first + wave < shards ? wave : shards - first);
  }
}

/* ---- Before and after the blocks ------------------------------------------------------------- */

static void run_prepare(void *context, int64_t index, int32_t worker) {
  const ccm_call *call = context;
  const ccm_layout *layout = &call->layout;
  const ccm_function *part = &call->plan->prepares[index];
  if (!(part->readers & layout->functions))
    return;
  ccm_regions regions = {.params = (void *)call->params,
                         .scratch = call->workspace + layout->areas +
                                    (uint64_t)worker * layout->prepare_bytes,
                         .prepared = call->workspace + layout->prepared};
  ccm_run_function(part, &regions, call->runner, 1);
}

void ccm_prepare(const ccm_call *call) {
  if (call->layout.is_prepared)
    ccm_run_tasks(call->runner, run_prepare, (void *)call, call->plan->prepare_count);
}

/* The sum of an output's losses over the samples of a shard. */
static double shard_loss(const ccm_call *call, int32_t shard, int32_t output) {
  const ccm_layout *layout = &call->layout;
  const float *values = (const float *)(call->workspace + layout->losses);
  int64_t unit = layout->unit, last = shard_unit(layout, shard + 1);
  int64_t end = last == layout->units ? layout->count : last * unit;
  double sum = 0;
  for (int64_t sample = shard_unit(layout, shard) * unit; sample < end; ++sample)
    sum += values[(int64_t)output * layout->count + sample];
  return sum;
}

void ccm_sum_losses(const ccm_call *call, double *sums) {
  uint32_t mode = ccm_enter_mode();
  for (int32_t shard = 0; shard < call->layout.shards; ++shard)
    for (int32_t output = 0; output < call->plan->output_count; ++output)
      *sums++ = shard_loss(call, shard, output);
  ccm_leave_mode(mode);
}

double ccm_mean_loss(const ccm_call *call, double *losses) {
  uint32_t mode = ccm_enter_mode();
  double total = 0;
  for (int32_t output = 0; output < call->plan->output_count; ++output) {
    double sum = 0;
    for (int32_t shard = 0; shard < call->layout.shards; ++shard)
      sum += shard_loss(call, shard, output);
    double mean = sum / (double)call->layout.count;
    if (losses)
      losses[output] = mean;
    total += call->plan->weights[output] * mean;
  }
  ccm_leave_mode(mode);
  return total;
}
