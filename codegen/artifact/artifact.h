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
  CCM_STRUCT_SHARDS,
  CCM_STRUCT_DECODE
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

/* Refuses a decode without those arrays, and what lies outside the sequence or vocabulary. */
int32_t ccm_check_decode(const ccm_plan *plan, const ccm_decode *decode, ccm_error *error);

/* The input of a model that makes sequences that has what comes before each element, or null. */
const ccm_port *ccm_shifted(const ccm_plan *plan);

/* Whether a batch may lack the input. */
int32_t ccm_may_lack(const ccm_port *input);

/* Bytes of one sample of an input that the caller's array does not always hold: of one that a batch
 * may lack, or that training changes; else 0. */
uint64_t ccm_own_bytes(const ccm_port *input);

/* Whether training changes the samples of an input. */
int32_t ccm_is_augmented(const ccm_port *input);

/* Writes a sample as training changes it, by the draws of a key and the sample's number. */
void ccm_augment_sample(const ccm_port *input, uint64_t key, uint64_t sample, const void *from,
                        void *to);

/* ---- Where things lie (layout.c) ------------------------------------------------------------- */

/* Most shards of a batch, and most levels of the tree that sums them. */
#define CCM_MAX_SHARDS 16
#define CCM_MAX_LEVELS 5

/* Functions that an entry runs, as bits `1 << ccm_function_number`. */
#define CCM_RUNS(number) (1u << (number))
#define CCM_RUNS_DECODES (~(CCM_RUNS(CCM_DECODE) - 1) & (CCM_RUNS(CCM_FUNCTION_COUNT) - 1))
#define CCM_RUNS_STEP (CCM_RUNS(CCM_FORWARD) | CCM_RUNS(CCM_LOSS) | CCM_RUNS(CCM_BACKWARD_TRAIN))

/* Workspace of an entry, in order: prepared values | losses per output and sample | one double per
 * span | an area per worker | deltas of the shards that are not summed yet. All are offsets in
 * bytes, multiples of CCM_ALIGNMENT; those of the areas' members are from the area's start. What an
 * entry does not need has no bytes. */
typedef struct ccm_layout {
  int64_t count;
  int32_t workers;
  uint32_t functions;
  int64_t unit;  /* samples of the blocks that the batch is cut into, until less are left */
  int64_t units; /* runs of one such block; the last one has what is left too */
  int32_t shards;
  /* The batch is these shards of a whole one, whose shards and units are `all`; where it is the
   * whole, from shard 0 on. */
  int32_t first_shard, all_shards;
  int64_t all_units;
  int64_t first_sample; /* number in the whole one of the batch's first sample */
  int32_t is_part;      /* shards are not summed: each has a slot of the caller's */
  int32_t cut;          /* units follow one another, and their launches are cut into tasks */
  int32_t wave;         /* shards that run at once */
  int32_t slots;        /* deltas: of those shards, and of sums that wait for their other half */
  int32_t given_slots;  /* slots from 0 on that are the caller's */
  int32_t has_delta;    /* the functions write one */
  int32_t is_prepared;  /* they read prepared values */
  uint64_t internal_bytes;
  uint64_t prepared, losses, squares, areas, deltas, bytes;
  uint64_t area_bytes, prepare_bytes; /* of one worker */
  uint64_t pointers, scratch, internal, inputs, outputs, output_deltas, input_deltas;
} ccm_layout;

/* Lays out the workspace of an entry that runs these functions. Refuses a batch or number of
 * workers below 1, and sizes that do not fit 64 bits. */
int32_t ccm_lay_out(const ccm_plan *plan, uint32_t functions, int64_t count, int32_t workers,
                    ccm_layout *layout, ccm_error *error);

/* Lays out the workspace of a step for some shards of a whole batch, which are `count` samples.
 * Refuses what the batch does not have. */
int32_t ccm_lay_out_part(const ccm_plan *plan, const ccm_shards *part, int64_t count,
                         int32_t workers, ccm_layout *layout, ccm_error *error);

/* Bytes of a cache before cache `number` of `count` samples: of all where that is their number. */
uint64_t ccm_cache_bytes(const ccm_plan *plan, int64_t count, int32_t number);

