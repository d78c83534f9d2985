/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled model exports: one function that returns a constant table of entries. */
#ifndef CCM_ABI_H
#define CCM_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
  CCM_DIVERGED = 4       /* training: a loss or a delta that is not finite */
} ccm_status;

/* Receives a message of at most `capacity` bytes with its ending zero. `message` may be null. */
typedef struct ccm_error {
  char *message;
  uint64_t capacity;
} ccm_error;

/* What an input is filled with where its array is null. Draws depend on the batch's seed, the step
 * (0 but in `step`, `shards` and `draw`) and the sample's number.
 * - CCM_GIVEN: nothing, its array is given. With a partner it is optional: the partner is its
 *   presence, and where the array is null the presence is 0.
 * - CCM_PRESENCE: one float, 1 where a sample has the partner, an input, and 0 where a learned
 *   value stands in. 1 where that input is given; in `step` and `shards` 0 with the probability
 *   numbers[0].
 * - CCM_TIME: one float t, the square of a uniform number from 0 to 1. The partner is an output.
 * - CCM_NOISED: (1 - t) x + t n, where x is the target of the partner, an output of the same
 *   extents, t that output's time, and n normal with the mean numbers[0] and the deviation
 *   numbers[1].
 * - CCM_SHIFTED: at each position the index that the target of the partner, the model's only
 * output, has at the position before, in row-major order; at the first one the output's vocabulary.
 * The input's own vocabulary is one larger. A time, a noised and a shifted input may be null only
 * where the target of the output is given.
 * - CCM_WEIGHT: one float, 1, by which a sample's loss of the partner, an output, is multiplied.
 *   Outputs do not depend on it. */
enum ccm_draw {
  CCM_GIVEN = 0,
  CCM_PRESENCE = 1,
  CCM_TIME = 2,
  CCM_NOISED = 3,
  CCM_SHIFTED = 4,
  CCM_WEIGHT = 5
};

/* How the values of a port become numbers that train: the model computes with (value - offset) *
 * factor, by channel, offset and factor being parameters without a delta, and what it gives is in
 * the unit of the values. Both are what `set_statistics` makes of values that were gathered.
 * - CCM_UNSCALED: they do not.
 * - CCM_STANDARD: the mean, and one over the deviation.
 * - CCM_ROBUST: the median, and what makes the quartiles those of a normal number of deviation 1;
 *   inputs are then bent to at most 3.
 * - CCM_FIXED: numbers of the declaration, which nothing changes.
 * - CCM_CALIBRATED: of an output's scores. All are divided by one temperature, each channel's
 *   factor; it is 1 until the caller writes what suits data that was not trained on. The loss is of
 *   scores that are not divided.
 * Where all values are equal the factor is 1. */
enum ccm_scale {
  CCM_UNSCALED = 0,
  CCM_STANDARD = 1,
  CCM_ROBUST = 2,
  CCM_FIXED = 3,
  CCM_CALIBRATED = 4
};

/* How `step`, `shards` and `draw` change each sample of an input that is given, by draws as of
 * ccm_draw: where it is read along its axes of positions, then its values. All zero: not at all. */
typedef struct ccm_augment {
  int32_t flip;      /* 1: half of the samples are mirrored along the last axis */
  int32_t shift;     /* positions along every axis, in each direction; ends are repeated */
  double crop;       /* largest part of every axis that is left out; the rest is stretched */
  double gain;       /* values are multiplied by 1 - gain to 1 + gain */
  double brightness; /* -brightness to brightness is added; of bytes 1 is 255 */
  double noise;      /* deviation of the normal number that is added to each value, as brightness */
} ccm_augment;

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
  uint64_t target_bytes;  /* of one sample; 0 for inputs */
  int32_t draw;           /* ccm_draw; of an output CCM_GIVEN */
  int32_t partner;        /* a port's number, from 1; 0: none */
  double numbers[2];      /* of the draw */
  int32_t scale;          /* ccm_scale */
  int32_t offset, factor; /* of the scale: numbers of parameters, from 1; 0: none */
  /* Whoever reads tables finds the port there. Nothing of it changes what entries do, but that an
   * input with `missing` takes NaN for a value that there is none of. */
  int32_t missing;
  int32_t unknown;            /* the index, from 1, of what has no name; 0: there is none */
  int32_t name_count;         /* of the indices, from 0 on, that have a name; 0: none has */
  int32_t column_count;       /* 0: the port's name is the title of the one column */
  const char *const *names;   /* of a discrete port's indices */
  const char *const *columns; /* titles: one, or one per element (of a window, per channel) */
  int64_t steps;   /* consecutive rows of a table that the first extent is; 0: it is not */
  int64_t stride;  /* of an input with steps: from a sample to the next */
  int64_t horizon; /* of an output: rows from the last row of the inputs to its last */
  /* Of a discrete output: the number, from 1, of the parameter without a delta that holds the
   * weight of each index in the loss; 0: all are 1. */
  int32_t class_weights;
  int32_t balanced; /* `set_statistics` makes the weights: all targets over those of the index, over
                       the number of indices that targets have */
  ccm_augment augment; /* of an input that is given */
} ccm_port;

