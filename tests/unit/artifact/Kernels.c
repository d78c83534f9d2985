/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of `model.mlir`, written by hand in place of compiled ones: they have the same interface
 * and show whether host code and entries hand them the right memory. */
#include "HalideRuntime.h"

#include <stdint.h>

#define FLOATS(buffer) ((float *)(buffer)->host)
#define INDICES(buffer) ((const int32_t *)(buffer)->host)
#define BYTES(buffer) ((const uint8_t *)(buffer)->host)

enum { OUTPUTS = 2, INPUTS = 3, LANES = 16, STRIDE = 9999 };

/* t[b,o] = sum_i w[o,i] x[b,i]; w is packed as [i][16]. t lies in the interior of a padded buffer
 * of [N + 2][4], of which all is read. */
static int product(int n, halide_buffer_t *x, halide_buffer_t *w, halide_buffer_t *t) {
  for (int b = 0; b < n; ++b)
    for (int o = 0; o < OUTPUTS; ++o) {
      float sum = 0;
      for (int i = 0; i < INPUTS; ++i)
        sum += FLOATS(w)[i * LANES + o] * FLOATS(x)[b * INPUTS + i];
      FLOATS(t)[b * 4 + o] = sum;
    }
  return 0;
}

/* s = t + e[id] + p / 510, s[1] += big[9999 id]; y = s + s^2 / 10. The border of t is added too: it
 * must be zero. */
static int output(int n, halide_buffer_t *t, halide_buffer_t *id, halide_buffer_t *p,
                  halide_buffer_t *e, halide_buffer_t *big, halide_buffer_t *y,
                  halide_buffer_t *s) {
  float border = 0;
  for (int i = 0; i < (n + 2) * 4; ++i)
    if (i / 4 == 0 || i / 4 == n + 1 || i % 4 == 0 || i % 4 == 3)
      border += FLOATS(t)[i] * FLOATS(t)[i];
  for (int b = 0; b < n; ++b)
    for (int o = 0; o < OUTPUTS; ++o) {
      int k = INDICES(id)[b];
      float v = FLOATS(t)[(b + 1) * 4 + 1 + o] + FLOATS(e)[k * OUTPUTS + o] + border;
      v += (float)BYTES(p)[b * OUTPUTS + o] / 510.0f;
      if (o == 1)
        v += FLOATS(big)[k * STRIDE];
      FLOATS(s)[b * OUTPUTS + o] = v;
      FLOATS(y)[b * OUTPUTS + o] = v + v * v / 10.0f;
    }
  return 0;
}

/* The same without keeping s. */
static int infer_output(int n, halide_buffer_t *t, halide_buffer_t *id, halide_buffer_t *p,
                        halide_buffer_t *e, halide_buffer_t *big, halide_buffer_t *y) {
  float kept[8 * OUTPUTS];
  halide_buffer_t s = {0};
  s.host = (uint8_t *)kept;
  return output(n, t, id, p, e, big, y, &s);
}

/* loss[b] = mean_o (y - target)^2, dy = -weight d loss / d y with weight 3. */
static int loss(int n, halide_buffer_t *y, halide_buffer_t *target, halide_buffer_t *loss,
                halide_buffer_t *dy) {
  for (int b = 0; b < n; ++b) {
    float sum = 0;
    for (int o = 0; o < OUTPUTS; ++o) {
      float d = FLOATS(y)[b * OUTPUTS + o] - FLOATS(target)[b * OUTPUTS + o];
      sum += d * d;
      FLOATS(dy)[b * OUTPUTS + o] = -3.0f * d;
    }
    FLOATS(loss)[b] = sum / OUTPUTS;
  }
  return 0;
}

/* wt[i][o] = w[o][i] */
static int prepare(halide_buffer_t *w, halide_buffer_t *wt) {
  for (int i = 0; i < INPUTS; ++i)
    for (int o = 0; o < OUTPUTS; ++o)
      FLOATS(wt)[i * OUTPUTS + o] = FLOATS(w)[i * LANES + o];
  return 0;
}

