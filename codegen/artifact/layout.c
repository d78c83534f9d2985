/* SPDX-License-Identifier: Apache-2.0 */
/* How a batch is cut into blocks, units and shards, and where everything lies in a workspace. */
#include "codegen/artifact/artifact.h"

#define CCM_MAX_SHARDS 8

static int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b != 0); }

int64_t ccm_unit_samples(const ccm_plan *plan) {
  return plan->blocks[plan->block_count - 1].samples;
}

int64_t ccm_shard_unit(int64_t units, int32_t shards, int32_t shard) {
  int64_t whole = units / shards, rest = units % shards;
  return shard * whole + (shard < rest ? shard : rest);
}

uint64_t ccm_internal_offset(const ccm_plan *plan, int64_t count, int64_t sample) {
  const ccm_block *big = &plan->blocks[plan->block_count - 1];
  int64_t whole = count / big->samples, before = sample / big->samples;
  if (before < whole)
    return (uint64_t)before * big->internal_bytes;
  return (uint64_t)whole * big->internal_bytes +
         (uint64_t)(sample - whole * big->samples) * plan->blocks[0].internal_bytes;
}

/* A growing area. `overflow` stays set once its size does not fit 64 bits. */
typedef struct ccm_area {
  uint64_t bytes;
  int32_t overflow;
} ccm_area;

/* Appends `count` times `bytes`, aligned, and returns where they start. */
static uint64_t take(ccm_area *area, uint64_t count, uint64_t bytes) {
  uint64_t start = area->bytes, product, aligned;
  area->overflow |= __builtin_mul_overflow(count, bytes, &product);
  area->overflow |= __builtin_add_overflow(product, CCM_ALIGNMENT - 1, &aligned);
  area->overflow |=
      __builtin_add_overflow(start, aligned & ~(uint64_t)(CCM_ALIGNMENT - 1), &area->bytes);
  return start;
}

/* Appends an aligned float array per port, for the samples of the largest block. */
static uint64_t take_ports(ccm_area *area, const ccm_plan *plan, const ccm_port *ports,
                           int32_t count) {
  uint64_t start = area->bytes;
  for (int32_t i = 0; i < count; ++i)
    take(area, (uint64_t)ccm_unit_samples(plan), ccm_port_elements(&ports[i]) * sizeof(float));
  return start;
}

/* The most that member `offset` of the blocks asks for. */
static uint64_t most_bytes(const ccm_plan *plan, uint64_t least, uint64_t offset) {
  for (int32_t i = 0; i < plan->block_count; ++i) {
    uint64_t bytes = *(const uint64_t *)((const char *)&plan->blocks[i] + offset);
    least = bytes > least ? bytes : least;
  }
  return least;
}

static ccm_area lay_out_worker(const ccm_plan *plan, ccm_layout *layout) {
  ccm_area area = {0, 0};
  uint64_t lists = 2 * (uint64_t)plan->input_count + 4 * (uint64_t)plan->output_count;
  layout->pointers = take(&area, lists, sizeof(void *));
  layout->scratch = take(
      &area, 1,
      most_bytes(plan, plan->prepare_scratch_bytes, __builtin_offsetof(ccm_block, scratch_bytes)));
  uint64_t internal = most_bytes(plan, 0, __builtin_offsetof(ccm_block, internal_bytes));
  layout->internal = take(
      &area, 1, most_bytes(plan, internal, __builtin_offsetof(ccm_block, infer_internal_bytes)));
  layout->outputs = take_ports(&area, plan, plan->outputs, plan->output_count);
  layout->output_deltas = take_ports(&area, plan, plan->outputs, plan->output_count);
  layout->input_deltas = take_ports(&area, plan, plan->inputs, plan->input_count);
  layout->area_bytes = area.bytes;
  return area;
}

static ccm_area lay_out_workspace(const ccm_plan *plan, ccm_layout *layout) {
  ccm_area worker = lay_out_worker(plan, layout), area = {0, worker.overflow};
  layout->prepared = take(&area, 1, plan->prepared_bytes);
  layout->losses = take(&area, (uint64_t)layout->count * (uint64_t)plan->output_count, 4);
  layout->squares = take(&area, (uint64_t)ccm_span_count(plan), sizeof(double));
  layout->areas = take(&area, (uint64_t)layout->workers, layout->area_bytes);
  layout->deltas = take(&area, (uint64_t)layout->shards, plan->params_bytes);
  layout->bytes = area.bytes;
  for (int32_t i = 0; i < CCM_SPACE_COUNT; ++i) /* only sums need deltas, which come last */
    layout->needs[i] =
        i == CCM_SPACE_BACKWARD || i == CCM_SPACE_STEP ? layout->bytes : layout->deltas;
  return area;
}

/* Bytes of the internals of the whole batch. Every port's array must fit 64 bits too: offsets into
 * it are not checked again. */
static ccm_area lay_out_batch(const ccm_plan *plan, ccm_layout *layout) {
  const ccm_block *big = &plan->blocks[plan->block_count - 1];
  ccm_area area = {0, 0};
  take(&area, (uint64_t)(layout->count / big->samples), big->internal_bytes);
  take(&area, (uint64_t)(layout->count % big->samples), plan->blocks[0].internal_bytes);
  layout->internal_bytes = area.bytes;
  for (int32_t i = 0; i < plan->input_count; ++i)
    take(&area, (uint64_t)layout->count, ccm_port_elements(&plan->inputs[i]) * sizeof(float));
  for (int32_t i = 0; i < plan->output_count; ++i)
    take(&area, (uint64_t)layout->count, plan->outputs[i].bytes + plan->outputs[i].target_bytes);
  return area;
}

int32_t ccm_lay_out(const ccm_plan *plan, int64_t count, int32_t workers, ccm_layout *layout,
                    ccm_error *error) {
  if (count < 1)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found %d",
                      count);
  if (workers < 1)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected at least 1 worker, found %d",
                      (int64_t)workers);
  layout->count = count;
  layout->workers = workers;
  layout->units = ceil_divide(count, ccm_unit_samples(plan));
  layout->shards = layout->units < CCM_MAX_SHARDS ? (int32_t)layout->units : CCM_MAX_SHARDS;
  layout->first_shard = 0;
  layout->all_shards = layout->shards;
  layout->all_units = layout->units;
  ccm_area workspace = lay_out_workspace(plan, layout), batch = lay_out_batch(plan, layout);
  if (workspace.overflow || batch.overflow)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected a batch whose buffers fit into memory, found %d samples", count);
  return CCM_OK;
}
