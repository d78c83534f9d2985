/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled model exports: one function that returns a constant table of entries. */
#ifndef CCM_ABI_H
#define CCM_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A library whose major number differs from the reader's must be refused; a larger minor number
 * only appends members to the end of `ccm_model`. */
#define CCM_ABI_MAJOR 1
#define CCM_ABI_MINOR 0

/* No rank, of a port with its channels or of a packed parameter, is larger. */
#define CCM_MAX_RANK 9

/* Every buffer handed to an entry (params, delta, state, internal, workspace) starts at a multiple
 * of this many bytes. Port arrays need only the alignment of their elements. */
#define CCM_ALIGNMENT 64

typedef enum ccm_dtype { CCM_F32 = 0, CCM_U8 = 1, CCM_I32 = 2 } ccm_dtype;

/* What an entry returns; the message in the caller's `ccm_error` says more. */
typedef enum ccm_status {
  CCM_OK = 0,
  CCM_BAD_ARGUMENT = 1,  /* null, misaligned or too small buffer, batch < 1 */
  CCM_BAD_VALUE = 2,     /* an index out of its vocabulary */
  CCM_NOT_SUPPORTED = 3, /* this processor lacks what every code path of the library needs */
  CCM_DIVERGED = 4       /* training: a loss, or a delta to clip, that is not finite */
} ccm_status;

/* Receives a message of at most `capacity` bytes with its ending zero. `message` may be null. */
typedef struct ccm_error {
  char *message;
  uint64_t capacity;
} ccm_error;

/* An input or output. `extents[0..rank)` are the extents of one sample: the variable extents of the
 * declaration, then the channels of a continuous port. A discrete port holds CCM_I32 indices in
 * [0, vocabulary) and has no channels as target or input; as an output its last extent is the
 * vocabulary (scores, CCM_F32), while `target_*` describes the indices that `loss` compares with.
 */
typedef struct ccm_port {
  const char *name;
  int32_t dtype; /* ccm_dtype */
  int32_t rank;
  int64_t extents[CCM_MAX_RANK];
  uint64_t bytes;     /* of one sample */
  int64_t vocabulary; /* 0: continuous */
  int32_t target_dtype;
  int32_t target_rank;
  int64_t target_extents[CCM_MAX_RANK];
  uint64_t target_bytes; /* of one sample; 0 for inputs */
} ccm_port;

/* A trained tensor. Its canonical shape is what checkpoints hold; in `params` it lies packed:
 * element (i_0, …, i_packed_rank-1), row-major over `packed_extents`, holds canonical element j
 * with j_d = sum over p with packed_dims[p] == d of i_p * packed_steps[p]; where some j_d is not
 * below shape[d] the element is padding, zero in every delta. */
typedef struct ccm_parameter {
  const char *name;
  int32_t rank;
  int32_t packed_rank;
  int64_t shape[CCM_MAX_RANK];
  int64_t packed_extents[CCM_MAX_RANK];
  int32_t packed_dims[CCM_MAX_RANK];
  int64_t packed_steps[CCM_MAX_RANK];
  uint64_t offset; /* bytes into params and into a delta, a multiple of CCM_ALIGNMENT */
  uint64_t bytes;  /* packed, without the padding to the next parameter */
} ccm_parameter;

/* Bytes of the buffers for one batch size and number of workers. */
typedef struct ccm_sizes {
  uint32_t bytes;    /* of this struct, set by the caller */
  uint32_t shards;   /* that a batch of this size is cut into, whoever runs them */
  uint64_t params;   /* parameters, packed */
  uint64_t delta;    /* a train delta; same layout as params */
  uint64_t state;    /* optimizer state */
  uint64_t internal; /* internals of the batch, from forward to backward */
  /* Workspace of one entry; `backward`: of any of the three. */
  uint64_t infer, forward, loss, backward, step;
} ccm_sizes;

/* What an observer is told of: one run of a kernel, or the clearing of a border. */
typedef struct ccm_launch_note {
  uint32_t bytes;    /* of this struct, set by the library */
  int32_t ends;      /* 0: it begins, 1: it is done */
  const char *entry; /* the function it belongs to: "forward", "backward", "update", ... */
  int64_t samples;   /* of the function's block */
  int32_t number;    /* within the function, from 0 */
  int32_t tasks;     /* that it is cut into in this run */
  const char *kernel;
  const char *of; /* primitive and place in the declaration */
  uint64_t macs;  /* multiply-adds of one run */
  uint64_t moved; /* bytes of one run, read and written */
} ccm_launch_note;

/* Runs task(context, index, worker) once for every index in [0, count), in any order and on any
 * threads, and returns when all are done. `worker` is in [0, workers) and no two tasks that run at
 * once have the same one. `run` null: the entry runs its tasks itself, workers must then be 1. */