/* Samples of a whole batch before a shard. */
int64_t ccm_samples_before(const ccm_layout *whole, int32_t shard);

/* The first unit of shard `shard` of `shards` over `units`. */
int64_t ccm_shard_unit(int64_t units, int32_t shards, int32_t shard);

/* ---- Blocks of a batch (pieces.c) ------------------------------------------------------------ */

/* One block of a batch. Its first `repeated` samples are those of blocks before it. */
typedef struct ccm_piece {
  const ccm_block *block;
  int64_t sample; /* the block's first */
  int64_t repeated;
} ccm_piece;

/* The largest block of at most `left` samples. */
const ccm_block *ccm_block_for(const ccm_plan *plan, int64_t left);

/* Estimated nanoseconds of a block, the same for all entries: what forward leaves, backward reads.
 * Those of inference, which are the same whatever a library keeps or computes again. */
uint64_t ccm_work_of(const ccm_block *block);

/* The block whose first sample that is not repeated is `sample`. */
ccm_piece ccm_piece_at(const ccm_plan *plan, const ccm_layout *layout, int64_t sample);

/* Where the internals of that block lie. */
uint64_t ccm_internal_offset(const ccm_plan *plan, const ccm_layout *layout, int64_t sample);

/* ---- Sums over shards (tree.c) --------------------------------------------------------------- */

/* One addition: into += from; both are slots. */
typedef struct ccm_addition {
  int8_t into, from;
} ccm_addition;

/* The fixed tree over shards, (0+1)+(2+3)..., as far as the shards before `shard` go: per level the
 * slot of a sum that waits for its other half, or -1; additions to make next. */
typedef struct ccm_tree {
  int32_t shards, shard;
  uint32_t taken; /* bits of slots in use */
  int8_t waiting[CCM_MAX_LEVELS];
  int32_t count;
  ccm_addition additions[CCM_MAX_SHARDS];
} ccm_tree;

void ccm_begin_tree(ccm_tree *tree, int32_t shards);

/* Takes a free slot for a shard that is about to run; the first shard gets slot 0. */
int8_t ccm_take_slot(ccm_tree *tree);

/* Adds the next shard, whose delta lies in `slot`: what it completes joins the additions. After the
 * last one they leave the sum of all in slot 0. */
void ccm_join_shard(ccm_tree *tree, int8_t slot);

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
  ccm_decode decode; /* of decode */
  char *cache;       /* of the batch, or null */
  char *internal;    /* of the batch, or null */
  char *workspace;
  char *delta;    /* the caller's slots, or slot 0 */
  int32_t trains; /* presences that the batch lacks are drawn */
  int64_t step;   /* that draws are of */
  ccm_tree tree;  /* additions that the update still has to make */
} ccm_call;

/* Takes batch, buffers and runner, and lays out the workspace of an entry that runs these
 * functions. `part`, unless null, says which shards of a batch they are run on. */
int32_t ccm_begin(ccm_call *call, const ccm_plan *plan, uint32_t functions, const void *params,
                  const ccm_batch *batch, const ccm_shards *part, const ccm_buffers *buffers,
                  const ccm_runner *runner, ccm_error *error);

/* Runs `task(context, index, worker)` for every index, each in the same floating point mode. */
void ccm_run_tasks(const ccm_runner *runner, ccm_task task, void *context, int64_t count);

/* Runs the call's functions on all blocks of the batch: units in parallel, the blocks of each in
 * order. */
void ccm_run_units(const ccm_call *call);

/* Runs them on all blocks of the batch: shards in waves, the blocks of each in order into a delta
 * of its own that starts as zero. All additions but those in `call->tree` are made. */
void ccm_shard_blocks(ccm_call *call);

/* Fills the prepared values when the call's functions read them. */
void ccm_prepare(const ccm_call *call);

/* Sums of the losses in the workspace over the samples of each shard: per shard, per output. */
void ccm_sum_losses(const ccm_call *call, double *sums);

/* Means over the batch of the losses in the workspace: per output into `losses` unless null, and
 * their weighted sum. */
double ccm_mean_loss(const ccm_call *call, double *losses);

