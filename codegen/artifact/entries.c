/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of `ccm_model`, for any model: each takes the plan of a code path and then what
 * `ccm/abi.h` says. The host emitter adds, per path, functions that pass the plan. */
#include "codegen/artifact/entries.h"

#include "codegen/artifact/artifact.h"

/* ---- Buffers and deltas ---------------------------------------------------------------------- */

/* Workspace of an entry that runs these functions; *most becomes at least that. */
static int32_t size_of(const ccm_plan *plan, uint32_t functions, int64_t batch, int32_t workers,
                       ccm_layout *layout, uint64_t *most, ccm_error *error) {
  int32_t status = ccm_lay_out(plan, functions, batch, workers, layout, error);
  if (!status && layout->bytes > *most)
    *most = layout->bytes;
  return status;
}

static int32_t size_entries(const ccm_plan *plan, int64_t batch, int32_t workers,
                            ccm_layout *layout, ccm_sizes *out, ccm_error *error) {
  const struct {
    uint32_t functions;
    uint64_t *bytes;
  } entries[] = {{CCM_RUNS(CCM_INFER), &out->infer},
                 {CCM_RUNS(CCM_FORWARD), &out->forward},
                 {CCM_RUNS(CCM_LOSS), &out->loss},
                 {CCM_RUNS(CCM_BACKWARD), &out->backward},
                 {CCM_RUNS(CCM_BACKWARD_INPUT), &out->backward},
                 {CCM_RUNS(CCM_BACKWARD_TRAIN), &out->backward},
                 {CCM_RUNS_STEP, &out->step},
                 {CCM_RUNS(CCM_PREFILL), &out->prefill},
                 {CCM_RUNS_DECODES, &out->decode}};
  int32_t status = CCM_OK;
  for (uint64_t i = 0; i < sizeof(entries) / sizeof(*entries) && !status; ++i)
    status = size_of(plan, entries[i].functions, batch, workers, layout, entries[i].bytes, error);
  if (!status && !plan->blocks->functions[CCM_FORWARD].entry)
    out->forward = out->loss = out->backward = out->step = 0;
  if (!plan->cache_count)
    out->prefill = out->decode = 0;
  return status;
}

int32_t ccm_run_sizes(const ccm_plan *plan, int64_t batch, int32_t workers, ccm_sizes *out,
                      ccm_error *error) {
  ccm_layout layout;
  ccm_sizes sizes = {.bytes = sizeof(sizes), .params = plan->params_bytes};
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = size_entries(plan, batch, workers, &layout, &sizes, error);
  if (status)
    return status;
  if (plan->blocks->functions[CCM_FORWARD].entry) { /* else the library infers alone */
    sizes.delta = plan->trained_bytes;
    sizes.state = (uint64_t)plan->state_count * plan->trained_bytes;
    sizes.internal = layout.internal_bytes;
    sizes.shards = (uint32_t)layout.shards;
    sizes.statistics = ccm_statistics_bytes(plan);
  }
  sizes.cache = ccm_cache_bytes(plan, batch, plan->cache_count);
  return ccm_give_sizes(out, &sizes, error);
}

int32_t ccm_run_init(const ccm_plan *plan, void *params, void *state, uint64_t seed,
                     ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(params, plan->params_bytes, "params", error);
  if (!status && state)
    status = ccm_check_buffer(state, plan->trained_bytes, "state", error);
  if (status)
    return status;
  uint32_t mode = ccm_enter_mode();
  ccm_fill_params(plan, params, seed);
  if (state)
    memset(state, 0, (uint64_t)plan->state_count * plan->trained_bytes);
  ccm_leave_mode(mode);
  return CCM_OK;
}

/* Checks the one or two buffers, of at least a delta's size, that a delta entry works on. */
static int32_t check_pair(const ccm_plan *plan, const void *a, const char *a_name, const void *b,
                          const char *b_name, ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(a, plan->trained_bytes, a_name, error);
  if (!status && b_name)
    status = ccm_check_buffer(b, plan->trained_bytes, b_name, error);
  return status;
}

