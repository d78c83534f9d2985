/* SPDX-License-Identifier: Apache-2.0 */
/* Scales of ports and weights of indices from values: gathered one after the other, so that they
 * depend on their order alone. By index, how often a target has it. Per channel, sums of the
 * distances from the first value, which lose nothing where values lie far from zero; for quartiles
 * a sample of the values, by reservoir (Vitter, 1985). */
#include "codegen/artifact/artifact.h"

/* Values of a channel that quartiles are taken of: all, until there are more. */
#define KEPT 16384

typedef struct channel {
  int64_t count;
  double first, sum, squares; /* of the distances from the first one */
} channel;

/* What is gathered of one port. */
typedef struct gathered {
  const ccm_port *port;
  int64_t channels;
  channel *sums; /* one per channel */
  float *kept;   /* KEPT per channel; null: no quartiles are wanted */
} gathered;

static int64_t channels_of(const ccm_plan *plan, const ccm_port *port) {
  return plan->parameters[port->factor - 1].shape[0];
}

/* Bytes of a port in the statistics, a multiple of CCM_ALIGNMENT. */
static uint64_t port_bytes(const ccm_plan *plan, const ccm_port *port) {
  uint64_t bytes = 0;
  if (port->balanced)
    bytes = (uint64_t)port->vocabulary * sizeof(int64_t);
  else if (port->scale == CCM_STANDARD)
    bytes = (uint64_t)channels_of(plan, port) * sizeof(channel);
  else if (port->scale == CCM_ROBUST)
    bytes = (uint64_t)channels_of(plan, port) * (sizeof(channel) + KEPT * sizeof(float));
  return (bytes + CCM_ALIGNMENT - 1) / CCM_ALIGNMENT * CCM_ALIGNMENT;
}

static uint64_t list_bytes(const ccm_plan *plan, const ccm_port *ports, int32_t count) {
  uint64_t bytes = 0;
  for (int32_t i = 0; i < count; ++i)
    bytes += port_bytes(plan, &ports[i]);
  return bytes;
}

uint64_t ccm_statistics_bytes(const ccm_plan *plan) {
  return list_bytes(plan, plan->inputs, plan->input_count) +
         list_bytes(plan, plan->outputs, plan->output_count);
}

static gathered gathered_at(const ccm_plan *plan, const ccm_port *port, char *at) {
  gathered all = {port, channels_of(plan, port), (channel *)at, 0};
  if (port->scale == CCM_ROBUST)
    all.kept = (float *)(at + (uint64_t)all.channels * sizeof(channel));
  return all;
}

/* ---- Gathering ------------------------------------------------------------------------------- */

static void add_value(channel *sums, float *kept, uint64_t stream, float value) {
  if (!ccm_is_finite(value))
    return;
  if (!sums->count)
    sums->first = value;
  double distance = value - sums->first;
  sums->sum += distance;
  sums->squares += distance * distance;
  uint64_t number = (uint64_t)sums->count++, place = number;
  if (number >= KEPT && kept)
    place = ccm_random_bits(0, stream, number) % (number + 1);
  if (kept && place < KEPT)
    kept[place] = value;
}

/* Adds one sample, whose last axis is the channels. */
static void add_sample(const gathered *all, int32_t dtype, const char *sample, int64_t elements) {
  for (int64_t i = 0; i < elements; ++i) {
    int64_t c = i % all->channels;
    float value = dtype == CCM_U8 ? (float)(uint8_t)sample[i] / 255 : ((const float *)sample)[i];
    add_value(&all->sums[c], all->kept ? all->kept + c * KEPT : 0, (uint64_t)c, value);
  }
}

/* Whether a sample is said to lack an input. */
static int32_t is_missing(const ccm_port *port, const ccm_batch *batch, int64_t sample) {
  if (!port->partner || !batch->inputs)
    return 0;
  const float *presence = batch->inputs[port->partner - 1];
  return presence && presence[sample] == 0;
}

static void count_indices(int64_t *counts, const ccm_port *port, const int32_t *indices,
                          int64_t samples) {
  for (int64_t i = 0; i < samples * (int64_t)(port->target_bytes / sizeof(int32_t)); ++i)
    if ((uint32_t)indices[i] < (uint64_t)port->vocabulary)
      ++counts[indices[i]];
}

/* Adds the samples of an array: of an input or, of the port's target type, of an output. */
static void gather_values(const gathered *all, const char *array, const ccm_batch *batch) {
  const ccm_port *port = all->port;
  int32_t is_output = port->target_bytes != 0;
  int32_t dtype = is_output ? port->target_dtype : port->dtype;
  uint64_t stride = is_output ? port->target_bytes : port->bytes;
  for (int64_t k = 0; k < batch->count; ++k)
    if (!is_missing(port, batch, k))
      add_sample(all, dtype, array + (uint64_t)k * stride, (int64_t)ccm_port_elements(port));
}

static void gather_ports(const ccm_plan *plan, const ccm_port *ports, int32_t count,
                         const void *const *arrays, const ccm_batch *batch, char *at) {
  for (int32_t i = 0; i < count; ++i) {
    uint64_t bytes = port_bytes(plan, &ports[i]);
    if (bytes && arrays && arrays[i] && ports[i].balanced) {
      count_indices((int64_t *)at, &ports[i], arrays[i], batch->count);
    } else if (bytes && arrays && arrays[i]) {
      gathered all = gathered_at(plan, &ports[i], at);
      gather_values(&all, arrays[i], batch);
    }
    at += bytes;
  }
}

