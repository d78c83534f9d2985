/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of `model.mlir`, written by hand in place of compiled ones: they have the same interface
 * and show whether host code and entries hand them the right memory. */
#include <stdint.h>

#define FLOATS(buffer) ((float *)(buffer))
#define INDICES(buffer) ((const int32_t *)(buffer))
#define BYTES(buffer) ((const uint8_t *)(buffer))

enum { OUTPUTS = 2, INPUTS = 3, LANES = 16, STRIDE = 9999 };

/* t[b,o] = sum_i w[o,i] x[b,i]; w is packed as [i][16]. t lies in the interior of a padded buffer
 * of [N + 2][4], of which all is read. */
static void product(int n, void *x, void *w, void *t) {
  for (int b = 0; b < n; ++b)
    for (int o = 0; o < OUTPUTS; ++o) {
      float sum = 0;
      for (int i = 0; i < INPUTS; ++i)
        sum += FLOATS(w)[i * LANES + o] * FLOATS(x)[b * INPUTS + i];
      FLOATS(t)[b * 4 + o] = sum;
    }
}

/* s = t + e[id] + p / 510, s[1] += big[9999 id]; y = s + s^2 / 10. The border of t is added too: it
 * must be zero. */
static void output(int n, void *t, void *id, void *p, void *e, void *big, void *y, void *s) {
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
}

/* The same without keeping s. */
static void infer_output(int n, void *t, void *id, void *p, void *e, void *big, void *y) {
  float kept[8 * OUTPUTS];
  output(n, t, id, p, e, big, y, kept);
}

/* loss[b] = mean_o (y - target)^2, dy = -weight d loss / d y with weight 3. */
static void loss(int n, void *y, void *target, void *loss, void *dy) {
  for (int b = 0; b < n; ++b) {
    float sum = 0;
    for (int o = 0; o < OUTPUTS; ++o) {
      float d = FLOATS(y)[b * OUTPUTS + o] - FLOATS(target)[b * OUTPUTS + o];
      sum += d * d;
      FLOATS(dy)[b * OUTPUTS + o] = -3.0f * d;
    }
    FLOATS(loss)[b] = sum / OUTPUTS;
  }
}

/* wt[i][o] = w[o][i] */
static void transpose(void *w, void *wt) {
  for (int i = 0; i < INPUTS; ++i)
    for (int o = 0; o < OUTPUTS; ++o)
      FLOATS(wt)[i * OUTPUTS + o] = FLOATS(w)[i * LANES + o];
}

/* ds = dy (1 + s / 5) */
static void local_delta(int n, void *dy, void *s, void *ds) {
  for (int i = 0; i < n * OUTPUTS; ++i)
    FLOATS(ds)[i] = FLOATS(dy)[i] * (1.0f + FLOATS(s)[i] / 5.0f);
}

/* dx = ds wt^T, dp = ds / 510 */
static void input_delta(int n, void *ds, void *wt, void *dx, void *dp) {
  for (int b = 0; b < n; ++b)
    for (int i = 0; i < INPUTS; ++i) {
      float sum = 0;
      for (int o = 0; o < OUTPUTS; ++o)
        sum += FLOATS(ds)[b * OUTPUTS + o] * FLOATS(wt)[i * OUTPUTS + o];
      FLOATS(dx)[b * INPUTS + i] = sum;
    }
  for (int i = 0; i < n * OUTPUTS; ++i)
    FLOATS(dp)[i] = FLOATS(ds)[i] / 510.0f;
}

/* Adds to the deltas of w, e and big, which are written in place. */
static void train_delta(int n, void *ds, void *x, void *id, void *dw, void *de, void *dbig) {
  for (int b = 0; b < n; ++b)
    for (int o = 0; o < OUTPUTS; ++o) {
      float d = FLOATS(ds)[b * OUTPUTS + o];
      for (int i = 0; i < INPUTS; ++i)
        FLOATS(dw)[i * LANES + o] += d * FLOATS(x)[b * INPUTS + i];
      FLOATS(de)[INDICES(id)[b] * OUTPUTS + o] += d;
      if (o == 1)
        FLOATS(dbig)[INDICES(id)[b] * STRIDE] += d;
    }
}

/* adamw with the numbers of `model.mlir`, in place. */
static void update(int n, void *delta, void *hyper, void *param, void *first, void *second) {
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
}

/* What host code calls. */
#define KERNEL(name, ...)                                                                          \
  void name(void *const *b, int32_t first, int32_t count) {                                        \
    (void)first, (void)count;                                                                      \
    __VA_ARGS__;                                                                                   \
  }

KERNEL(prepare, transpose(b[0], b[1]))
KERNEL(update_1024, update(1024, b[0], b[1], b[2], b[3], b[4]))
KERNEL(update_16, update(16, b[0], b[1], b[2], b[3], b[4]))

#define BLOCK(N)                                                                                   \
  KERNEL(product_##N, product(N, b[0], b[1], b[2]))                                                \
  KERNEL(output_##N, output(N, b[0], b[1], b[2], b[3], b[4], b[5], b[6]))                          \
  KERNEL(infer_output_##N, infer_output(N, b[0], b[1], b[2], b[3], b[4], b[5]))                    \
  KERNEL(loss_##N, loss(N, b[0], b[1], b[2], b[3]))                                                \
  KERNEL(local_delta_##N, local_delta(N, b[0], b[1], b[2]))                                        \
  KERNEL(input_delta_##N, input_delta(N, b[0], b[1], b[2], b[3]))                                  \
  KERNEL(train_delta_##N, train_delta(N, b[0], b[1], b[2], b[3], b[4], b[5]))
BLOCK(1)
BLOCK(4)
