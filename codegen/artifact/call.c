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

int32_t ccm_begin(ccm_call *call, const ccm_plan *plan, enum ccm_space space, const void *params,
                  const ccm_batch *batch, const ccm_buffers *buffers, const ccm_runner *runner,
                  ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = take_structs(call, batch, buffers, runner, error);
  if (status)
    return status;
  int32_t workers = call->runner ? call->runner->workers : 1;
  status = ccm_lay_out(plan, call->batch.count, workers, &call->layout, error);
  if (status)
    return status;
  uint64_t needs = call->layout.needs[space];
  status = ccm_check_buffer(call->buffers.workspace, needs, "workspace", error);
  if (status)
    return status;
  if (call->buffers.workspace_bytes < needs)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected a workspace of %d bytes for %d samples and %d workers, found %d",
                      (int64_t)needs, call->batch.count, (int64_t)workers,
                      (int64_t)call->buffers.workspace_bytes);
  call->plan = plan;
  call->params = params;
  call->workspace = call->buffers.workspace;
  call->internal = 0;
  call->delta = 0;
  call->deltas = call->workspace + call->layout.deltas;
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
  char *own;       /* null: there is nothing instead */
  uint64_t target; /* 1: of the target types */
  uint64_t floats; /* 1: of floats whatever the port's type */
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
    const char *array = of.arrays ? of.arrays[i] : 0;
    list[i] = array ? (char *)array + (uint64_t)sample * bytes : of.own;
    if (of.own)
      of.own += ((uint64_t)unit * bytes + CCM_ALIGNMENT - 1) & ~(uint64_t)(CCM_ALIGNMENT - 1);
  }
  return list + count;
}

static void point_at_losses(const ccm_call *call, void **list, int64_t sample) {
  float *losses = (float *)(call->workspace + call->layout.losses);
  for (int32_t i = 0; i < call->plan->output_count; ++i)
    list[i] = losses + (int64_t)i * call->layout.count + sample;
}

static void fill_regions(const ccm_call *call, char *area, int64_t sample, ccm_regions *regions) {
  const ccm_plan *plan = call->plan;
  const ccm_layout *layout = &call->layout;
  const ccm_batch *batch = &call->batch;
  int64_t unit = ccm_unit_samples(plan);
  const ccm_arrays inputs = {batch->inputs, 0, 0, 0}, targets = {batch->targets, 0, 1, 0};
  const ccm_arrays outputs = {(const void *const *)batch->outputs, area + layout->outputs, 0, 1};
  const ccm_arrays output_deltas = {(const void *const *)batch->output_deltas,
                                    area + layout->output_deltas, 0, 1};
  const ccm_arrays input_deltas = {(const void *const *)batch->input_deltas,
                                   area + layout->input_deltas, 0, 1};
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
  regions->internal = area + layout->internal;
}

/* Runs `body` on all blocks of units [first, last), in order. */
static void run_blocks(const ccm_call *call, int64_t first, int64_t last, int32_t worker,
                       void *delta, ccm_block_body body) {
  const ccm_plan *plan = call->plan;
  const ccm_layout *layout = &call->layout;
  char *area = call->workspace + layout->areas + (uint64_t)worker * layout->area_bytes;
  int64_t unit = ccm_unit_samples(plan);
  int64_t end = last == layout->units ? layout->count : last * unit;
  ccm_regions regions = {.params = (void *)call->params,
                         .delta = delta,
                         .scratch = area + layout->scratch,
                         .prepared = call->workspace + layout->prepared};
  for (int64_t sample = first * unit; sample < end;) {
    const ccm_block *block = &plan->blocks[end - sample < unit ? 0 : plan->block_count - 1];
    fill_regions(call, area, sample, &regions);
    body(call, block, sample, &regions);
    sample += block->samples;
  }
}

void *ccm_internal_at(const ccm_call *call, const ccm_regions *regions, int64_t sample) {
  if (!call->internal)
    return regions->internal;
  return call->internal + ccm_internal_offset(call->plan, call->layout.count, sample);
}

typedef struct ccm_blocks_task {
  const ccm_call *call;
  ccm_block_body body;
} ccm_blocks_task;

static void run_unit(void *context, int64_t index, int32_t worker) {
  const ccm_blocks_task *task = context;
  run_blocks(task->call, index, index + 1, worker, 0, task->body);
}

void ccm_run_units(const ccm_call *call, ccm_block_body body) {
  ccm_blocks_task task = {call, body};
  ccm_run_tasks(call->runner, run_unit, &task, call->layout.units);
}

float *ccm_shard_delta(const ccm_call *call, int32_t shard) {
  uint64_t offset = (uint64_t)shard * call->plan->params_bytes;
  return (float *)(shard ? call->deltas + offset : call->delta);
}

/* The first unit of the batch that is of the shard, which is one of the batch's. */
static int64_t shard_unit(const ccm_layout *layout, int32_t shard) {
  int64_t start = ccm_shard_unit(layout->all_units, layout->all_shards, layout->first_shard);
  return ccm_shard_unit(layout->all_units, layout->all_shards, layout->first_shard + shard) - start;
}

static void run_shard(void *context, int64_t index, int32_t worker) {
  const ccm_blocks_task *task = context;
  const ccm_layout *layout = &task->call->layout;
  float *delta = ccm_shard_delta(task->call, (int32_t)index);
  memset(delta, 0, task->call->plan->params_bytes);
  run_blocks(task->call, shard_unit(layout, (int32_t)index), shard_unit(layout, (int32_t)index + 1),
             worker, delta, task->body);
}

void ccm_shard_blocks(const ccm_call *call, ccm_block_body body) {
  ccm_blocks_task task = {call, body};
  ccm_run_tasks(call->runner, run_shard, &task, call->layout.shards);
}

/* ---- Before and after the blocks ------------------------------------------------------------- */

static void run_prepare(void *context, int64_t index, int32_t worker) {
  const ccm_call *call = context;
  char *area = call->workspace + call->layout.areas + (uint64_t)worker * call->layout.area_bytes;
  ccm_regions regions = {.params = (void *)call->params,
                         .scratch = area + call->layout.scratch,
                         .prepared = call->workspace + call->layout.prepared};
  call->plan->prepares[index](&regions);
}

void ccm_prepare(const ccm_call *call, int32_t wanted) {
  if (wanted)
    ccm_run_tasks(call->runner, run_prepare, (void *)call, call->plan->prepare_count);
}

/* The sum of an output's losses over the samples of a shard. */
static double shard_loss(const ccm_call *call, int32_t shard, int32_t output) {
  const ccm_layout *layout = &call->layout;
  const float *values = (const float *)(call->workspace + layout->losses);
  int64_t unit = ccm_unit_samples(call->plan), last = shard_unit(layout, shard + 1);
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
