/* SPDX-License-Identifier: Apache-2.0 */
/* Everything one sample after the other: a reference for the verbs, not for speed. */
#include "PairModel.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Variants to compare: sums in another order, one wrong delta, another declaration. */
#ifdef PAIR_REVERSED
#define EACH(index, count) for (int index = (count) - 1; index >= 0; --index)
#else
#define EACH(index, count) for (int index = 0; index < (count); ++index)
#endif
#ifdef PAIR_SABOTAGED
#define IS_LEFT_OUT(k, h) ((k) == kKinds - 1 && (h) == kHidden - 1)
#else
#define IS_LEFT_OUT(k, h) 0
#endif
#ifdef PAIR_STRANGER
#define PAIR_HASH "01"
#define PAIR_INPUTS 1
#else
#define PAIR_HASH "00"
#define PAIR_INPUTS 2
#endif

#ifdef PAIR_RELATIVE
#define PAIR_STRUCTURE "b"
#define PAIR_BIAS "shift"
#else
#define PAIR_STRUCTURE "a"
#define PAIR_BIAS "bias"
#endif

enum { kNumbers = 3, kTokens = 4, kHidden = 16, kKinds = 5, kCurve = 6 };

typedef struct {
  float weight[kHidden][16]; /* kNumbers of 16 used */
  float token[kTokens][kHidden];
  float bias[kHidden];
  float kind[kKinds][kHidden];
  float curve[kCurve][kHidden];
} Params;

static int32_t fail(ccm_error *error, int32_t status, const char *message) {
  if (error && error->message && error->capacity > 0) {
    strncpy(error->message, message, error->capacity - 1);
    error->message[error->capacity - 1] = '\0';
  }
  return status;
}

static int32_t sizes(int64_t batch, int32_t workers, ccm_sizes *out, ccm_error *error) {
  if (batch < 1 || workers < 1)
    return fail(error, CCM_BAD_ARGUMENT, "expected a batch and workers of at least 1");
  out->params = out->delta = out->state = sizeof(Params);
  out->internal = (uint64_t)batch * kHidden * sizeof(float);
  out->infer = out->forward = out->loss = 0;
  out->backward = sizeof(Params);
  out->step = sizeof(Params) + (uint64_t)batch * (kHidden + kKinds + kCurve) * 2 * 4;
  return CCM_OK;
}

static float randomFloat(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (float)(int32_t)(*state >> 32) * 0x1p-32f;
}

static int32_t init(void *params, void *state, uint64_t seed, ccm_error *error) {
  Params *p = params;
  uint64_t random = seed * 2 + 1;
  (void)error;
  memset(p, 0, sizeof(*p));
  if (state)
    memset(state, 0, sizeof(Params));
  for (int h = 0; h < kHidden; ++h) {
    for (int i = 0; i < kNumbers; ++i)
      p->weight[h][i] = randomFloat(&random);
    for (int t = 0; t < kTokens; ++t)
      p->token[t][h] = randomFloat(&random);
    for (int k = 0; k < kKinds; ++k)
      p->kind[k][h] = randomFloat(&random);
    for (int c = 0; c < kCurve; ++c)
      p->curve[c][h] = randomFloat(&random);
  }
  return CCM_OK;
}

static void forwardSample(const Params *p, const float *x, int32_t token, float *hidden,
                          float *kind, float *curve) {
  for (int h = 0; h < kHidden; ++h) {
    float sum = p->bias[h] + p->token[token][h];
    for (int i = 0; i < kNumbers; ++i)
      sum += p->weight[h][i] * x[i];
    hidden[h] = sum > 0 ? sum : 0;
  }
  memset(kind, 0, kKinds * sizeof(float));
  memset(curve, 0, kCurve * sizeof(float));
  EACH(h, kHidden) {
    for (int k = 0; k < kKinds; ++k)
      kind[k] += p->kind[k][h] * hidden[h];
    for (int c = 0; c < kCurve; ++c)
      curve[c] += p->curve[c][h] * hidden[h];
  }
}

static int32_t runForward(const void *params, const ccm_batch *batch, float *internal,
                          ccm_error *error) {
  const float *numbers = batch->inputs[0];
  const int32_t *tokens = batch->inputs[1];
  for (int64_t n = 0; n < batch->count; ++n) {
    float hidden[kHidden];
    if (tokens[n] < 0 || tokens[n] >= kTokens)
      return fail(error, CCM_BAD_VALUE, "expected tokens below 4");
    forwardSample(params, numbers + n * kNumbers, tokens[n], hidden, batch->outputs[0] + n * kKinds,
                  batch->outputs[1] + n * kCurve);
    if (internal)
      memcpy(internal + n * kHidden, hidden, sizeof(hidden));
  }
  return CCM_OK;
}

