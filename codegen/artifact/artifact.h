/* SPDX-License-Identifier: Apache-2.0 */
/* What the C sources of an artifact share. They keep no state, allocate nothing and need no
 * library; every function is hidden. Status results are `ccm_status` with a message in `error`. */
#ifndef CCM_ARTIFACT_H
#define CCM_ARTIFACT_H

#include "codegen/artifact/blocks.h"

/* ---- Messages and checks (checks.c) ---------------------------------------------------------- */

/* Writes a message and returns `status`. `%s` takes a string, `%d` an int64_t. */
int32_t ccm_refuse(ccm_error *error, int32_t status, const char *format, ...);

/* Refuses null and misaligned buffers of `bytes`; null is fine for none. */
int32_t ccm_check_buffer(const void *buffer, uint64_t bytes, const char *name, ccm_error *error);

/* Refuses the path without functions: the processor has none of the required features. */
int32_t ccm_check_path(const ccm_plan *plan, ccm_error *error);

/* The structs that entries take by pointer. */
enum ccm_struct {
  CCM_STRUCT_SIZES,
  CCM_STRUCT_RUNNER,
  CCM_STRUCT_BATCH,
  CCM_STRUCT_UPDATE,
  CCM_STRUCT_BUFFERS,
  CCM_STRUCT_SHARDS
};

/* Copies a caller's struct into `into`, one of this library's, which is zero beyond what the caller
 * knows. Refuses null, sizes below the struct's first version, and bytes that are not zero beyond
 * what this library knows. */
int32_t ccm_take(enum ccm_struct which, void *into, const void *from, ccm_error *error);

/* Copies this library's sizes into the caller's, as far as those reach; what lies beyond is zeroed.
 * Refuses as ccm_take does. */
int32_t ccm_give_sizes(ccm_sizes *into, const ccm_sizes *from, ccm_error *error);

/* Which arrays of a batch an entry needs. */
enum ccm_array {
  CCM_NEEDS_INPUTS = 1,
  CCM_NEEDS_TARGETS = 2,
  CCM_NEEDS_OUTPUTS = 4,
  CCM_NEEDS_OUTPUT_DELTAS = 8,
  CCM_NEEDS_INPUT_DELTAS = 16 /* the list and its entries may be null */
};

/* Faults that a test build compiles in on purpose, one per object; see runtime/io/Sabotage.h. */
#ifndef CCM_DROP_BOUNDS_CHECK
#define CCM_DROP_BOUNDS_CHECK 0
#endif
#ifndef CCM_DROP_SIZE_CHECK
#define CCM_DROP_SIZE_CHECK 0
#endif
#ifndef CCM_SWAP_REDUCTION_ORDER
#define CCM_SWAP_REDUCTION_ORDER 0
#endif

/* Refuses a batch without those arrays, and indices outside their vocabulary. */
int32_t ccm_check_batch(const ccm_plan *plan, const ccm_batch *batch, int32_t arrays,
                        ccm_error *error);

/* Floats of one sample of a port. */
uint64_t ccm_port_elements(const ccm_port *port);

/* ---- Where things lie (layout.c) ------------------------------------------------------------- */

/* Entries by the workspace that they need. */
enum ccm_space {
  CCM_SPACE_INFER,
  CCM_SPACE_FORWARD,
  CCM_SPACE_LOSS,
  CCM_SPACE_BACKWARD, /* the three */
  CCM_SPACE_STEP,
  CCM_SPACE_SHARDS, /* update's, too */
  CCM_SPACE_COUNT
};

/* Workspace, in order: prepared values | losses per output and sample | one double per span | an
 * area per worker | private deltas of the shards. All are offsets in bytes, multiples of
 * CCM_ALIGNMENT; those of the areas' members are from the area's start. */
typedef struct ccm_layout {
  int64_t count;
  int32_t workers;
  int32_t shards;
  int64_t units;       /* runs of at most the largest block's samples */
  int32_t first_shard; /* of the whole batch, which has */
  int32_t all_shards;
  int64_t all_units;
  uint64_t needs[CCM_SPACE_COUNT]; /* bytes of the workspace of an entry */
  uint64_t internal_bytes;
  uint64_t prepared, losses, squares, areas, deltas, bytes;
  uint64_t area_bytes;
  uint64_t pointers, scratch, internal, outputs, output_deltas, input_deltas;
} ccm_layout;

/* Refuses a batch or number of workers below 1, and sizes that do not fit 64 bits. */
int32_t ccm_lay_out(const ccm_plan *plan, int64_t count, int32_t workers, ccm_layout *layout,
                    ccm_error *error);