int32_t ccm_run_gather(const ccm_plan *plan, void *statistics, const ccm_batch *batch,
                       ccm_error *error) {
  ccm_batch samples;
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(statistics, ccm_statistics_bytes(plan), "statistics", error);
  if (!status)
    status = ccm_take(CCM_STRUCT_BATCH, &samples, batch, error);
  if (!status && samples.count < 1)
    status = ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found %d",
                        samples.count);
  if (status)
    return status;
  uint32_t mode = ccm_enter_mode();
  gather_ports(plan, plan->inputs, plan->input_count, samples.inputs, &samples, statistics);
  gather_ports(plan, plan->outputs, plan->output_count, samples.targets, &samples,
               (char *)statistics + list_bytes(plan, plan->inputs, plan->input_count));
  ccm_leave_mode(mode);
  return CCM_OK;
}

/* ---- Setting --------------------------------------------------------------------------------- */

/* Lets values[at] sink in a heap whose largest value comes first. */
static void sink(float *values, int64_t at, int64_t count) {
  for (int64_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && values[child + 1] > values[child])
      ++child;
    if (values[at] >= values[child])
      return;
    float other = values[at];
    values[at] = values[child];
    values[child] = other;
  }
}

static void sort(float *values, int64_t count) {
  for (int64_t i = count / 2 - 1; i >= 0; --i)
    sink(values, i, count);
  for (int64_t end = count - 1; end > 0; --end) {
    float largest = values[0];
    values[0] = values[end];
    values[end] = largest;
    sink(values, 0, end);
  }
}

/* The quantile of sorted values, between the two that it lies between (Hyndman and Fan, 1996,
 * definition 7). */
static double quantile(const float *sorted, int64_t count, double share) {
  double place = share * (double)(count - 1);
  int64_t below = (int64_t)place;
  double rest = place - (double)below;
  return rest > 0 ? sorted[below] + rest * ((double)sorted[below + 1] - sorted[below])
                  : sorted[below];
}

/* One over a spread, as far as a float can hold it; 1 where there is no spread. */
static float factor_of(double spread) {
  if (!(spread > 0))
    return 1;
  double factor = 1 / spread;
  return factor < 0x1p126 ? (float)factor : 0x1p126f;
}

static double deviation_of(const channel *sums) {
  double mean = sums->sum / (double)sums->count;
  double variance = sums->squares / (double)sums->count - mean * mean;
  return variance > 0 ? __builtin_sqrt(variance) : 0;
}

/* Quartiles of a normal number of deviation 1 are that far apart. */
#define NORMAL_QUARTILES 1.3489795

static void set_channel(const channel *sums, float *kept, float *offset, float *factor) {
  *offset = (float)(sums->first + sums->sum / (double)sums->count);
  *factor = factor_of(deviation_of(sums));
  if (!kept)
    return;
  int64_t count = sums->count < KEPT ? sums->count : KEPT;
  sort(kept, count);
  double spread = quantile(kept, count, 0.75) - quantile(kept, count, 0.25);
  *offset = (float)quantile(kept, count, 0.5);
  if (spread > 0) /* else half of the values are one and the same: the deviation says more */
    *factor = factor_of(spread / NORMAL_QUARTILES);
}

static float *parameter_at(const ccm_plan *plan, char *params, int32_t number) {
  return (float *)(params + plan->parameters[number - 1].offset);
}

static void set_scale(const ccm_plan *plan, const ccm_port *port, char *params, char *at) {
  gathered all = gathered_at(plan, port, at);
  float *offset = parameter_at(plan, params, port->offset);
  float *factor = parameter_at(plan, params, port->factor);
  for (int64_t c = 0; c < all.channels; ++c)
    if (all.sums[c].count)
      set_channel(&all.sums[c], all.kept ? all.kept + c * KEPT : 0, &offset[c], &factor[c]);
}

/* What makes the weights of each index's targets add up to the same; the mean over targets is 1. */
static void balance(const ccm_port *port, const int64_t *counts, float *weights) {
  double total = 0, seen = 0;
  for (int64_t i = 0; i < port->vocabulary; ++i) {
    total += (double)counts[i];
    seen += counts[i] > 0;
  }
  for (int64_t i = 0; i < port->vocabulary; ++i)
    if (counts[i])
      weights[i] = (float)(total / (seen * (double)counts[i]));
}

static void set_ports(const ccm_plan *plan, const ccm_port *ports, int32_t count, char *params,
                      char *at) {
  for (int32_t i = 0; i < count; ++i) {
    const ccm_port *port = &ports[i];
    uint64_t bytes = port_bytes(plan, port);
    if (port->balanced)
      balance(port, (const int64_t *)at, parameter_at(plan, params, port->class_weights));
    else if (bytes)
      set_scale(plan, port, params, at);
    at += bytes;
  }
}

int32_t ccm_run_set_statistics(const ccm_plan *plan, void *params, void *statistics,
                               ccm_error *error) {
  int32_t status = ccm_check_path(plan, error);
  if (!status)
    status = ccm_check_buffer(params, plan->params_bytes, "params", error);
  if (!status)
    status = ccm_check_buffer(statistics, ccm_statistics_bytes(plan), "statistics", error);
  if (status)
    return status;
  uint32_t mode = ccm_enter_mode();
  set_ports(plan, plan->inputs, plan->input_count, params, statistics);
  set_ports(plan, plan->outputs, plan->output_count, params,
            (char *)statistics + list_bytes(plan, plan->inputs, plan->input_count));
  ccm_leave_mode(mode);
  return CCM_OK;
}
