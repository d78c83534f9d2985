/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of `ccm_model`, for any model: each takes the plan of a code path and then what
 * `ccm/abi.h` says. The host emitter adds, per path, functions that pass the plan. */
#include "codegen/artifact/entries.h"

#include "codegen/artifact/artifact.h"

/* ---- Buffers and deltas ---------------------------------------------------------------------- */

int32_t ccm_run_sizes(const ccm_plan *plan, int64_t batch, int32_t workers, ccm_sizes *out,
                      ccm_error *error) {
  ccm_layout layout;
  int32_t status = ccm_check_path(plan, error);
  if (!status && !out)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for sizes, found null");
  if (!status)
    status = ccm_lay_out(plan, batch, workers, &layout, error);
  if (status)
    return status;
  uint64_t params = plan->params_bytes;
  uint64_t bytes = layout.bytes;
  *out = (ccm_sizes){.bytes = sizeof(*out),
                     .shards = (uint32_t)layout.shards,
                     .params = params,
                     .delta = params,
                     .state = (uint64_t)plan->state_count * params,
                     .internal = layout.internal_bytes,
                     .infer = bytes,
                     .forward = bytes,
                     .loss = bytes,
                     .backward = bytes,
                     .step = bytes};
  return CCM_OK;
}

int32_t ccm_run_init(const ccm_plan *plan, void *params, void *state, uint64_t seed,
                     ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(params, plan->params_bytes, "params", error);
  if (!status && state)
    status = ccm_check_buffer(state, plan->params_bytes, "state", error);
  if (status)
    return status;
  uint32_t mode = ccm_enter_mode();
  ccm_fill_params(plan, params, seed);
  if (state)
    memset(state, 0, (uint64_t)plan->state_count * plan->params_bytes);
  ccm_leave_mode(mode);
  return CCM_OK;
}

/* Checks the one or two buffers, each of the parameters' size, that a delta entry works on. */
static int32_t check_pair(const ccm_plan *plan, const void *a, const char *a_name, const void *b,
                          const char *b_name, ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(a, plan->params_bytes, a_name, error);
  if (!status && b_name)
    status = ccm_check_buffer(b, plan->params_bytes, b_name, error);
  return status;
}

static void add_in_mode(const ccm_plan *plan, void *into, const void *other) {
  uint32_t mode = ccm_enter_mode();
  ccm_add_floats(into, other, plan->params_bytes / sizeof(float));
  ccm_leave_mode(mode);
}

int32_t ccm_run_delta_zero(const ccm_plan *plan, void *delta, ccm_error *error) {
  int32_t status = check_pair(plan, delta, "delta", 0, 0, error);
  if (!status)
    memset(delta, 0, plan->params_bytes);
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
  for (uint64_t i = 0; i < plan->params_bytes / sizeof(float); ++i)
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
static int32_t begin(ccm_call *call, const ccm_plan *plan, const void *params,
                     const ccm_batch *batch, int32_t arrays, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  int32_t status = ccm_begin(call, plan, params, batch, buffers, runner, error);
  if (!status)
    status = ccm_check_buffer(params, plan->params_bytes, "params", error);
  if (!status)
    status = ccm_check_batch(plan, batch, arrays, error);
  if (!(arrays & CCM_NEEDS_OUTPUTS))
    call->batch.outputs = 0;
  if (!(arrays & CCM_NEEDS_OUTPUT_DELTAS))
    call->batch.output_deltas = 0;
  if (!(arrays & CCM_NEEDS_INPUT_DELTAS))
    call->batch.input_deltas = 0;
  return status;
}

/* Takes the caller's internals of the batch. */
static int32_t take_internal(ccm_call *call, const ccm_buffers *buffers, ccm_error *error) {
  call->internal = buffers->internal;
  return ccm_check_buffer(buffers->internal, call->layout.internal_bytes, "internal", error);
}

static void infer_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                        ccm_regions *regions) {
  (void)call, (void)sample;
  block->infer(regions);
}

int32_t ccm_run_infer(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                      const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, params, batch, CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUTS, buffers,
                         runner, error);
  if (status)
    return status;
  ccm_prepare(&call, plan->forward_prepared);
  ccm_run_units(&call, infer_block);
  return CCM_OK;
}

static void forward_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                          ccm_regions *regions) {
  regions->internal = ccm_internal_at(call, regions, sample);
  block->forward(regions);
}

int32_t ccm_run_forward(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                        const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, params, batch, CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUTS, buffers,
                         runner, error);
  if (!status)
    status = take_internal(&call, buffers, error);
  if (status)
    return status;
  ccm_prepare(&call, plan->forward_prepared);
  ccm_run_units(&call, forward_block);
  return CCM_OK;
}

static void loss_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                       ccm_regions *regions) {
  (void)call, (void)sample;
  block->loss(regions);
}

