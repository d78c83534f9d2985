/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as the compiler writes it, with kernels in C: under the host code that every
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

static void prepare(void *const *arguments, int32_t first, int32_t count) {
  (void)first, (void)count;
  const Params *params = arguments[0];
  Prepared *prepared = arguments[1];
  for (int o = 0; o < kPlannedOut; ++o)
    for (int i = 0; i < kPlannedIn; ++i)
      prepared->weight[i][o] = params->weight[o][i];
}

/* A kernel of one task per sample: arguments are prepared, x, sums, y and the copy of x. */
static void forward(void *const *arguments, int32_t first, int32_t count) {
  const Prepared *prepared = arguments[0];
  const float *x = (const float *)arguments[1] + first * kPlannedIn;
  float *sums = (float *)arguments[2] + first * kPlannedOut;
  float *y = (float *)arguments[3] + first * kPlannedOut;
  float *kept = (float *)arguments[4] + first * kPlannedIn;
  for (int n = 0; n < count; ++n) {
    for (int o = 0; o < kPlannedOut; ++o)
      sums[n * kPlannedOut + o] = 0;
    for (int i = 0; i < kPlannedIn; ++i)
      for (int o = 0; o < kPlannedOut; ++o)
        sums[n * kPlannedOut + o] += prepared->weight[i][o] * x[n * kPlannedIn + i];
  }
  memcpy(y, sums, (size_t)count * kPlannedOut * sizeof(float));
  memcpy(kept, x, (size_t)count * kPlannedIn * sizeof(float));
}

static void loss(void *const *arguments, int samples) {
  const float *y = arguments[0], *target = arguments[1];
  float *losses = arguments[2], *delta = arguments[3];
  for (int n = 0; n < samples; ++n) {
    losses[n] = 0;
    for (int o = n * kPlannedOut; o < (n + 1) * kPlannedOut; ++o) {
      delta[o] = target[o] - y[o];
      losses[n] += delta[o] * delta[o] / 2;
    }
  }
}