static void add_in_mode(const ccm_plan *plan, void *into, const void *other) {
  uint32_t mode = ccm_enter_mode();
  ccm_add_floats(into, other, plan->trained_bytes / sizeof(float));
  ccm_leave_mode(mode);
}

int32_t ccm_run_delta_zero(const ccm_plan *plan, void *delta, ccm_error *error) {
  int32_t status = check_pair(plan, delta, "delta", 0, 0, error);
  if (!status)
    memset(delta, 0, plan->trained_bytes);
  return status;
}

int32_t ccm_run_delta_add(const ccm_plan *plan, void *delta, const void *other, ccm_error *error) {
  int32_t status = check_pair(plan, delta, "delta", other, "other delta", error);
  if (!status)
    add_in_mode(plan, delta, other);
  return status;
}

int32_t ccm_run_delta_scale(const ccm_plan *plan, void *delta, float factor, ccm_error *error) {
  int32_t status = check_pair(plan, delta, "delta", 0, 0, error);
  if (status)
    return status;
  float *values = delta;
  uint32_t mode = ccm_enter_mode();
  for (uint64_t i = 0; i < plan->trained_bytes / sizeof(float); ++i)
    values[i] *= factor;
  ccm_leave_mode(mode);
  return CCM_OK;
}

int32_t ccm_run_train(const ccm_plan *plan, void *params, const void *delta, ccm_error *error) {
  int32_t status = check_pair(plan, params, "params", delta, "delta", error);
  if (!status)
    add_in_mode(plan, params, delta);
  return status;
}

/* ---- Forward and loss ------------------------------------------------------------------------ */

/* Begins a call that reads params and needs some arrays of the batch; those the entry has nothing
 * to do with are forgotten. */
static int32_t begin(ccm_call *call, const ccm_plan *plan, uint32_t functions, const void *params,
                     const ccm_batch *batch, const ccm_shards *part, int32_t arrays,
                     const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  int32_t status = ccm_begin(call, plan, functions, params, batch, part, buffers, runner, error);
  if (!status)
    status = ccm_check_buffer(params, plan->params_bytes, "params", error);
  if (!status)
    status = ccm_check_batch(plan, &call->batch, arrays, error);
  if (!(arrays & CCM_NEEDS_OUTPUTS))
    call->batch.outputs = 0;
  if (!(arrays & CCM_NEEDS_OUTPUT_DELTAS))
    call->batch.output_deltas = 0;
  if (!(arrays & CCM_NEEDS_INPUT_DELTAS))
    call->batch.input_deltas = 0;
  return status;
}

/* Takes the caller's internals of the batch. */
static int32_t take_internal(ccm_call *call, ccm_error *error) {
  call->internal = call->buffers.internal;
  return ccm_check_buffer(call->internal, call->layout.internal_bytes, "internal", error);
}

int32_t ccm_run_infer(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                      const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, CCM_RUNS(CCM_INFER), params, batch, 0,
                         CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUTS, buffers, runner, error);
  if (status)
    return status;
  ccm_prepare(&call);
  ccm_run_units(&call);
  return CCM_OK;
}

int32_t ccm_run_forward(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                        const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, CCM_RUNS(CCM_FORWARD), params, batch, 0,
                         CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUTS, buffers, runner, error);
  if (!status)
    status = take_internal(&call, error);
  if (status)
    return status;
  ccm_prepare(&call);
  ccm_run_units(&call);
  return CCM_OK;
}

int32_t ccm_run_loss(const ccm_plan *plan, const void *params, const ccm_batch *batch, double *loss,
                     double *losses, const ccm_buffers *buffers, const ccm_runner *runner,
                     ccm_error *error) {
  ccm_call call;
  int32_t arrays = CCM_NEEDS_TARGETS | CCM_NEEDS_OUTPUTS | CCM_NEEDS_OUTPUT_DELTAS;
  int32_t status =
      begin(&call, plan, CCM_RUNS(CCM_LOSS), params, batch, 0, arrays, buffers, runner, error);
  if (!status && !loss)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for the loss, found null");
  if (status)
    return status;
  ccm_run_units(&call);
  *loss = ccm_mean_loss(&call, losses);
  return CCM_OK;
}

