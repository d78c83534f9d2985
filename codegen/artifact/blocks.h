/* SPDX-License-Identifier: Apache-2.0 */
/* What the host emitter writes as data and the C sources of every artifact read: block functions as
 * lists of launches, their memory, and the plan of a code path. Part of both the compiler and the
 * artifact. */
#ifndef CCM_ARTIFACT_BLOCKS_H
#define CCM_ARTIFACT_BLOCKS_H

#include "ccm/abi.h"
#include "ccm/manifest.h"

#include <stddef.h>

/* Floats of the two chunk sizes that update functions exist for. Parameters are padded to whole
 * small chunks, so every parameter is some large chunks and then small ones. */
#define CCM_LARGE_CHUNK 1024
#define CCM_SMALL_CHUNK 16

/* Most state tensors an optimizer has. */
#define CCM_MAX_STATES 4

/* Numbers of one update step, as the update functions read them. */
enum ccm_hyper {
  CCM_HYPER_RATE = 0,        /* learning rate */
  CCM_HYPER_SCALE = 1,       /* 1 / batch, times the factor of clipping */
  CCM_HYPER_CORRECTION1 = 2, /* 1 / (1 - beta1^t), t from 1 */
  CCM_HYPER_CORRECTION2 = 3, /* 1 / (1 - beta2^t) */
  CCM_HYPER_DECAY = 4,       /* 1 for parameters that decay, else 0 */
  CCM_HYPER_COUNT = 8
};

/* Where the memories of one call of a block function start. Members stand in the order of the
 * regions of `#ccm.place`. Per-port members are arrays of one pointer per port, each to the first
 * sample of the block; `states` and `losses` are the same per state tensor and per output. */
typedef struct ccm_regions {
  void *params; /* the parameters; in update functions one chunk */
  void *delta;  /* of the shard; in update functions one chunk */
  void **inputs;
  void **targets;
  void **outputs;
  void **output_deltas;
  void **input_deltas;
  void *internal; /* of the block */
  void *scratch;
  void *prepared;
  void **states;
  void **losses;   /* one float per sample */
  void *hyper;     /* CCM_HYPER_COUNT floats */
  void **caches;   /* the same per cache, [samples, of a sample] */
  void *positions; /* one int32_t per sample: which element of a sequence is made */
  void *before;    /* one int32_t per sample: the element before it */
  void *scores;    /* written: of each index that the element may be */
} ccm_regions;

/* Bit of a member of `ccm_regions`. */
#define CCM_REGION(member) (1u << (offsetof(ccm_regions, member) / sizeof(void *)))

/* A padded buffer of floats whose border is to be cleared. Strides are in elements. */
typedef struct ccm_border {
  int64_t rank;
  int64_t extents[CCM_MAX_RANK];
  int64_t low[CCM_MAX_RANK], high[CCM_MAX_RANK];
  int64_t strides[CCM_MAX_RANK];
} ccm_border;

/* Where an argument of a kernel lies. */
typedef struct ccm_place {
  int32_t region;  /* number of a member of ccm_regions */
  int32_t index;   /* of the pointer in the region's list; -1: the region is one memory */
  uint64_t offset; /* bytes */
} ccm_place;

/* Does `task_count` tasks of a kernel from `first_task` on; `buffers` are the addresses of a
 * launch's places. */
typedef void ccm_kernel(void *const *buffers, int32_t first_task, int32_t task_count);

/* One run of a kernel, or the clearing of a border. */
typedef struct ccm_launch {
  ccm_kernel *kernel;       /* null where a border is cleared */
  const ccm_border *border; /* of the buffer at the only place; null for kernels */
  const ccm_place *places;
  int32_t place_count;
  int32_t tasks;    /* that the kernel may be cut into */
  const char *name; /* of the kernel */
  const char *of;   /* primitive and place in the declaration */
  uint64_t macs;    /* multiply-adds */
  uint64_t moved;   /* bytes of all arguments */
} ccm_launch;