static int32_t infer(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                     const ccm_runner *runner, ccm_error *error) {
  (void)buffers, (void)runner;
  return runForward(params, batch, NULL, error);
}

static int32_t forward(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                       const ccm_runner *runner, ccm_error *error) {
  (void)runner;
  return runForward(params, batch, buffers->internal, error);
}

static float lossKind(const float *scores, int32_t target, float *delta) {
  float most = scores[0], sum = 0;
  for (int k = 1; k < kKinds; ++k)
    most = scores[k] > most ? scores[k] : most;
  for (int k = 0; k < kKinds; ++k)
    sum += expf(scores[k] - most);
  for (int k = 0; k < kKinds; ++k)
    delta[k] = (k == target ? 1.0f : 0.0f) - expf(scores[k] - most) / sum;
  return logf(sum) + most - scores[target];
}

static float lossCurve(const float *values, const float *targets, float *delta) {
  float sum = 0;
  for (int c = 0; c < kCurve; ++c) {
    const float difference = targets[c] - values[c];
    delta[c] = 2 * difference / kCurve;
    sum += difference * difference / kCurve;
  }
  return sum;
}

static int32_t loss(const void *params, const ccm_batch *batch, double *mean, double *means,
                    const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  (void)params;
  const int32_t *kinds = batch->targets[0];
  const float *curves = batch->targets[1];
  double sums[2] = {0, 0};
  (void)buffers, (void)runner, (void)error;
  for (int64_t n = 0; n < batch->count; ++n) {
    sums[0] +=
        lossKind(batch->outputs[0] + n * kKinds, kinds[n], batch->output_deltas[0] + n * kKinds);
    sums[1] += lossCurve(batch->outputs[1] + n * kCurve, curves + n * kCurve,
                         batch->output_deltas[1] + n * kCurve);
  }
  *mean = (sums[0] + sums[1]) / (double)batch->count;
  for (int i = 0; means && i < 2; ++i)
    means[i] = sums[i] / (double)batch->count;
  return CCM_OK;
}

static void backwardSample(const Params *p, Params *delta, const float *x, int32_t token,
                           const float *hidden, const float *kind, const float *curve,
                           float *inputDelta) {
  for (int h = 0; h < kHidden; ++h) {
    float sum = 0;
    EACH(k, kKinds) {
      delta->kind[k][h] += IS_LEFT_OUT(k, h) ? 0 : kind[k] * hidden[h];
      sum += p->kind[k][h] * kind[k];
    }
    EACH(c, kCurve) {
      delta->curve[c][h] += curve[c] * hidden[h];
      sum += p->curve[c][h] * curve[c];
    }
    sum = hidden[h] > 0 ? sum : 0;
    delta->bias[h] += sum;
    delta->token[token][h] += sum;
    for (int i = 0; i < kNumbers; ++i) {
      delta->weight[h][i] += sum * x[i];
      inputDelta[i] += sum * p->weight[h][i];
    }
  }
}

static int32_t backward(const void *params, const ccm_batch *batch, void *delta,
                        const ccm_buffers *buffers, const ccm_runner *runner, ccm_error *error) {
  const float *numbers = batch->inputs[0], *hidden = buffers->internal;
  const int32_t *tokens = batch->inputs[1];
  (void)runner, (void)error;
  memset(delta, 0, sizeof(Params));
  EACH(n, (int)batch->count) {
    float inputDelta[kNumbers] = {0};
    backwardSample(params, delta, numbers + n * kNumbers, tokens[n], hidden + n * kHidden,
                   batch->output_deltas[0] + n * kKinds, batch->output_deltas[1] + n * kCurve,
                   inputDelta);
    if (batch->input_deltas && batch->input_deltas[0])
      memcpy(batch->input_deltas[0] + n * kNumbers, inputDelta, sizeof(inputDelta));
  }
  return CCM_OK;
}

static int32_t backwardInput(const void *params, const ccm_batch *batch, const ccm_buffers *buffers,
                             const ccm_runner *runner, ccm_error *error) {
  return backward(params, batch, buffers->workspace, buffers, runner, error);
}

static int32_t deltaZero(void *delta, ccm_error *error) {
  (void)error;
  memset(delta, 0, sizeof(Params));
  return CCM_OK;
}

static int32_t deltaAdd(void *delta, const void *other, ccm_error *error) {
  (void)error;
  for (size_t i = 0; i < sizeof(Params) / sizeof(float); ++i)
    ((float *)delta)[i] += ((const float *)other)[i];
  return CCM_OK;
}