int32_t ccm_run_loss(const ccm_plan *plan, const ccm_batch *batch, double *loss, double *losses,
                     const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t arrays = CCM_NEEDS_TARGETS | CCM_NEEDS_OUTPUTS | CCM_NEEDS_OUTPUT_DELTAS;
  int32_t status = ccm_begin(&call, plan, 0, batch, buffers, runner, error);
  if (!status)
    status = ccm_check_batch(plan, batch, arrays, error);
  if (!status && !loss)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected room for the loss, found null");
  if (status)
    return status;
  ccm_run_units(&call, loss_block);
  *loss = ccm_mean_loss(&call, losses);
  return CCM_OK;
}

/* ---- Backward -------------------------------------------------------------------------------- */

static void backward_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                           ccm_regions *regions) {
  regions->internal = ccm_internal_at(call, regions, sample);
  block->backward(regions);
}

static void backward_input_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                                 ccm_regions *regions) {
  regions->internal = ccm_internal_at(call, regions, sample);
  block->backward_input(regions);
}

static void backward_train_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                                 ccm_regions *regions) {
  regions->internal = ccm_internal_at(call, regions, sample);
  block->backward_train(regions);
}

/* Begins a backward call into `delta`, which may lie in the workspace. */
static int32_t run_backward(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                            int32_t arrays, void *delta, int32_t wants_delta, ccm_block_body body,
                            const ccm_buffers *buffers, const ccm_runner *runner,
                            ccm_error *error) {
  ccm_call call;
  int32_t status =
      begin(&call, plan, params, batch, arrays | CCM_NEEDS_INPUTS | CCM_NEEDS_OUTPUT_DELTAS,
            buffers, runner, error);
  if (!status)
    status = take_internal(&call, buffers, error);
  if (!status && wants_delta)
    status = ccm_check_buffer(delta, plan->params_bytes, "delta", error);
  if (status)
    return status;
  call.delta = wants_delta ? delta : call.workspace + call.layout.deltas;
  ccm_prepare(&call, plan->backward_prepared);
  ccm_run_shards(&call, body);
  if (wants_delta)
    ccm_sum_deltas(&call);
  return CCM_OK;
}

int32_t ccm_run_backward(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                         void *delta, const ccm_buffers *buffers, const ccm_runner *runner,
                         ccm_error *error) {
  return run_backward(plan, params, batch, CCM_NEEDS_INPUT_DELTAS, delta, 1, backward_block,
                      buffers, runner, error);
}

int32_t ccm_run_backward_input(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                               const ccm_buffers *buffers, const ccm_runner *runner,
                               ccm_error *error) {
  return run_backward(plan, params, batch, CCM_NEEDS_INPUT_DELTAS, 0, 0, backward_input_block,
                      buffers, runner, error);
}

int32_t ccm_run_backward_train(const ccm_plan *plan, const void *params, const ccm_batch *batch,
                               void *delta, const ccm_buffers *buffers, const ccm_runner *runner,
                               ccm_error *error) {
  return run_backward(plan, params, batch, 0, delta, 1, backward_train_block, buffers, runner,
                      error);
}

/* ---- Step ------------------------------------------------------------------------------------ */

/* Forward, loss and backward of a block while its values are in the cache. */
static void step_block(const ccm_call *call, const ccm_block *block, int64_t sample,
                       ccm_regions *regions) {
  (void)call, (void)sample;
  block->forward(regions);
  block->loss(regions);
  block->backward_train(regions);
}

static int32_t check_update(const ccm_plan *plan, void *state, const ccm_update *update,
                            const double *loss, ccm_error *error) {
  if (!update || !loss)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected an update and room for the loss, found "
                      "null");
  if (!ccm_is_finite(update->learning_rate))
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a finite learning rate, found none");
  if (!(update->clip >= 0) || !ccm_is_finite(update->clip))
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a clip of 0 or more, found none");
  if (update->index < 0 || update->index == INT64_MAX)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a step of 0 or more, found %d",
                      update->index);
  return ccm_check_buffer(state, (uint64_t)plan->state_count * plan->params_bytes, "state", error);
}

int32_t ccm_run_step(const ccm_plan *plan, void *params, void *state, const ccm_batch *batch,
                     const ccm_update *update, double *loss, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  ccm_call call;
  int32_t status = begin(&call, plan, params, batch, CCM_NEEDS_INPUTS | CCM_NEEDS_TARGETS, buffers,
                         runner, error);
  if (!status)
    status = check_update(plan, state, update, loss, error);
  if (status)
    return status;
  call.delta = call.workspace + call.layout.deltas;
  ccm_prepare(&call, plan->forward_prepared | plan->backward_prepared);
  ccm_run_shards(&call, step_block);
  *loss = ccm_mean_loss(&call, 0);
  if (!ccm_is_finite(*loss))
    return ccm_refuse(
        error, CCM_DIVERGED,
        "expected a finite loss in step %d, found one that is not; nothing was changed",
        update->index);
  return ccm_update_params(&call, params, state, update, error);
}
