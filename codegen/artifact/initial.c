/* SPDX-License-Identifier: Apache-2.0 */
/* What parameters start as. Numbers are keyed by seed, parameter and canonical element, so that the
 * layout does not change them, and come from + - * / and square roots alone, so that no library
 * does. */
#include "codegen/artifact/artifact.h"

/* Philox4x32-10 (Salmon et al., 2011): 64 random bits of a counter and a key. */
uint64_t ccm_random_bits(uint64_t key, uint64_t stream, uint64_t index) {
  uint32_t x0 = (uint32_t)index, x1 = (uint32_t)(index >> 32);
  uint32_t x2 = (uint32_t)stream, x3 = (uint32_t)(stream >> 32);
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = (uint64_t)x0 * 0xD2511F53u, p1 = (uint64_t)x2 * 0xCD9E8D57u;
    x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
    x1 = (uint32_t)p1;
    x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
    x3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (uint64_t)x1 << 32 | x0;
}

/* The normal quantile of p in (0, 1), to seven digits: PPND7 of Wichura's algorithm AS 241. */
static double normal_quantile(double p) {
  double q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) {
    double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  double r = __builtin_sqrt(-ccm_logarithm(q < 0 ? p : 1 - p)), x;
  if (r <= 5) {
    r -= 1.6;
    x = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
        ((0.12021132975 * r + 0.73700164250) * r + 1);
  } else {
    r -= 5;
    x = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
        ((0.012258202635 * r + 0.24197894225) * r + 1);
  }
  return q < 0 ? -x : x;
}

double ccm_random_uniform(uint64_t key, uint64_t stream, uint64_t index) {
  return ((double)(ccm_random_bits(key, stream, index) >> 12) + 0.5) * 0x1p-52;
}

double ccm_random_normal(uint64_t key, uint64_t stream, uint64_t index) {
  return normal_quantile(ccm_random_uniform(key, stream, index));
}

static double initial_value(const ccm_parameter *parameter, const ccm_initial *initial,
                            uint64_t seed, uint64_t element) {
  int64_t columns = parameter->rank > 1 ? parameter->shape[1] : 1;
  int64_t row = (int64_t)element / columns, column = (int64_t)element % columns;
  switch (initial->fill) {
  case CCM_FILL_ZEROS:
    return 0;
  case CCM_FILL_ONES:
    return 1;
  case CCM_FILL_CONSTANT:
    return initial->values ? initial->values[element] : initial->scale;
  case CCM_FILL_FOURIER:
    return initial->scale * ccm_fourier_value(columns, row, column);
  case CCM_FILL_MEL:
    return initial->scale * ccm_mel_value(parameter->shape[0], columns, row, column);
  default:
    return initial->scale * ccm_random_normal(seed, (uint64_t)initial->stream, element);
  }
}

/* The canonical row-major number of the packed element `at`, or -1 for padding. */
static int64_t canonical_element(const ccm_parameter *parameter, const int64_t *at) {
  int64_t canonical[CCM_MAX_RANK] = {0}, element = 0;
  for (int32_t p = 0; p < parameter->packed_rank; ++p)
    canonical[parameter->packed_dims[p]] += at[p] * parameter->packed_steps[p];
  for (int32_t d = 0; d < parameter->rank; ++d) {
    if (canonical[d] >= parameter->shape[d])
      return -1;
    element = element * parameter->shape[d] + canonical[d];
  }
  return element;
}

/* Steps a row-major index. */
static void advance(const ccm_parameter *parameter, int64_t *at) {
  for (int32_t p = parameter->packed_rank - 1; p >= 0; --p) {
    if (++at[p] < parameter->packed_extents[p])
      return;
    at[p] = 0;
  }
}

static void fill_parameter(const ccm_plan *plan, int32_t number, float *values, uint64_t seed) {
  const ccm_parameter *parameter = &plan->parameters[number];
  const ccm_initial *initial = &plan->initials[number];
  int64_t at[CCM_MAX_RANK] = {0};
  uint64_t count = parameter->bytes / sizeof(float);
  for (uint64_t i = 0; i < count; ++i, advance(parameter, at)) {
    int64_t element = canonical_element(parameter, at);
    values[i] = element < 0 ? 0 : (float)initial_value(parameter, initial, seed, (uint64_t)element);
  }
}

void ccm_fill_params(const ccm_plan *plan, char *params, uint64_t seed) {
  memset(params, 0, plan->params_bytes); /* the padding between parameters */
  for (int32_t i = 0; i < plan->parameter_count; ++i)
    fill_parameter(plan, i, (float *)(params + plan->parameters[i].offset), seed);
}
