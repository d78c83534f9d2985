/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as the compiler writes it, with block functions in C: under the host code that every
 * compiled model has, it shows a sanitizer all that the threads of a call share. y = W x, squared
 * error; W is prepared transposed. A second parameter only makes sums and updates long enough to be
 * cut into several tasks. */
#include "tests/embed/threads/PlannedModel.h"

#include "codegen/artifact/entries.h"

#include <string.h>

enum { kWeight = 64, kBallast = 40000 };
enum { kParamsBytes = kWeight + kBallast * 4 };

typedef struct Params {
  float weight[kPlannedOut][kPlannedIn];
} Params;

typedef struct Prepared {
  float weight[kPlannedIn][kPlannedOut];
} Prepared;

static void prepare(const ccm_regions *regions) {
  const Params *params = regions->params;
  Prepared *prepared = regions->prepared;
  for (int o = 0; o < kPlannedOut; ++o)
    for (int i = 0; i < kPlannedIn; ++i)
      prepared->weight[i][o] = params->weight[o][i];
}

static void forward(const ccm_regions *regions, int samples) {
  const Prepared *prepared = regions->prepared;
  const float *x = regions->inputs[0];
  float *y = regions->outputs[0], *sums = regions->scratch;
  for (int n = 0; n < samples; ++n) {
    for (int o = 0; o < kPlannedOut; ++o)
      sums[o] = 0;
    for (int i = 0; i < kPlannedIn; ++i)
      for (int o = 0; o < kPlannedOut; ++o)
        sums[o] += prepared->weight[i][o] * x[n * kPlannedIn + i];
    memcpy(y + n * kPlannedOut, sums, kPlannedOut * sizeof(float));
  }
  if (regions->internal)
    memcpy(regions->internal, x, (size_t)samples * kPlannedIn * sizeof(float));
}

static void loss(const ccm_regions *regions, int samples) {
  const float *y = regions->outputs[0], *target = regions->targets[0];
  float *delta = regions->output_deltas[0], *losses = regions->losses[0];
  for (int n = 0; n < samples; ++n) {
    losses[n] = 0;
    for (int o = n * kPlannedOut; o < (n + 1) * kPlannedOut; ++o) {
      delta[o] = target[o] - y[o];
      losses[n] += delta[o] * delta[o] / 2;
    }
  }
}

static void backward(const ccm_regions *regions, int samples) {
  const float *x = regions->internal, *outputDelta = regions->output_deltas[0];
  const Prepared *prepared = regions->prepared;
  float *inputDelta = regions->input_deltas[0];
  Params *delta = regions->delta;
  for (int n = 0; n < samples; ++n)
    for (int i = 0; i < kPlannedIn; ++i) {
      float sum = 0;
      for (int o = 0; o < kPlannedOut; ++o) {
        delta->weight[o][i] += outputDelta[n * kPlannedOut + o] * x[n * kPlannedIn + i];
        sum += outputDelta[n * kPlannedOut + o] * prepared->weight[i][o];
      }
      inputDelta[n * kPlannedIn + i] = sum;
    }
}

static void update(const ccm_regions *regions, int elements) {
  float *params = regions->params, *velocity = regions->states[0];
  const float *delta = regions->delta, *hyper = regions->hyper;
  for (int i = 0; i < elements; ++i) {
    velocity[i] = 0.5f * velocity[i] + delta[i] * hyper[CCM_HYPER_SCALE];
    params[i] += hyper[CCM_HYPER_RATE] * velocity[i];
  }
}

static void forwardOne(const ccm_regions *r) { forward(r, 1); }
static void forwardFour(const ccm_regions *r) { forward(r, 4); }
static void lossOne(const ccm_regions *r) { loss(r, 1); }
static void lossFour(const ccm_regions *r) { loss(r, 4); }
static void backwardOne(const ccm_regions *r) { backward(r, 1); }
static void backwardFour(const ccm_regions *r) { backward(r, 4); }
static void updateLarge(const ccm_regions *r) { update(r, CCM_LARGE_CHUNK); }
static void updateSmall(const ccm_regions *r) { update(r, CCM_SMALL_CHUNK); }

static const ccm_port kInput = {"x", CCM_F32, 1, {kPlannedIn}, kPlannedIn * 4,
                                0,   CCM_F32, 0, {0},          0};
static const ccm_port kOutput = {"y", CCM_F32, 1, {kPlannedOut}, kPlannedOut * 4,
                                 0,   CCM_F32, 1, {kPlannedOut}, kPlannedOut * 4};