static void backward(void *const *arguments, int samples) {
  const Prepared *prepared = arguments[0];
  const float *x = arguments[1], *outputDelta = arguments[2];
  Params *delta = arguments[3];
  float *inputDelta = arguments[4];
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

static void update(void *const *arguments, int elements) {
  float *params = arguments[0], *velocity = arguments[1];
  const float *delta = arguments[2], *hyper = arguments[3];
  for (int i = 0; i < elements; ++i) {
    velocity[i] = 0.5f * velocity[i] + delta[i] * hyper[CCM_HYPER_SCALE];
    params[i] += hyper[CCM_HYPER_RATE] * velocity[i];
  }
}

#define KERNEL(name, ...)                                                                          \
  static void name(void *const *a, int32_t first, int32_t count) {                                 \
    (void)first, (void)count;                                                                      \
    __VA_ARGS__;                                                                                   \
  }
KERNEL(lossOne, loss(a, 1))
KERNEL(lossFour, loss(a, 4))
KERNEL(backwardOne, backward(a, 1))
KERNEL(backwardFour, backward(a, 4))
KERNEL(updateLarge, update(a, CCM_LARGE_CHUNK))
KERNEL(updateSmall, update(a, CCM_SMALL_CHUNK))

/* ---- Tables ---------------------------------------------------------------------------------- */

#define MEMBER(name) (offsetof(ccm_regions, name) / sizeof(void *))
#define MEMORY(name) {MEMBER(name), -1, 0}
#define ARRAY(name) {MEMBER(name), 0, 0}

static const ccm_place kPreparePlaces[] = {MEMORY(params), MEMORY(prepared)};
static const ccm_place kForwardPlaces[] = {MEMORY(prepared), ARRAY(inputs), MEMORY(scratch),
                                           ARRAY(outputs), MEMORY(internal)};
static const ccm_place kLossPlaces[] = {ARRAY(outputs), ARRAY(targets), ARRAY(losses),
                                        ARRAY(output_deltas)};
static const ccm_place kBackwardPlaces[] = {
    MEMORY(prepared), MEMORY(internal), ARRAY(output_deltas), MEMORY(delta), ARRAY(input_deltas)};
static const ccm_place kUpdatePlaces[] = {MEMORY(params), ARRAY(states), MEMORY(delta),
                                          MEMORY(hyper)};

#define LAUNCH(kernel, places, tasks)                                                              \
  {kernel, NULL, places, sizeof(places) / sizeof(ccm_place), tasks, #kernel, "", 0, 0}
static const ccm_launch kPrepare = LAUNCH(prepare, kPreparePlaces, 1);
static const ccm_launch kForward[] = {LAUNCH(forward, kForwardPlaces, 1),
                                      LAUNCH(forward, kForwardPlaces, 4)};
static const ccm_launch kLoss[] = {LAUNCH(lossOne, kLossPlaces, 1),
                                   LAUNCH(lossFour, kLossPlaces, 1)};
static const ccm_launch kBackward[] = {LAUNCH(backwardOne, kBackwardPlaces, 1),
                                       LAUNCH(backwardFour, kBackwardPlaces, 1)};
static const ccm_launch kUpdate[] = {LAUNCH(updateLarge, kUpdatePlaces, 1),
                                     LAUNCH(updateSmall, kUpdatePlaces, 1)};

enum {
  kForwardRegions = CCM_REGION(prepared) | CCM_REGION(inputs) | CCM_REGION(scratch) |
                    CCM_REGION(outputs) | CCM_REGION(internal),
  kLossRegions =
      CCM_REGION(outputs) | CCM_REGION(targets) | CCM_REGION(losses) | CCM_REGION(output_deltas),
  kBackwardRegions = CCM_REGION(prepared) | CCM_REGION(internal) | CCM_REGION(output_deltas) |
                     CCM_REGION(delta) | CCM_REGION(input_deltas)
};

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
static const ccm_initial kInitials[] = {{CCM_FILL_NORMAL, 0, 0, 0.5}, {CCM_FILL_ZEROS, 0, 1, 0}};
static const double kWeights[] = {1};
static const ccm_function kPrepares[] = {{"prepare", 0, &kPrepare, 1,
                                          CCM_REGION(params) | CCM_REGION(prepared), 0, 0, 0,
                                          (1 << CCM_FUNCTION_COUNT) - 1}};

/* Of the work of a block of four the forward is most, so that single blocks are cut into tasks. */
#define FORWARD(n, samples, work)                                                                  \
  {"forward", samples, &kForward[n], 1, kForwardRegions, 64, work, work}
#define LOSS(n, samples) {"loss", samples, &kLoss[n], 1, kLossRegions, 0, 1, 0}
#define BACKWARD(n, samples) {"backward", samples, &kBackward[n], 1, kBackwardRegions, 0, 1, 0}
#define BLOCK(n, samples, work)                                                                    \
  {                                                                                                \
    samples, 64, 64, {                                                                             \
      FORWARD(n, samples, work), FORWARD(n, samples, work), LOSS(n, samples),                      \
          BACKWARD(n, samples), BACKWARD(n, samples), BACKWARD(n, samples)                         \
    }                                                                                              \
  }
static const ccm_block kBlocks[] = {BLOCK(0, 1, 0), BLOCK(1, 4, 1000000)};
static const ccm_plan kPlan = {
    .inputs = &kInput,
    .outputs = &kOutput,
    .parameters = kParameters,
    .initials = kInitials,
    .weights = kWeights,
    .input_count = 1,
    .output_count = 1,
    .parameter_count = 2,
    .trained_count = 2,
    .state_count = 1,
    .params_bytes = kParamsBytes,
    .trained_bytes = kParamsBytes,
    .prepared_bytes = 64,
    .update_large = {"update", CCM_LARGE_CHUNK, &kUpdate[0], 1, 0, 0, 0, 0},
    .update_small = {"update", CCM_SMALL_CHUNK, &kUpdate[1], 1, 0, 0, 0, 0},
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
static int32_t lossEntry(const void *params, const ccm_batch *batch, double *mean, double *losses,
                         const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  return ccm_run_loss(&kPlan, params, batch, mean, losses, buffers, runner, error);
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
                                   2,
                                   &kInput,
                                   &kOutput,
                                   kParameters,
                                   0.125f,
                                   NULL,
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