static int32_t deltaScale(void *delta, float factor, ccm_error *error) {
  (void)error;
  for (size_t i = 0; i < sizeof(Params) / sizeof(float); ++i)
    ((float *)delta)[i] *= factor;
  return CCM_OK;
}

/* Runs a forward and a backward pass with everything but the parameters in the workspace. */
static int32_t step(void *params, void *state, const ccm_batch *batch, const ccm_update *update,
                    double *mean, const ccm_buffers *buffers, const ccm_runner *runner,
                    ccm_error *error) {
  Params *delta = buffers->workspace;
  float *hidden = (float *)(delta + 1);
  float *kind = hidden + batch->count * kHidden, *curve = kind + batch->count * kKinds;
  float *kindDelta = curve + batch->count * kCurve;
  float *curveDelta = kindDelta + batch->count * kKinds;
  float *outputs[] = {kind, curve}, *outputDeltas[] = {kindDelta, curveDelta};
  ccm_batch own = {sizeof(own), batch->count, batch->inputs, batch->targets,
                   outputs,     outputDeltas, NULL,          0};
  ccm_buffers held = {sizeof(held), hidden, NULL, 0};
  (void)state;
  int32_t status = forward(params, &own, &held, runner, error);
  if (status != CCM_OK)
    return status;
  loss(params, &own, mean, NULL, &held, runner, error);
  if (!isfinite(*mean))
    return fail(error, CCM_DIVERGED, "the loss is not finite");
  backward(params, &own, delta, &held, runner, error);
  deltaScale(delta, update->learning_rate / (float)batch->count, error);
  return deltaAdd(params, delta, error);
}

static const ccm_port kInputs[] = {
    {"numbers", CCM_F32, 1, {kNumbers}, kNumbers * 4, 0, 0, 0, {0}, 0, 0, 0, {0}, 0, 0, 0},
    {"token", CCM_I32, 0, {0}, 4, kTokens, 0, 0, {0}, 0, 0, 0, {0}, 0, 0, 0},
};
static const ccm_port kOutputs[] = {
    {"kind", CCM_F32, 1, {kKinds}, kKinds * 4, kKinds, CCM_I32, 0, {0}, 4, 0, 0, {0}, 0, 0, 0},
    {"curve",
     CCM_F32,
     2,
     {kCurve, 1},
     kCurve * 4,
     0,
     CCM_F32,
     2,
     {kCurve, 1},
     kCurve * 4,
     0,
     0,
     {0},
     0,
     0,
     0},
};

#define MATRIX(name, rows, columns, width, member)                                                 \
  {name,                                                                                           \
   2,                                                                                              \
   2,                                                                                              \
   {rows, columns},                                                                                \
   {rows, width},                                                                                  \
   {0, 1},                                                                                         \
   {1, 1},                                                                                         \
   offsetof(Params, member),                                                                       \
   rows * width * 4}
static const ccm_parameter kParameters[] = {
    MATRIX("weight", kHidden, kNumbers, 16, weight),
    MATRIX("token", kTokens, kHidden, kHidden, token),
    {PAIR_BIAS, 1, 1, {kHidden}, {kHidden}, {0}, {1}, offsetof(Params, bias), kHidden * 4},
    MATRIX("kind", kKinds, kHidden, kHidden, kind),
    MATRIX("curve", kCurve, kHidden, kHidden, curve),
};

static const ccm_model kModel = {
    .abi_major = CCM_ABI_MAJOR,
    .abi_minor = CCM_ABI_MINOR,
    .name = "pair",
    .describe = "{\"name\":\"pair\",\"macs\":300,\"parameters\":304,\"blocks\":[1,4],"
                "\"source_hash\":\"" PAIR_HASH "\",\"structure\":\"" PAIR_STRUCTURE
                "\",\"parts\":[],\"targets\":[\"any\"],\"kernels\":0,"
                "\"compiler\":\"0\",\"train\":{\"optimizer\":\"sgd\",\"learning_rate\":0.05}}",
    .target = "any",
    .input_count = PAIR_INPUTS,
    .output_count = 2,
    .parameter_count = 5,
    .trained_count = 5,
    .inputs = kInputs,
    .outputs = kOutputs,
    .parameters = kParameters,
    .learning_rate = 0.05f,
    .sizes = sizes,
    .init = init,
    .infer = infer,
    .forward = forward,
    .loss = loss,
    .backward = backward,
    .backward_input = backwardInput,
    .backward_train = backward,
    .delta_zero = deltaZero,
    .delta_add = deltaAdd,
    .delta_scale = deltaScale,
    .train = deltaAdd,
    .step = step,
};

__attribute__((visibility("default"))) const ccm_model *ccm_model_pair(void) { return &kModel; }
