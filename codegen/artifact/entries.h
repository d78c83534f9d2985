/* SPDX-License-Identifier: Apache-2.0 */
/* The generic entries: those of `ccm_model` with the plan of a code path before the arguments. */
#ifndef CCM_ARTIFACT_ENTRIES_H
#define CCM_ARTIFACT_ENTRIES_H

#include "codegen/artifact/blocks.h"

int32_t ccm_run_sizes(const ccm_plan *, int64_t batch, int32_t workers, ccm_sizes *out,
                      ccm_error *);
int32_t ccm_run_init(const ccm_plan *, void *params, void *state, uint64_t seed, ccm_error *);
int32_t ccm_run_infer(const ccm_plan *, const void *params, const ccm_batch *, const ccm_buffers *,
                      const ccm_runner *, ccm_error *);
int32_t ccm_run_forward(const ccm_plan *, const void *params, const ccm_batch *,
                        const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_loss(const ccm_plan *, const void *params, const ccm_batch *, double *loss,
                     double *losses, const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_backward(const ccm_plan *, const void *params, const ccm_batch *, void *delta,
                         const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_backward_input(const ccm_plan *, const void *params, const ccm_batch *,
                               const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_backward_train(const ccm_plan *, const void *params, const ccm_batch *, void *delta,
                               const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_delta_zero(const ccm_plan *, void *delta, ccm_error *);
int32_t ccm_run_delta_add(const ccm_plan *, void *delta, const void *other, ccm_error *);
int32_t ccm_run_delta_scale(const ccm_plan *, void *delta, float factor, ccm_error *);
int32_t ccm_run_train(const ccm_plan *, void *params, const void *delta, ccm_error *);
int32_t ccm_run_step(const ccm_plan *, void *params, void *state, const ccm_batch *,
                     const ccm_update *, double *loss, const ccm_buffers *, const ccm_runner *,
                     ccm_error *);
int32_t ccm_run_shard_begin(const ccm_plan *, int64_t total, int32_t shard, int64_t *sample,
                            ccm_error *);
int32_t ccm_run_shards(const ccm_plan *, const void *params, const ccm_batch *, const ccm_shards *,
                       const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_update(const ccm_plan *, void *params, void *state, const void *delta,
                       int64_t total, const ccm_update *, const ccm_buffers *, const ccm_runner *,
                       ccm_error *);
int32_t ccm_run_draw(const ccm_plan *, const ccm_batch *, int64_t step, int64_t first,
                     void *const *arrays, ccm_error *);
int32_t ccm_run_gather(const ccm_plan *, void *statistics, const ccm_batch *, ccm_error *);
int32_t ccm_run_set_statistics(const ccm_plan *, void *params, void *statistics, ccm_error *);
int32_t ccm_run_prefill(const ccm_plan *, const void *params, const ccm_batch *, void *cache,
                        const ccm_buffers *, const ccm_runner *, ccm_error *);
int32_t ccm_run_decode(const ccm_plan *, const void *params, const ccm_decode *,
                       const ccm_buffers *, const ccm_runner *, ccm_error *);

#endif