/* The index of a name, that of what has none where there is no such name, or -1. */
static inline int32_t ccm_index(const ccm_port *port, const char *name) {
  for (int32_t i = 0; i < port->name_count; ++i)
    if (strcmp(port->names[i], name) == 0)
      return i;
  return port->unknown - 1;
}

/* The name of an index, or null. */
static inline const char *ccm_name(const ccm_port *port, int64_t index) {
  return index >= 0 && index < port->name_count ? port->names[index] : NULL;
}

/* A tensor that is trained, or frozen. Its canonical shape is what checkpoints hold; in `params` it
 * lies packed: element (i_0, …, i_packed_rank-1), row-major over `packed_extents`, holds canonical
 * element j with j_d = sum over p with packed_dims[p] == d of i_p * packed_steps[p]; where some j_d
 * is not below shape[d] the element is padding, zero in every delta. */
typedef struct ccm_parameter {
  const char *name;
  int32_t rank;
  int32_t packed_rank;
  int64_t shape[CCM_MAX_RANK];
  int64_t packed_extents[CCM_MAX_RANK];
  int32_t packed_dims[CCM_MAX_RANK];
  int64_t packed_steps[CCM_MAX_RANK];
  uint64_t offset; /* bytes into params, of a trained one into deltas too; a multiple of
                      CCM_ALIGNMENT */
  uint64_t bytes;  /* packed, without the padding to the next parameter */
} ccm_parameter;

/* Structs that entries take by pointer begin with `bytes`, their size as the caller knows them.
 * What lies beyond is zero to the entry; a struct of a newer caller is refused where a byte beyond
 * what the library knows is not zero, and one smaller than its first version always. Members are
 * only ever added behind the last one. */

/* Bytes of the buffers for one batch size and number of workers: `sizes` fills what `bytes` has
 * room for. An entry asks for the workspace of its own alone. */
typedef struct ccm_sizes {
  uint32_t bytes;
  uint32_t shards;   /* that a batch of this size is cut into */
  uint64_t params;   /* parameters, packed */
  uint64_t delta;    /* a train delta: the first of params' bytes, of those that are trained */
  uint64_t state;    /* optimizer state, of those that are trained */
  uint64_t internal; /* internals of the batch, from forward to backward */
  uint64_t infer, forward, loss;
  uint64_t backward; /* of backward, backward_input and backward_train */
  uint64_t step;     /* of step; at least what shards and update need */
  /* Of a model that makes sequences, else 0: what decode looks back on, and workspace. */
  uint64_t cache, prefill, decode;
  uint64_t statistics; /* of values that are gathered; 0: no port needs any */
} ccm_sizes;

/* What is told of a launch: a run of one kernel over some samples. Strings live as long as the
 * library. */
typedef struct ccm_launch_note {
  uint32_t bytes;
  int32_t ends;      /* 0: it begins, 1: it is done */
  const char *entry; /* "infer", "step", … */
  int64_t samples;
  int32_t number;     /* of the launch, from 0, among those of its entry */
  int32_t tasks;      /* that it is cut into */
  const char *kernel; /* its name */
  const char *of;     /* its primitive and the primitive's place in the declaration */
  uint64_t macs;      /* multiply-adds of the run */
  uint64_t moved;     /* bytes that the run reads and writes */
} ccm_launch_note;