/* The first unit of shard `shard` of `shards` over `units`. */
int64_t ccm_shard_unit(int64_t units, int32_t shards, int32_t shard);

/* Samples of the largest block. */
int64_t ccm_unit_samples(const ccm_plan *plan);

/* Where the internals of the block that starts at `sample` lie. */
uint64_t ccm_internal_offset(const ccm_plan *plan, int64_t count, int64_t sample);

/* ---- One call of an entry (call.c) ----------------------------------------------------------- */

/* Arrays of the batch that are null, and internals, lie in the worker's area: nobody reads them
 * after the block. */
typedef struct ccm_call {
  const ccm_plan *plan;
  const ccm_runner *runner; /* null: serial; else `threads` */
  ccm_runner threads;
  ccm_buffers buffers;
  ccm_layout layout;
  const void *params;
  ccm_batch batch;
  char *internal; /* of the batch, or null */
  char *workspace;
  char *delta;  /* the first shard's */
  char *deltas; /* of all shards; in place of the first is `delta` */
} ccm_call;

/* Takes batch, buffers and runner, and lays out the workspace. */
int32_t ccm_begin(ccm_call *call, const ccm_plan *plan, enum ccm_space space, const void *params,
                  const ccm_batch *batch, const ccm_buffers *buffers, const ccm_runner *runner,
                  ccm_error *error);

/* Runs `task(context, index, worker)` for every index, each in the same floating point mode. */
void ccm_run_tasks(const ccm_runner *runner, ccm_task task, void *context, int64_t count);

/* What is done with one block; `regions` is filled except for `internal`. */
typedef void (*ccm_block_body)(const ccm_call *call, const ccm_block *block, int64_t sample,
                               ccm_regions *regions);

/* Runs `body` on all blocks of the batch: units in parallel, the blocks of each in order. */
void ccm_run_units(const ccm_call *call, ccm_block_body body);

/* Runs `body` on all blocks of the batch: shards in parallel, the blocks of each in order into a
 * delta of its own that starts as zero. */
void ccm_shard_blocks(const ccm_call *call, ccm_block_body body);

/* The internals of the block at `sample`: the batch's, or the worker's own. */
void *ccm_internal_at(const ccm_call *call, const ccm_regions *regions, int64_t sample);

/* Fills the prepared values when `wanted`. */
void ccm_prepare(const ccm_call *call, int32_t wanted);

/* Sums of the losses in the workspace over the samples of each shard: per shard, per output. */
void ccm_sum_losses(const ccm_call *call, double *sums);

/* Means over the batch of the losses in the workspace: per output into `losses` unless null, and
 * their weighted sum. */
double ccm_mean_loss(const ccm_call *call, double *losses);

/* Delta of a shard. */
float *ccm_shard_delta(const ccm_call *call, int32_t shard);

/* ---- Sums and updates (update.c) ------------------------------------------------------------- */

/* Bytes of parameters that one task sums or updates. */
#define CCM_SPAN_BYTES 131072

/* Spans of the parameters. */
int64_t ccm_span_count(const ccm_plan *plan);

/* Sums the shards' deltas into the first shard's. */
void ccm_sum_deltas(const ccm_call *call);

/* Sums the shards' deltas and updates params and state from them. Refuses, before any change, a
 * delta whose norm is needed and not finite. */
int32_t ccm_update_params(const ccm_call *call, void *params, void *state, const ccm_update *update,
                          ccm_error *error);

/* into += other */
void ccm_add_floats(float *into, const float *other, uint64_t count);

/* Whether a number is neither infinite nor NaN. */
int32_t ccm_is_finite(double value);

/* ---- The rest -------------------------------------------------------------------------------- */

/* Fills params with what the parameters start as (initial.c). */
void ccm_fill_params(const ccm_plan *plan, char *params, uint64_t seed);

/* Enters the floating point mode of compiled code and returns the caller's (processor.c). */
uint32_t ccm_enter_mode(void);
void ccm_leave_mode(uint32_t saved);

/* The first path whose requirements this processor meets, else the last (processor.c). */
const ccm_model *ccm_choose_path(const ccm_path *paths, int64_t count);

/* Clears the border of a buffer (memory.c). */
void ccm_zero_border(float *buffer, const ccm_border *border);

/* Freestanding code may still be compiled into calls of these (memory.c). */
void *memcpy(void *restrict into, const void *restrict from, __SIZE_TYPE__ bytes);
void *memmove(void *into, const void *from, __SIZE_TYPE__ bytes);
void *memset(void *into, int value, __SIZE_TYPE__ bytes);

#endif