/* ds = dy (1 + s / 5) */
static int local_delta(int n, halide_buffer_t *dy, halide_buffer_t *s, halide_buffer_t *ds) {
  for (int i = 0; i < n * OUTPUTS; ++i)
    FLOATS(ds)[i] = FLOATS(dy)[i] * (1.0f + FLOATS(s)[i] / 5.0f);
  return 0;
}

/* dx = ds wt^T, dp = ds / 510 */
static int input_delta(int n, halide_buffer_t *ds, halide_buffer_t *wt, halide_buffer_t *dx,
                       halide_buffer_t *dp) {
  for (int b = 0; b < n; ++b)
    for (int i = 0; i < INPUTS; ++i) {
      float sum = 0;
      for (int o = 0; o < OUTPUTS; ++o)
        sum += FLOATS(ds)[b * OUTPUTS + o] * FLOATS(wt)[i * OUTPUTS + o];
      FLOATS(dx)[b * INPUTS + i] = sum;
    }
  for (int i = 0; i < n * OUTPUTS; ++i)
    FLOATS(dp)[i] = FLOATS(ds)[i] / 510.0f;
  return 0;
}

/* Adds to the deltas of w, e and big, which are written in place. */
static int train_delta(int n, halide_buffer_t *ds, halide_buffer_t *x, halide_buffer_t *id,
                       halide_buffer_t *dw, halide_buffer_t *de, halide_buffer_t *dbig) {
  for (int b = 0; b < n; ++b)
    for (int o = 0; o < OUTPUTS; ++o) {
      float d = FLOATS(ds)[b * OUTPUTS + o];
      for (int i = 0; i < INPUTS; ++i)
        FLOATS(dw)[i * LANES + o] += d * FLOATS(x)[b * INPUTS + i];
      FLOATS(de)[INDICES(id)[b] * OUTPUTS + o] += d;
      if (o == 1)
        FLOATS(dbig)[INDICES(id)[b] * STRIDE] += d;
    }
  return 0;
}

/* adamw with the numbers of `model.mlir`, in place. */
static int update(int n, halide_buffer_t *delta, halide_buffer_t *hyper, halide_buffer_t *param,
                  halide_buffer_t *first, halide_buffer_t *second) {
  const float *h = FLOATS(hyper);
  for (int i = 0; i < n; ++i) {
    float d = FLOATS(delta)[i] * h[1], p = FLOATS(param)[i];
    float m = 0.9f * FLOATS(first)[i] + 0.1f * d;
    float v = 0.999f * FLOATS(second)[i] + 0.001f * d * d;
    FLOATS(first)[i] = m;
    FLOATS(second)[i] = v;
    float root = __builtin_sqrtf(v * h[3]);
    FLOATS(param)[i] = p - h[0] * h[4] * 0.01f * p + h[0] * (m * h[2]) / (root + 1e-8f);
  }
  return 0;
}

/* What host code calls: pointers to the arguments. */
#define ARGV(name, ...)                                                                            \
  int name##_argv(void **arguments) {                                                              \
    halide_buffer_t **b = (halide_buffer_t **)arguments;                                           \
    return __VA_ARGS__;                                                                            \
  }

ARGV(prepare, prepare(b[0], b[1]))
ARGV(update_1024, update(1024, b[0], b[1], b[2], b[3], b[4]))
ARGV(update_16, update(16, b[0], b[1], b[2], b[3], b[4]))

#define BLOCK(N)                                                                                   \
  ARGV(product_##N, product(N, b[0], b[1], b[2]))                                                  \
  ARGV(output_##N, output(N, b[0], b[1], b[2], b[3], b[4], b[5], b[6]))                            \
  ARGV(infer_output_##N, infer_output(N, b[0], b[1], b[2], b[3], b[4], b[5]))                      \
  ARGV(loss_##N, loss(N, b[0], b[1], b[2], b[3]))                                                  \
  ARGV(local_delta_##N, local_delta(N, b[0], b[1], b[2]))                                          \
  ARGV(input_delta_##N, input_delta(N, b[0], b[1], b[2], b[3]))                                    \
  ARGV(train_delta_##N, train_delta(N, b[0], b[1], b[2], b[3], b[4], b[5]))
BLOCK(1)
BLOCK(4)