/* The delta in a slot. */
float *ccm_slot(const ccm_call *call, int32_t slot);

/* Before a function that adds to the delta: output deltas of repeated samples become zero, in the
 * worker's area, and input deltas are written there. */
void ccm_hide_repeated(const ccm_call *call, char *area, const ccm_piece *piece,
                       ccm_regions *regions);

/* After it: the caller's arrays get the input deltas of the samples that are not repeated. */
void ccm_deliver_input_deltas(const ccm_call *call, const ccm_piece *piece,
                              const ccm_regions *regions);

/* ---- Launches (launch.c) --------------------------------------------------------------------- */

/* Runs a function, each launch cut into up to `workers` pieces that the runner runs. */
void ccm_run_function(const ccm_function *function, const ccm_regions *regions,
                      const ccm_runner *runner, int32_t workers);

/* ---- Sums and updates (update.c) ------------------------------------------------------------- */

/* Bytes of trained parameters that one task sums or updates. */
#define CCM_SPAN_BYTES 131072

/* Spans of the trained parameters. */
int64_t ccm_span_count(const ccm_plan *plan);

/* Makes the additions that the tree of a call lists. */
void ccm_sum_deltas(const ccm_call *call);

/* Makes those additions and updates params and state from them. Refuses, before any change, a
 * delta whose norm is needed and not finite. */
int32_t ccm_update_params(const ccm_call *call, void *params, void *state, const ccm_update *update,
                          ccm_error *error);

/* into += other */
void ccm_add_floats(float *into, const float *other, uint64_t count);

/* Whether a number is neither infinite nor NaN. */
int32_t ccm_is_finite(double value);

/* ---- Drawn inputs (draw.c) ------------------------------------------------------------------- */

/* Fills what the batch lacks of a block's inputs, in the worker's area: values of optional inputs
 * with zeros, and what is drawn. */
void ccm_fill_inputs(const ccm_call *call, const ccm_piece *piece, const ccm_regions *regions);

/* Random numbers of a key, a stream and a counter, the same on every machine (initial.c): 64 bits,
 * one between 0 and 1, and a normal one of mean 0 and deviation 1. */
uint64_t ccm_random_bits(uint64_t key, uint64_t stream, uint64_t index);
double ccm_random_uniform(uint64_t key, uint64_t stream, uint64_t index);
double ccm_random_normal(uint64_t key, uint64_t stream, uint64_t index);

/* ---- Formulas (formulas.c) ------------------------------------------------------------------- */

/* The natural logarithm of a normal number. */
double ccm_logarithm(double x);

/* Element [row, sample] of the discrete Fourier transform of n samples, an even number, under a
 * Hann window. */
double ccm_fourier_value(int64_t n, int64_t row, int64_t sample);

/* Element [band, column] of what adds up the squares of that transform in bands of equal width on
 * the mel scale. */
double ccm_mel_value(int64_t bands, int64_t n, int64_t band, int64_t column);

/* ---- Statistics of values (statistics.c) ----------------------------------------------------- */

/* Bytes of what is gathered for all ports, or 0. */
uint64_t ccm_statistics_bytes(const ccm_plan *plan);

/* ---- The rest -------------------------------------------------------------------------------- */

/* Fills params with what the parameters start as (initial.c). */
void ccm_fill_params(const ccm_plan *plan, char *params, uint64_t seed);

/* Enters the floating point mode of compiled code and returns the caller's (processor.c). */
uint32_t ccm_enter_mode(void);
void ccm_leave_mode(uint32_t saved);

/* The first path whose requirements this processor meets, else the last (processor.c). */
const ccm_model *ccm_choose_path(const ccm_path *paths, int64_t count);

/* Clears the border of a buffer (border.c). */
void ccm_zero_border(float *buffer, const ccm_border *border);

/* Freestanding code may still be compiled into calls of these (memory.c). */
void *memcpy(void *restrict into, const void *restrict from, __SIZE_TYPE__ bytes);
void *memmove(void *into, const void *from, __SIZE_TYPE__ bytes);
void *memset(void *into, int value, __SIZE_TYPE__ bytes);

#endif