/* Runs task(context, index, worker) once for every index in [0, count), in any order and on any
 * threads, and returns when all are done. `worker` is in [0, workers) and no two tasks that run at
 * once have the same one. `run` null: the entry runs its tasks itself, workers must then be 1.
 * `observe`, unless null, is told on the worker's thread when a launch begins and ends. */
typedef void (*ccm_task)(void *context, int64_t index, int32_t worker);
typedef struct ccm_runner {
  uint32_t bytes;
  int32_t workers;
  void (*run)(void *self, ccm_task task, void *context, int64_t count);
  void *self;
  void (*observe)(void *self, const ccm_launch_note *note);
} ccm_runner;

/* A batch: `count` samples, each array contiguous over samples, in the order of the table's ports.
 * Unused members may be null where an entry's comment says so. The arrays stay the caller's. */
typedef struct ccm_batch {
  uint32_t bytes;
  int64_t count;
  const void *const *inputs;   /* one per input port; null: see ccm_draw */
  const void *const *targets;  /* one per output port, of the target type */
  float *const *outputs;       /* one per output port */
  float *const *output_deltas; /* one per output port, shaped as outputs */
  float *const *input_deltas;  /* one per input port; null entries are not wanted */
  uint64_t seed; /* of what is drawn: with the step and the sample's number it decides every draw */
} ccm_batch;

/* How `step` updates: the change is optimizer(learning_rate, mean delta), where the mean delta is
 * the sum over the samples' divided by their count. */
typedef struct ccm_update {
  uint32_t bytes;
  float learning_rate;
  float clip;    /* the mean delta is scaled to at most this 2-norm over all parameters; 0: never */
  int64_t index; /* of this step, from 0 (bias corrections) */
} ccm_update;

typedef struct ccm_buffers {
  uint32_t bytes;
  void *internal; /* forward writes, backward reads */
  void *workspace;
  uint64_t workspace_bytes;
} ccm_buffers;

/* Some shards of a batch, those from `first` on: processes that each take some of them come, with
 * delta_add in the order of the tree, to the bits of one that takes all. */
typedef struct ccm_shards {
  uint32_t bytes;
  int32_t first, count;
  int64_t total;  /* samples of the whole batch */
  void *deltas;   /* written: one delta per shard, one after the other, each of `ccm_sizes.delta` */
  double *losses; /* written: per shard, per output, the sum over its samples, unweighted */
  int64_t index;  /* of the step, as in ccm_update */
} ccm_shards;

/* The elements, its own included, that an element of a sequence looks back on are rounded up to
 * this number times a power of two, or to all: what it costs grows in these steps. */
#define CCM_SHORTEST_CONTEXT 64

/* One element of each sample's sequence. */
typedef struct ccm_decode {
  uint32_t bytes;
  int64_t count;            /* samples */
  void *cache;              /* of `ccm_sizes.cache`, as prefill and decode left it */
  const int32_t *before;    /* per sample: the element before, as in the shifted input */
  const int32_t *positions; /* per sample: which element, from 0; the cache has those before it */
  float *scores;            /* written: per sample one of every index, as in the output */
} ccm_decode;

/* The table. Entries are reentrant, keep no state of their own, allocate nothing, print nothing and
 * return a ccm_status. Results depend on the arguments alone, not on the runner. An entry that the
 * library was compiled without is null: with `--entries=infer` all but sizes, init and infer, with
 * `--entries=train` backward and backward_input. */