/* A block function: launches, one after the other. */
typedef struct ccm_function {
  const char *entry;
  int64_t samples; /* of its block; of an update the floats of its chunk, of prepare 0 */
  const ccm_launch *launches;
  int32_t launch_count;
  uint32_t regions;       /* bits of the regions that places lie in */
  uint64_t scratch_bytes; /* multiple of CCM_ALIGNMENT */
  uint64_t work;          /* estimated nanoseconds on one worker */
  uint64_t cut_work;      /* the part of it in launches that can be cut into tasks */
  uint64_t readers;       /* of a part of prepare: bits of the functions that read what it fills */
} ccm_function;

/* The most functions of decode, one for every context from CCM_SHORTEST_CONTEXT on. */
#define CCM_MAX_CONTEXTS 7

/* The functions of a block, as bits of those that an entry runs, in this order. */
enum ccm_function_number {
  CCM_INFER,
  CCM_FORWARD,
  CCM_LOSS,
  CCM_BACKWARD,
  CCM_BACKWARD_INPUT,
  CCM_BACKWARD_TRAIN,
  CCM_PREFILL,
  CCM_DECODE, /* and those after it, each for twice the context */
  CCM_FUNCTION_COUNT = CCM_DECODE + CCM_MAX_CONTEXTS
};

/* The functions for one block size. Bytes are multiples of CCM_ALIGNMENT. */
typedef struct ccm_block {
  int64_t samples;
  uint64_t internal_bytes;       /* that forward writes and the backward functions read */
  uint64_t infer_internal_bytes; /* that infer needs for itself */
  ccm_function functions[CCM_FUNCTION_COUNT];
} ccm_block;

enum ccm_fill {
  CCM_FILL_NORMAL = 0,
  CCM_FILL_ZEROS = 1,
  CCM_FILL_ONES = 2,
  CCM_FILL_FOURIER = 3, /* of shape [n, n, 1] */
  CCM_FILL_MEL = 4,     /* of shape [bands, n] */
  CCM_FILL_CONSTANT = 5
};

/* What a parameter starts as and whether it decays. */
typedef struct ccm_initial {
  int32_t fill;   /* ccm_fill */
  int32_t decay;  /* 0 or 1 */
  int32_t stream; /* its number in the declaration among those that are not constant: which random
                     numbers are its own */
  double scale;   /* standard deviation of CCM_FILL_NORMAL, factor of a formula, or the constant */
  const double *values; /* of CCM_FILL_CONSTANT, one per element; null: all are `scale` */
} ccm_initial;

/* One code path: everything the entries need to know of the model and its functions. */
typedef struct ccm_plan {
  const ccm_port *inputs, *outputs;
  const ccm_parameter *parameters;
  const ccm_initial *initials; /* one per parameter */
  const double *weights;       /* of each output's loss */
  int32_t input_count, output_count, parameter_count;
  int32_t trained_count; /* the first of the parameters: the others are frozen */
  int32_t state_count;
  int32_t cache_count;     /* 0: the model makes no sequences */
  const uint64_t *caches;  /* bytes of a sample of each */
  uint64_t params_bytes;   /* with all padding */
  uint64_t trained_bytes;  /* of those, what is trained; of a delta and of each state tensor too */
  uint64_t prepared_bytes; /* multiple of CCM_ALIGNMENT */
  double beta1, beta2;     /* of the optimizer's bias corrections; 0: none */
  ccm_function update_large, update_small;
  const ccm_function *prepares; /* independent of each other */
  int32_t prepare_count;
  int32_t block_count;     /* 0 in the plan for processors that no path suits */
  const ccm_block *blocks; /* ascending, the first of one sample */
} ccm_plan;

/* One code path as `ccm_choose_path` sees it. */
typedef struct ccm_path {
  uint32_t required[CCM_FEATURE_WORDS];
  const ccm_model *table;
} ccm_path;

#endif