typedef void (*ccm_task)(void *context, int64_t index, int32_t worker);
typedef struct ccm_runner {
  uint32_t bytes; /* of this struct, set by the caller */
  int32_t workers;
  void (*run)(void *self, ccm_task task, void *context, int64_t count);
  void *self;
  /* Told on the worker's thread when a launch begins and when it is done. Null: nobody is. */
  void (*observe)(void *self, const ccm_launch_note *note);
} ccm_runner;

/* A batch: `count` samples, each array contiguous over samples, in the order of the table's ports.
 * Unused members may be null where an entry's comment says so. The arrays stay the caller's. */
typedef struct ccm_batch {
  int64_t count;
  const void *const *inputs;   /* one per input port */
  const void *const *targets;  /* one per output port, of the target type */
  float *const *outputs;       /* one per output port */
  float *const *output_deltas; /* one per output port, shaped as outputs */
  float *const *input_deltas;  /* one per input port; null entries are not wanted */
} ccm_batch;

/* How `step` updates: the change is optimizer(learning_rate, mean delta), where the mean delta is
 * the sum over the samples' divided by their count. */
typedef struct ccm_update {
  float learning_rate;
  int64_t index; /* of this step, from 0 (bias corrections) */
  float clip;    /* the mean delta is scaled to at most this 2-norm over all parameters; 0: never */
} ccm_update;

typedef struct ccm_buffers {
  void *internal; /* forward writes, backward reads */
  void *workspace;
  uint64_t workspace_bytes;
} ccm_buffers;

/* The table. Entries are reentrant, keep no state of their own, allocate nothing, print nothing and
 * return a ccm_status. Results depend on the arguments alone, not on the runner. */
typedef struct ccm_model {
  int32_t abi_major, abi_minor;
  const char *name;
  const char *describe; /* JSON: types, parts, strategies, costs, targets, source hash, version */
  const char *target;   /* the code path chosen for this processor, "none" when there is none */
  int32_t input_count, output_count, parameter_count;
  const ccm_port *inputs, *outputs;
  const ccm_parameter *parameters; /* in declaration order */
  float learning_rate;             /* of the declaration's `train` */

  int32_t (*sizes)(int64_t batch, int32_t workers, ccm_sizes *out, ccm_error *);
  /* Fills params from a counter-based generator: same seed, same bits on every machine. Zeroes
   * `state` when it is not null. */
  int32_t (*init)(void *params, void *state, uint64_t seed, ccm_error *);
  /* inputs -> outputs */
  int32_t (*infer)(const void *params, const ccm_batch *, const ccm_buffers *, const ccm_runner *,
                   ccm_error *);
  /* inputs -> outputs, internal */
  int32_t (*forward)(const void *params, const ccm_batch *, const ccm_buffers *, const ccm_runner *,
                     ccm_error *);
  /* outputs, targets -> output_deltas (of the sum over samples of each sample's weighted loss, with
   * the sign of a change that lowers it) and the mean loss; `losses`, when not null, receives the
   * mean of every output unweighted. */
  int32_t (*loss)(const ccm_batch *, double *loss, double *losses, const ccm_buffers *,
                  const ccm_runner *, ccm_error *);
  /* inputs, internal, output_deltas -> input_deltas and delta (the sum over the batch: zeroed,
   * then accumulated in the fixed tree over shards). The halves write only one of the two. */
  int32_t (*backward)(const void *params, const ccm_batch *, void *delta, const ccm_buffers *,
                      const ccm_runner *, ccm_error *);
  int32_t (*backward_input)(const void *params, const ccm_batch *, const ccm_buffers *,
                            const ccm_runner *, ccm_error *);
  int32_t (*backward_train)(const void *params, const ccm_batch *, void *delta, const ccm_buffers *,
                            const ccm_runner *, ccm_error *);
  int32_t (*delta_zero)(void *delta, ccm_error *);
  int32_t (*delta_add)(void *delta, const void *other, ccm_error *); /* delta += other */
  int32_t (*delta_scale)(void *delta, float factor, ccm_error *);
  int32_t (*train)(void *params, const void *delta, ccm_error *); /* params += delta */
  /* forward, loss, backward, sum over shards, optimizer: no delta buffer is visible. `loss`
   * receives the mean loss before the update; a loss that is not finite, or a delta that is not
   * when there is a clip, leaves params and state as they were and returns CCM_DIVERGED. */
  int32_t (*step)(void *params, void *state, const ccm_batch *, const ccm_update *, double *loss,
                  const ccm_buffers *, const ccm_runner *, ccm_error *);
} ccm_model;

/* The one exported symbol of a library is `ccm_model_<name>`, of this type. Never null. */
typedef const ccm_model *(*ccm_model_function)(void);

#ifdef __cplusplus
}
#endif
#endif