typedef struct ccm_model {
  int32_t abi_major, abi_minor;
  const char *name;
  const char *describe; /* JSON: types, parts, strategies, costs, targets, source hash, version */
  const char *target;   /* the code path chosen for this processor, "none" when there is none */
  int32_t input_count, output_count, parameter_count;
  int32_t trained_count; /* of the parameters; the others are frozen */
  const ccm_port *inputs, *outputs;
  /* Trained ones before frozen ones, which have no delta and no state and which training leaves as
   * they are; of each in the order of the declaration. */
  const ccm_parameter *parameters;
  float learning_rate; /* of the declaration's `train` */
  const char *group;   /* title of the column that tells the series of a table apart; null: none */

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
  /* params, outputs, targets -> output_deltas (of the sum over samples of each sample's weighted
   * loss, with the sign of a change that lowers it) and the mean loss; `losses`, when not null,
   * receives the mean of every output unweighted. Of params it reads the scales of outputs alone,
   * in which values are compared. */
  int32_t (*loss)(const void *params, const ccm_batch *, double *loss, double *losses,
                  const ccm_buffers *, const ccm_runner *, ccm_error *);
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
  /* params += delta, those that are trained */
  int32_t (*train)(void *params, const void *delta, ccm_error *);
  /* forward, loss, backward, sum over shards, optimizer: no delta buffer is visible. `loss`
   * receives the mean loss before the update; a loss or a delta that is not finite leaves params
   * and state as they were and returns CCM_DIVERGED. */
  int32_t (*step)(void *params, void *state, const ccm_batch *, const ccm_update *, double *loss,
                  const ccm_buffers *, const ccm_runner *, ccm_error *);
  /* `step` in parts. A batch of `total` samples is cut into `ccm_sizes.shards` runs of samples, the
   * same on every machine; `shard_begin` says at which sample shard `shard` begins, and the total
   * for the one after the last. */
  int32_t (*shard_begin)(int64_t total, int32_t shard, int64_t *sample, ccm_error *);
  /* forward, loss and backward of some shards; the batch holds their samples alone. The mean loss
   * of `step` is, over the outputs in order, the weight times the sum over all shards in order
   * divided by the total; its delta is the sum over shards in pairs: with delta_add, for d = 1, 2,
   * 4, … shard i + d is added to shard i for every i that is a multiple of 2 d. */
  int32_t (*shards)(const void *params, const ccm_batch *, const ccm_shards *, const ccm_buffers *,
                    const ccm_runner *, ccm_error *);
  /* The optimizer, on the sum over a batch of `total` samples. A delta that is not finite
   * leaves params and state as they were and returns CCM_DIVERGED. */
  int32_t (*update)(void *params, void *state, const void *delta, int64_t total, const ccm_update *,
                    const ccm_buffers *, const ccm_runner *, ccm_error *);
  /* What `step` of that index would fill the drawn inputs with: into arrays[i], unless null, of
   * drawn input i; one array per input port. `first` is the number in the whole batch of the
   * batch's first sample. Of the batch it takes the seed, inputs (one that is given, such as a
   * time, is copied) and targets, without which x is 0. A noised input needs its output's time,
   * given or wanted. */
  int32_t (*draw)(const ccm_batch *, int64_t index, int64_t first, void *const *arrays,
                  ccm_error *);
  /* Adds the inputs and targets of a batch to `statistics`, of `ccm_sizes.statistics` zeros before
   * the first. Arrays may be null: nothing is gathered of them; nor is of values that are not
   * finite, and of samples whose presence is given as 0. Samples in the same order give the same
   * bits, however they are cut into batches. */
  int32_t (*gather)(void *statistics, const ccm_batch *, ccm_error *);
  /* Sets offset and factor of every port of which values were gathered; `statistics` are of no use
   * after it. */
  int32_t (*set_statistics)(void *params, void *statistics, ccm_error *);
  /* Null unless the model has a shifted input. Inputs -> cache: of all elements that the shifted
   * input says the sequences have. What it says beyond those that are known is not looked back on
   * before decode has replaced it. */
  int32_t (*prefill)(const void *params, const ccm_batch *, void *cache, const ccm_buffers *,
                     const ccm_runner *, ccm_error *);
  /* The scores of one element of each sample, and its place in the cache. Within rounding they are
   * what `infer` gives there; the work grows with the largest position alone. */
  int32_t (*decode)(const void *params, const ccm_decode *, const ccm_buffers *, const ccm_runner *,
                    ccm_error *);
} ccm_model;

/* The one exported symbol of a library is `ccm_model_<name>`, of this type. Never null. */
typedef const ccm_model *(*ccm_model_function)(void);

#ifdef __cplusplus
}
#endif
#endif