static const ccm_parameter kParameters[] = {
    {"weight",
     2,
     2,
     {kPlannedOut, kPlannedIn},
     {kPlannedOut, kPlannedIn},
     {0, 1},
     {1, 1},
     0,
     sizeof(Params)},
    {"ballast", 1, 1, {kBallast}, {kBallast}, {0}, {1}, kWeight, kBallast * 4}};
static const ccm_initial kInitials[] = {{CCM_FILL_NORMAL, 0, 0.5}, {CCM_FILL_ZEROS, 0, 0}};
static const double kWeights[] = {1};
static const ccm_block_function kPrepares[] = {prepare};
static const ccm_block kBlocks[] = {
    {1, 64, 0, 64, forwardOne, forwardOne, lossOne, backwardOne, backwardOne, backwardOne},
    {4, 64, 0, 64, forwardFour, forwardFour, lossFour, backwardFour, backwardFour, backwardFour}};
static const ccm_plan kPlan = {.inputs = &kInput,
                               .outputs = &kOutput,
                               .parameters = kParameters,
                               .initials = kInitials,
                               .weights = kWeights,
                               .input_count = 1,
                               .output_count = 1,
                               .parameter_count = 2,
                               .state_count = 1,
                               .params_bytes = kParamsBytes,
                               .prepared_bytes = 64,
                               .forward_prepared = 1,
                               .backward_prepared = 1,
                               .update_large = updateLarge,
                               .update_small = updateSmall,
                               .prepares = kPrepares,
                               .prepare_count = 1,
                               .block_count = 2,
                               .blocks = kBlocks};

/* ---- Entries, as the compiler writes them ---------------------------------------------------- */

static int32_t sizes(int64_t batch, int32_t workers, ccm_sizes *out, ccm_error *error) {
  return ccm_run_sizes(&kPlan, batch, workers, out, error);
}
static int32_t init(void *params, void *state, uint64_t seed, ccm_error *error) {
  return ccm_run_init(&kPlan, params, state, seed, error);
}
static int32_t infer(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  return ccm_run_infer(&kPlan, params, batch, buffers, runner, error);
}
static int32_t forwardEntry(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                            const ccm_runner *runner, ccm_error *error) {
  return ccm_run_forward(&kPlan, params, batch, buffers, runner, error);
}
static int32_t lossEntry(const ccm_batch *batch, double *mean, double *losses,
                         const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  return ccm_run_loss(&kPlan, batch, mean, losses, buffers, runner, error);
}
static int32_t backwardEntry(const void *params, const ccm_batch *batch, void *delta,
                             const ccm_buffers *buffers, const ccm_runner *runner,
                             ccm_error *error) {
  return ccm_run_backward(&kPlan, params, batch, delta, buffers, runner, error);
}
static int32_t backwardInput(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                             const ccm_runner *runner, ccm_error *error) {
  return ccm_run_backward_input(&kPlan, params, batch, buffers, runner, error);
}
static int32_t backwardTrain(const void *params, const ccm_batch *batch, void *delta,
                             const ccm_buffers *buffers, const ccm_runner *runner,
                             ccm_error *error) {
  return ccm_run_backward_train(&kPlan, params, batch, delta, buffers, runner, error);
}
static int32_t deltaZero(void *delta, ccm_error *error) {
  return ccm_run_delta_zero(&kPlan, delta, error);
}
static int32_t deltaAdd(void *delta, const void *other, ccm_error *error) {
  return ccm_run_delta_add(&kPlan, delta, other, error);
}
static int32_t deltaScale(void *delta, float factor, ccm_error *error) {
  return ccm_run_delta_scale(&kPlan, delta, factor, error);
}
static int32_t train(void *params, const void *delta, ccm_error *error) {
  return ccm_run_train(&kPlan, params, delta, error);
}
static int32_t step(void *params, void *state, const ccm_batch *batch, const ccm_update *change,
                    double *mean, const ccm_buffers *buffers, const ccm_runner *runner,
                    ccm_error *error) {
  return ccm_run_step(&kPlan, params, state, batch, change, mean, buffers, runner, error);
}

const ccm_model *ccm_model_planned(void) {
  static const ccm_model kModel = {CCM_ABI_MAJOR,
                                   CCM_ABI_MINOR,
                                   "planned",
                                   "{}",
                                   "any",
                                   1,
                                   1,
                                   2,
                                   &kInput,
                                   &kOutput,
                                   kParameters,
                                   0.125f,
                                   sizes,
                                   init,
                                   infer,
                                   forwardEntry,
                                   lossEntry,
                                   backwardEntry,
                                   backwardInput,
                                   backwardTrain,
                                   deltaZero,
                                   deltaAdd,
                                   deltaScale,
                                   train,
                                   step,
                                   0,
                                   0,
                                   0};
  return &kModel;
}