/* ---- Backward -------------------------------------------------------------------------------- */

/* Runs a backward function; `delta` is the caller's or, where it is not `wanted`, null. */
static int32_t run_backward(const ccm_plan *plan, uint32_t functions, const void *params,
                            const ccm_batch *batch, int32_t arrays, void *delta, int32_t wanted,
                            const ccm_buffers *buffers, const ccm_runner *runner,
                            ccm_error *error) {
  ccm_call call;
  int32_t status =
      begin(&call, plan, functions, params, batch, 0,
            arrays | CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUT_DELTAS, buffers, runner, error);
  if (!status)
    status = take_internal(&call, error);
  if (!status && wanted)
    status = ccm_check_buffer(delta, plan->trained_bytes, "delta", error);
  if (status)
    return status;
  if (wanted)
    call.delta = delta;
  ccm_prepare(&call);
  ccm_shard_blocks(&call);
  if (wanted)
    ccm_sum_deltas(&call);
  return CCM_OK;
}

int32_t ccm_run_backward(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                         void *delta, const ccm_buffers *buffers, const ccm_runner *runner,
                         ccm_error *error) {
  return run_backward(plan, CCM_RUNS(CCM_BACKWARD), params, batch, CCM_NEEDS_INPUT_DELTAS, delta, 1,
                      buffers, runner, error);
}

int32_t ccm_run_backward_input(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                               const ccm_buffers *buffers, const ccm_runner *runner,
                               ccm_error *error) {
  return run_backward(plan, CCM_RUNS(CCM_BACKWARD_INPUT), params, batch, CCM_NEEDS_INPUT_DELTAS, 0,
                      0, buffers, runner, error);
}

int32_t ccm_run_backward_train(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                               void *delta, const ccm_buffers *buffers, const ccm_runner *runner,
                               ccm_error *error) {
  return run_backward(plan, CCM_RUNS(CCM_BACKWARD_TRAIN), params, batch, 0, delta, 1, buffers,
                      runner, error);
}

/* ---- Step ------------------------------------------------------------------------------------ */

/* Takes what an update is made with. */
static int32_t take_update(const ccm_plan *plan, ccm_update *into, const ccm_update *update,
                           const void *state, ccm_error *error) {
  int32_t status = ccm_take(CCM_STRUCT_UPDATE, into, update, error);
  if (status)
    return status;
  if (!ccm_is_finite(into->learning_rate))
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a finite learning rate, found none");
  if (!(into->clip >= 0) || !ccm_is_finite(into->clip))
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a clip of 0 or more, found none");
  if (into->index < 0 || into->index == INT64_MAX)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a step of 0 or more, found %d",
                      into->index);
  return ccm_check_buffer(state, (uint64_t)plan->state_count * plan->trained_bytes, "state", error);
}

int32_t ccm_run_step(const ccm_plan *plan, void *params, void *state, const ccm_batch *batch,
                     const ccm_update *update, double *loss, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  ccm_update how;
  int32_t status = begin(&call, plan, CCM_RUNS_STEP, params, batch, 0,
                         CCM_NEEDS_INPUTS | CCM_NEEDS_TARGETS, buffers, runner, error);
  if (!status)
    status = take_update(plan, &how, update, state, error);
  if (!status && !loss)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for the loss, found null");
  if (status)
    return status;
  call.trains = 1;
  call.step = how.index;
  ccm_prepare(&call);
  ccm_shard_blocks(&call);
  *loss = ccm_mean_loss(&call, 0);
  if (!ccm_is_finite(*loss))
    return ccm_refuse(
        error, CCM_DIVERGED,
        "expected a finite loss in step %d, found one that is not; nothing was changed", how.index);
  return ccm_update_params(&call, params, state, &how, error);
}

/* ---- A step in parts ------------------------------------------------------------------------- */

