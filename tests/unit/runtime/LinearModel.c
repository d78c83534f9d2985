/* SPDX-License-Identifier: Apache-2.0 */
/* The tests' own compiled model: small, but with the real arithmetic, shards and layouts of one. */
#include "LinearModel.h"

#include <string.h>

#ifndef LINEAR_ABI_MAJOR
#define LINEAR_ABI_MAJOR CCM_ABI_MAJOR
#endif

enum { kMostShards = 8 };

typedef struct {
  float weight[kPanels][kIn][kPanel];
  float gap[8]; /* the next parameter starts at a multiple of CCM_ALIGNMENT */
  float bias[kPanels * kPanel];
  float rest[8];
} Params;

typedef struct {
  Params delta[kMostShards];
  double loss[kMostShards];
} Workspace;

static int32_t fail(ccm_error *error, int32_t status, const char *message) {
  if (error && error->message && error->capacity > 0) {
    strncpy(error->message, message, error->capacity - 1);
    error->message[error->capacity - 1] = '\0';
  }
  return status;
}

static int64_t shardCount(int64_t batch) { return batch < kMostShards ? batch : kMostShards; }

static void run(const ccm_runner *runner, ccm_task task, void *context, int64_t count) {
  if (runner->run) {
    runner->run(runner->self, task, context, count);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    task(context, i, 0);
}

static int32_t sizes(int64_t batch, int32_t workers, ccm_sizes *out, ccm_error *error) {
  if (batch < 1 || workers < 1)
    return fail(error, CCM_BAD_ARGUMENT, "expected a batch and workers of at least 1");
  out->params = out->delta = out->state = sizeof(Params);
  out->internal = (uint64_t)batch * kIn * sizeof(float);
  out->infer = out->forward = out->loss = 0;
  out->backward = out->step = sizeof(Workspace);
  return CCM_OK;
}

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

static int32_t init(void *params, void *state, uint64_t seed, ccm_error *error) {
  Params *p = params;
  (void)error;
  memset(p, 0, sizeof(*p));
  if (state)
    memset(state, 0, sizeof(Params));
  for (int o = 0; o < kOut; ++o)
    for (int i = 0; i < kIn; ++i) {
      int64_t bits = (int64_t)(mix(seed * 64 + (uint64_t)(o * kIn + i)) >> 40);
      p->weight[o / kPanel][i][o % kPanel] = (float)(bits - (1 << 23)) / (float)(1 << 24);
    }
  for (int o = kOut; o < kPanels * kPanel; ++o)
    p->bias[o] = kPaddingValue;
  return CCM_OK;
}

static void forwardSample(const Params *p, const float *x, float *y) {
  for (int o = 0; o < kOut; ++o) {
    y[o] = p->bias[o];
    for (int i = 0; i < kIn; ++i)
      y[o] += p->weight[o / kPanel][i][o % kPanel] * x[i];
  }
}

/* delta of the sample's loss, the mean of (y - t)^2 / 2, with the sign of a change that lowers it
 */
static double lossSample(const float *y, const float *t, float *outputDelta) {
  double loss = 0;
  for (int o = 0; o < kOut; ++o) {
    float difference = t[o] - y[o];
    outputDelta[o] = difference / kOut;
    loss += 0.5 * difference * difference / kOut;
  }
  return loss;
}

static void backwardSample(const float *x, const float *outputDelta, Params *delta) {
  for (int o = 0; o < kOut; ++o) {
    delta->bias[o] += outputDelta[o];
    for (int i = 0; i < kIn; ++i)
      delta->weight[o / kPanel][i][o % kPanel] += outputDelta[o] * x[i];
  }
}

static void inputSample(const Params *p, const float *outputDelta, float *inputDelta) {
  for (int i = 0; i < kIn; ++i) {
    inputDelta[i] = 0;
    for (int o = 0; o < kOut; ++o)
      inputDelta[i] += p->weight[o / kPanel][i][o % kPanel] * outputDelta[o];
  }
}

typedef struct {
  const Params *params;
  const ccm_batch *batch;
  Workspace *workspace;
  float *internal;
} Job;

static int64_t shardStart(const Job *job, int64_t shard) {
  return job->batch->count * shard / shardCount(job->batch->count);
}

static void forwardShard(void *context, int64_t shard, int32_t worker) {
  Job *job = context;
  const float *x = job->batch->inputs[0];
  (void)worker;
  for (int64_t n = shardStart(job, shard); n < shardStart(job, shard + 1); ++n) {
    forwardSample(job->params, x + n * kIn, job->batch->outputs[0] + n * kOut);
    if (job->internal)
      memcpy(job->internal + n * kIn, x + n * kIn, kIn * sizeof(float));
  }
}

static int32_t runForward(const void *params, const ccm_batch *batch, float *internal,
                          const ccm_runner *runner, ccm_error *error) {
  Job job = {params, batch, NULL, internal};
  if (batch->count < 1)
    return fail(error, CCM_BAD_ARGUMENT, "expected a batch of at least 1");
  run(runner, forwardShard, &job, shardCount(batch->count));
  return CCM_OK;
}

static int32_t infer(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  (void)buffers;
  return runForward(params, batch, NULL, runner, error);
}

static int32_t forward(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                       const ccm_runner *runner, ccm_error *error) {
  return runForward(params, batch, buffers->internal, runner, error);
}

static int32_t loss(const void *params, const ccm_batch *batch, double *mean, double *means,
                    const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  const float *t = batch->targets[0];
  double sum = 0;
  (void)params, (void)buffers, (void)runner, (void)error;
  for (int64_t n = 0; n < batch->count; ++n)
    sum +=
        lossSample(batch->outputs[0] + n * kOut, t + n * kOut, batch->output_deltas[0] + n * kOut);
  *mean = sum / (double)batch->count;
  if (means)
    means[0] = *mean;
  return CCM_OK;
}

static void backwardShard(void *context, int64_t shard, int32_t worker) {
  Job *job = context;
  Params *delta = &job->workspace->delta[shard];
  (void)worker;
  memset(delta, 0, sizeof(*delta));
  for (int64_t n = shardStart(job, shard); n < shardStart(job, shard + 1); ++n)
    backwardSample(job->internal + n * kIn, job->batch->output_deltas[0] + n * kOut, delta);
}

static int32_t addDelta(void *delta, const void *other, ccm_error *error) {
  float *sum = delta;
  const float *added = other;
  (void)error;
  for (size_t i = 0; i < sizeof(Params) / sizeof(float); ++i)
    sum[i] += added[i];
  return CCM_OK;
}

/* The pairwise tree by index: shard s takes s + 1, then s + 2, then s + 4. */
static void sumShards(Workspace *workspace, int64_t shards) {
  for (int64_t step = 1; step < shards; step *= 2)
    for (int64_t s = 0; s + step < shards; s += 2 * step) {
      addDelta(&workspace->delta[s], &workspace->delta[s + step], NULL);
      workspace->loss[s] += workspace->loss[s + step];
    }
}

static int32_t backwardTrain(const void *params, const ccm_batch *batch, void *delta,
                             const ccm_buffers *buffers, const ccm_runner *runner,
                             ccm_error *error) {
  Job job = {params, batch, buffers->workspace, buffers->internal};
  if (buffers->workspace_bytes < sizeof(Workspace))
    return fail(error, CCM_BAD_ARGUMENT, "workspace is too small");
  run(runner, backwardShard, &job, shardCount(batch->count));
  sumShards(job.workspace, shardCount(batch->count));
  memcpy(delta, &job.workspace->delta[0], sizeof(Params));
  return CCM_OK;
}

static int32_t backwardInput(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                             const ccm_runner *runner, ccm_error *error) {
  (void)buffers, (void)runner, (void)error;
  if (!batch->input_deltas || !batch->input_deltas[0])
    return CCM_OK;
  for (int64_t n = 0; n < batch->count; ++n)
    inputSample(params, batch->output_deltas[0] + n * kOut, batch->input_deltas[0] + n * kIn);
  return CCM_OK;
}

static int32_t backward(const void *params, const ccm_batch *batch, void *delta,
                        const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  backwardInput(params, batch, buffers, runner, error);
  return backwardTrain(params, batch, delta, buffers, runner, error);
}

static int32_t zeroDelta(void *delta, ccm_error *error) {
  (void)error;
  memset(delta, 0, sizeof(Params));
  return CCM_OK;
}

static int32_t scaleDelta(void *delta, float factor, ccm_error *error) {
  float *values = delta;
  (void)error;
  for (size_t i = 0; i < sizeof(Params) / sizeof(float); ++i)
    values[i] *= factor;
  return CCM_OK;
}

static int32_t train(void *params, const void *delta, ccm_error *error) {
  return addDelta(params, delta, error);
}

static void stepShard(void *context, int64_t shard, int32_t worker) {
  Job *job = context;
  Params *delta = &job->workspace->delta[shard];
  const float *x = job->batch->inputs[0], *t = job->batch->targets[0];
  float y[kOut], outputDelta[kOut];
  (void)worker;
  memset(delta, 0, sizeof(*delta));
  job->workspace->loss[shard] = 0;
  for (int64_t n = shardStart(job, shard); n < shardStart(job, shard + 1); ++n) {
    forwardSample(job->params, x + n * kIn, y);
    job->workspace->loss[shard] += lossSample(y, t + n * kOut, outputDelta);
    backwardSample(x + n * kIn, outputDelta, delta);
  }
}

static int32_t step(void *params, void *state, const ccm_batch *batch, const ccm_update *update,
                    double *mean, const ccm_buffers *buffers, const ccm_runner *runner,
                    ccm_error *error) {
  Job job = {params, batch, buffers->workspace, NULL};
  if (buffers->workspace_bytes < sizeof(Workspace))
    return fail(error, CCM_BAD_ARGUMENT, "workspace is too small");
  run(runner, stepShard, &job, shardCount(batch->count));
  sumShards(job.workspace, shardCount(batch->count));
  *mean = job.workspace->loss[0] / (double)batch->count;
  if (!(*mean - *mean == 0))
    return fail(error, CCM_DIVERGED, "loss is not finite");
  float *p = params, *velocity = state, *delta = (float *)&job.workspace->delta[0];
  for (size_t i = 0; i < sizeof(Params) / sizeof(float); ++i) {
    velocity[i] = 0.9f * velocity[i] + delta[i] / (float)batch->count;
    p[i] += update->learning_rate * velocity[i];
  }
  return CCM_OK;
}

static const ccm_port kInput = {
    .name = "x", .dtype = CCM_F32, .rank = 1, .extents = {kIn}, .bytes = kIn * 4};
static const ccm_port kOutput = {.name = "y",
                                 .dtype = CCM_F32,
                                 .rank = 1,
                                 .extents = {kOut},
                                 .bytes = kOut * 4,
                                 .target_dtype = CCM_F32,
                                 .target_rank = 1,
                                 .target_extents = {kOut},
                                 .target_bytes = kOut * 4};
static const ccm_parameter kParameters[] = {
    {"weight", 2, 3, {kOut, kIn}, {kPanels, kIn, kPanel}, {0, 1, 0}, {kPanel, 1, 1}, 0, 96},
    {"bias", 1, 1, {kOut}, {kPanels * kPanel}, {0}, {1}, 128, 32},
};

__attribute__((visibility("default"))) const ccm_model *ccm_model_linear(void) {
  static const ccm_model kModel = {
      LINEAR_ABI_MAJOR,
      CCM_ABI_MINOR,
      "linear",
      "{\"name\": \"linear\", \"source_hash\": \"5eed\", \"structure\": \"57ac\", "
      "\"parts\": [{\"part\": \"core\", \"port\": \"linear\", \"strategy\": \"dense\", "
      "\"config\": {\"width\": 5}}], \"train\": {\"optimizer\": \"momentum\", "
      "\"learning_rate\": 0.125, \"schedule\": \"cosine\", \"clip\": null, \"seed\": 7}}",
      "any",
      1,
      1,
      2,
      2,
      &kInput,
      &kOutput,
      kParameters,
      0.125f,
      NULL,
      sizes,
      init,
      infer,
      forward,
      loss,
      backward,
      backwardInput,
      backwardTrain,
      zeroDelta,
      addDelta,
      scaleDelta,
      train,
      step,
      NULL,
      NULL,
      NULL,
      NULL,
      NULL,
      NULL,
      NULL};
  return &kModel;
}