int32_t ccm_run_shard_begin(const ccm_plan *plan, int64_t total, int32_t shard, int64_t *sample,
                            ccm_error *error) {
  ccm_layout whole;
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_lay_out(plan, CCM_RUNS_STEP, total, 1, &whole, error);
  if (!status && !sample)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for a sample, found null");
  if (!status && (shard < 0 || shard > whole.shards))
    status =
        ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a shard from 0 to %d of %d samples, found %d",
                   (int64_t)whole.shards, total, (int64_t)shard);
  if (!status)
    *sample = ccm_samples_before(&whole, shard);
  return status;
}

int32_t ccm_run_shards(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                       const ccm_shards *shards, const ccm_buffers *buffers,
                       const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  ccm_shards some;
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_take(CCM_STRUCT_SHARDS, &some, shards, error);
  if (!status)
    status = begin(&call, plan, CCM_RUNS_STEP, params, batch, &some,
                   CCM_NEEDS_INPUTS | CCM_NEEDS_TARGETS, buffers, runner, error);
  if (!status)
    status = ccm_check_buffer(some.deltas, plan->trained_bytes, "deltas", error);
  if (!status && !some.losses)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for the losses, found null");
  if (status)
    return status;
  call.delta = some.deltas;
  call.trains = 1;
  call.step = some.index;
  ccm_prepare(&call);
  ccm_shard_blocks(&call);
  ccm_sum_losses(&call, some.losses);
  return CCM_OK;
}

int32_t ccm_run_update(const ccm_plan *plan, void *params, void *state, const void *delta,
                       int64_t total, const ccm_update *update, const ccm_buffers *buffers,
                       const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  ccm_update how;
  const ccm_batch batch = {.bytes = sizeof(batch), .count = total};
  int32_t status = begin(&call, plan, CCM_RUNS_STEP, params, &batch, 0, 0, buffers, runner, error);
  if (!status)
    status = take_update(plan, &how, update, state, error);
  if (!status)
    status = ccm_check_buffer(delta, plan->trained_bytes, "delta", error);
  if (status)
    return status;
  call.layout.given_slots = 1;
  call.delta = (char *)delta;
  return ccm_update_params(&call, params, state, &how, error);
}

/* ---- Sequences ------------------------------------------------------------------------------- */

int32_t ccm_run_prefill(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                        void *cache, const ccm_buffers *buffers, const ccm_runner *runner,
                        ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, CCM_RUNS(CCM_PREFILL), params, batch, 0, CCM_NEEDS_INPUTS,
                         buffers, runner, error);
  if (!status)
    status = ccm_check_buffer(cache, ccm_cache_bytes(plan, call.batch.count, plan->cache_count),
                              "cache", error);
  if (status)
    return status;
  call.cache = cache;
  call.decode.scores = 0;
  ccm_prepare(&call);
  ccm_run_units(&call);
  return CCM_OK;
}

/* The decode that looks back far enough for every sample. */
static int32_t decode_for(const ccm_decode *decode) {
  int64_t context = CCM_SHORTEST_CONTEXT;
  int32_t function = CCM_DECODE;
  for (int64_t i = 0; i < decode->count; ++i)
    for (; decode->positions[i] >= context; context *= 2)
      ++function;
  return function;
}

int32_t ccm_run_decode(const ccm_plan *plan, const void *params, const ccm_decode *decode,
                       const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  ccm_decode what;
  ccm_batch batch = {.bytes = sizeof(batch)};
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_take(CCM_STRUCT_DECODE, &what, decode, error);
  if (!status) {
    batch.count = what.count;
    status = begin(&call, plan, CCM_RUNS_DECODES, params, &batch, 0, 0, buffers, runner, error);
  }
  if (!status)
    status = ccm_check_decode(plan, &what, error);
  if (status)
    return status;
  call.decode = what;
  call.cache = what.cache;
  call.layout.functions = CCM_RUNS(decode_for(&what));
  ccm_prepare(&call);
  ccm_run_units(&call);
  return CCM_OK;
}
