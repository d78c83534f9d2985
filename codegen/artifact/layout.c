/* SPDX-License-Identifier: Apache-2.0 */
/* How a batch is cut into blocks, units and shards, and where everything lies in a workspace. */
#include "codegen/artifact/artifact.h"

static int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b != 0); }

int64_t ccm_shard_unit(int64_t units, int32_t shards, int32_t shard) {
  int64_t whole = units / shards, rest = units % shards;
  return shard * whole + (shard < rest ? shard : rest);
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

/* Appends an aligned float array per port, for the samples of a unit, where it is `wanted`. */
static uint64_t take_ports(ccm_area *area, const ccm_layout *layout, const ccm_port *ports,
                           int32_t count, int32_t wanted) {
  uint64_t start = area->bytes;
  for (int32_t i = 0; i < count && wanted; ++i)
    take(area, (uint64_t)layout->unit, ccm_port_elements(&ports[i]) * sizeof(float));
  return start;
}

/* Appends room for inputs that the caller's arrays do not always hold. */
static uint64_t take_own(ccm_area *area, const ccm_layout *layout, const ccm_plan *plan) {
  uint64_t start = area->bytes;
  for (int32_t i = 0; i < plan->input_count; ++i)
    take(area, (uint64_t)layout->unit, ccm_own_bytes(&plan->inputs[i]));
  return start;
}

/* Every cache must fit 64 bits: `ccm_lay_out` has refused batches where it does not. */
uint64_t ccm_cache_bytes(const ccm_plan *plan, int64_t count, int32_t number) {
  ccm_area area = {0, 0};
  for (int32_t i = 0; i < number; ++i)
    take(&area, (uint64_t)count, plan->caches[i]);
  return area.bytes;
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* What the functions of a call need, the most of all blocks that it runs. */
typedef struct ccm_needs {
  uint64_t scratch, internal;
  uint32_t regions;
} ccm_needs;

static void need_block(const ccm_block *block, uint32_t functions, ccm_needs *needs) {
  for (int32_t i = 0; i < CCM_FUNCTION_COUNT; ++i)
    if (functions >> i & 1) {
      needs->scratch = larger(needs->scratch, block->functions[i].scratch_bytes);
      needs->regions |= block->functions[i].regions;
    }
  if (functions & CCM_RUNS(CCM_INFER))
    needs->internal = larger(needs->internal, block->infer_internal_bytes);
  if (functions == CCM_RUNS_STEP)
    needs->internal = larger(needs->internal, block->internal_bytes);
}

static ccm_needs needs_of(const ccm_plan *plan, const ccm_layout *layout) {
  ccm_needs needs = {0, 0, 0};
  for (int32_t i = 0; i < plan->block_count; ++i)
    if (plan->blocks[i].samples <= layout->unit)
      need_block(&plan->blocks[i], layout->functions, &needs);
  return needs;
}

static ccm_area lay_out_worker(const ccm_plan *plan, const ccm_needs *needs, ccm_layout *layout) {
  ccm_area area = {0, 0};
  uint64_t lists = 2 * (uint64_t)plan->input_count + 4 * (uint64_t)plan->output_count +
                   (uint64_t)plan->cache_count;
  int32_t is_step = layout->functions == CCM_RUNS_STEP;
  layout->pointers = take(&area, lists, sizeof(void *));
  layout->scratch = take(&area, 1, needs->scratch);
  layout->internal = take(&area, 1, needs->internal);
  layout->inputs = take_own(&area, layout, plan);
  layout->outputs = take_ports(&area, layout, plan->outputs, plan->output_count, is_step);
  /* Those of repeated samples are not the caller's. */
  layout->output_deltas = take_ports(&area, layout, plan->outputs, plan->output_count,
                                     is_step || needs->regions & CCM_REGION(delta));
  layout->input_deltas = take_ports(&area, layout, plan->inputs, plan->input_count,
                                    (needs->regions & CCM_REGION(input_deltas)) != 0);
  layout->area_bytes = area.bytes;
  return area;
}

/* Slots that are the caller's. */
static int32_t count_given(const ccm_layout *layout) {
  if (layout->is_part)
    return layout->slots;
  return layout->functions == CCM_RUNS(CCM_BACKWARD) ||
         layout->functions == CCM_RUNS(CCM_BACKWARD_TRAIN);
}

static uint64_t prepare_scratch(const ccm_plan *plan) {
  uint64_t bytes = 0;
  for (int32_t i = 0; i < plan->prepare_count; ++i)
    bytes = larger(bytes, plan->prepares[i].scratch_bytes);
  return bytes;
}

static ccm_area lay_out_workspace(const ccm_plan *plan, ccm_layout *layout) {
  ccm_needs needs = needs_of(plan, layout);
  ccm_area area = {0, 0}, worker = lay_out_worker(plan, &needs, layout), prepare = area;
  layout->is_prepared = (needs.regions & CCM_REGION(prepared)) != 0;
  layout->prepare_bytes = prepare_scratch(plan);
  int32_t is_step = layout->functions == CCM_RUNS_STEP;
  layout->prepared = take(&area, (uint64_t)layout->is_prepared, plan->prepared_bytes);
  layout->losses = take(&area, needs.regions & CCM_REGION(losses) ? (uint64_t)layout->count : 0,
                        (uint64_t)plan->output_count * sizeof(float));
  layout->squares = take(&area, is_step ? (uint64_t)ccm_span_count(plan) : 0, sizeof(double));
  /* prepare is over before the blocks begin, so its scratch lies where theirs does. */
  take(&prepare, layout->is_prepared ? (uint64_t)layout->workers : 0, layout->prepare_bytes);
  layout->areas = area.bytes;
  take(&area, layout->cut ? 1 : (uint64_t)layout->workers, layout->area_bytes);
  if (area.bytes - layout->areas < prepare.bytes)
    take(&area, 1, prepare.bytes - (area.bytes - layout->areas));
  layout->has_delta = (needs.regions & CCM_REGION(delta)) != 0;
  layout->given_slots = count_given(layout);
  uint64_t slots = layout->has_delta ? (uint64_t)(layout->slots - layout->given_slots) : 0;
  layout->deltas = take(&area, slots, plan->trained_bytes);
  layout->bytes = area.bytes;
  area.overflow |= worker.overflow | prepare.overflow;
  return area;
}

/* Bytes of the internals of the whole batch. Every port's array must fit 64 bits too: offsets into
 * it are not checked again. */
static ccm_area lay_out_batch(const ccm_plan *plan, ccm_layout *layout) {
  ccm_area area = {0, 0};
  int64_t whole = layout->count / layout->unit * layout->unit;
  take(&area, (uint64_t)layout->units, ccm_block_for(plan, layout->unit)->internal_bytes);
  for (int64_t at = whole; at < layout->count;) {
    ccm_piece piece = ccm_piece_at(plan, layout, at);
    take(&area, 1, piece.block->internal_bytes);
    at = piece.sample + piece.block->samples;
  }
  layout->internal_bytes = area.bytes;
  for (int32_t i = 0; i < plan->input_count; ++i)
    take(&area, (uint64_t)layout->count, ccm_port_elements(&plan->inputs[i]) * sizeof(float));
  for (int32_t i = 0; i < plan->output_count; ++i)
    take(&area, (uint64_t)layout->count, plan->outputs[i].bytes + plan->outputs[i].target_bytes);
  for (int32_t i = 0; i < plan->cache_count; ++i)
    take(&area, (uint64_t)layout->count, plan->caches[i]);
  return area;
}

/* ---- Whose threads run what ------------------------------------------------------------------ */

/* Whether cutting launches into tasks is over sooner than running units side by side, by the
 * compiler's estimate of a unit's work. Bits are the same either way. */
static int32_t is_better_cut(const ccm_plan *plan, const ccm_layout *layout) {
  const ccm_block *block = ccm_block_for(plan, layout->unit);
  uint64_t work = 0, cut_work = 0;
  for (int32_t i = 0; i < CCM_FUNCTION_COUNT; ++i)
    if (layout->functions >> i & 1) {
      work += block->functions[i].work;
      cut_work += block->functions[i].cut_work;
    }
  int64_t parallel = layout->units;
  if (layout->functions &
      (CCM_RUNS(CCM_BACKWARD) | CCM_RUNS(CCM_BACKWARD_INPUT) | CCM_RUNS(CCM_BACKWARD_TRAIN)))
    parallel = layout->shards;
  double turns =
      (double)ceil_divide(layout->units, parallel < layout->workers ? parallel : layout->workers);
  double units = (double)layout->count / (double)layout->unit;
  double whole = turns * (double)work;
  double cut = units * ((double)(work - cut_work) + (double)cut_work / layout->workers);
  return cut < 0.9 * whole;
}

/* Counts the deltas that live at once by going through the tree. */
static int32_t count_slots(int32_t shards, int32_t wave) {
  ccm_tree tree;
  uint32_t taken = 0;
  ccm_begin_tree(&tree, shards);
  for (int32_t first = 0; first < shards; first += wave) {
    int8_t slots[CCM_MAX_SHARDS];
    int32_t end = first + wave < shards ? first + wave : shards;
    for (int32_t i = first; i < end; ++i)
      slots[i - first] = ccm_take_slot(&tree);
    taken |= tree.taken;
    for (int32_t i = first; i < end; ++i)
      ccm_join_shard(&tree, slots[i - first]);
    tree.count = 0;
  }
  return 32 - __builtin_clz(taken);
}

/* Shards of a batch of so many units, whoever runs them: a power of two, which keeps as many
 * workers equally busy. Each clears a delta and adds it to another, at some 20 bytes a nanosecond.
 * Of two of them that may take an eighth as long as the units, of 4 a tenth, of 8 a twelfth: ever
 * fewer machines have the workers that gain from more. */
static int32_t count_shards(const ccm_plan *plan, const ccm_block *block, int64_t units) {
  double work = (double)units * (double)ccm_work_of(block);
  double own = 4 * (double)plan->trained_bytes / 20;
  int32_t shards = 1, least = 8;
  while (2 * shards <= CCM_MAX_SHARDS && 2 * shards <= units && work >= least * own * 2 * shards) {
    shards *= 2;
    least += 2;
  }
  return shards;
}

static void cut_batch(const ccm_plan *plan, ccm_layout *layout) {
  const ccm_block *block = ccm_block_for(plan, layout->count);
  layout->unit = block->samples;
  layout->units = layout->count / layout->unit;
  layout->shards = layout->all_shards = count_shards(plan, block, layout->units);
  layout->all_units = layout->units;
  layout->first_shard = layout->is_part = 0;
  layout->first_sample = 0;
  layout->cut = layout->workers > 1 && is_better_cut(plan, layout);
  layout->wave = 1;
  while (!layout->cut && layout->wave < layout->workers && layout->wave < layout->shards)
    layout->wave *= 2;
  layout->slots = count_slots(layout->shards, layout->wave);
}

static int32_t lay_out(const ccm_plan *plan, ccm_layout *layout, ccm_error *error) {
  ccm_area workspace = lay_out_workspace(plan, layout), batch = lay_out_batch(plan, layout);
  if (workspace.overflow || batch.overflow)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected a batch whose buffers fit into memory, found %d samples",
                      layout->count);
  return CCM_OK;
}

int32_t ccm_lay_out(const ccm_plan *plan, uint32_t functions, int64_t count, int32_t workers,
                    ccm_layout *layout, ccm_error *error) {
  if (count < 1)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found %d",
                      count);
  if (workers < 1)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected at least 1 worker, found %d",
                      (int64_t)workers);
  layout->count = count;
  layout->workers = workers;
  layout->functions = functions;
  cut_batch(plan, layout);
  return lay_out(plan, layout, error);
}

int64_t ccm_samples_before(const ccm_layout *whole, int32_t shard) {
  return shard == whole->shards ? whole->count
                                : ccm_shard_unit(whole->units, whole->shards, shard) * whole->unit;
}

int32_t ccm_lay_out_part(const ccm_plan *plan, const ccm_shards *part, int64_t count,
                         int32_t workers, ccm_layout *layout, ccm_error *error) {
  int32_t status = ccm_lay_out(plan, CCM_RUNS_STEP, part->total, workers, layout, error);
  if (status)
    return status;
  if (part->first < 0 || part->count < 1 || part->count > layout->shards - part->first)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected shards below %d of %d samples, found %d from shard %d on",
                      (int64_t)layout->shards, layout->count, (int64_t)part->count,
                      (int64_t)part->first);
  layout->first_sample = ccm_samples_before(layout, part->first);
  int64_t samples = ccm_samples_before(layout, part->first + part->count) - layout->first_sample;
  if (count != samples)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected the %d samples of %d shards from shard %d on, found %d", samples,
                      (int64_t)part->count, (int64_t)part->first, count);
  layout->count = count;
  layout->units = ccm_shard_unit(layout->all_units, layout->all_shards, part->first + part->count) -
                  ccm_shard_unit(layout->all_units, layout->all_shards, part->first);
  layout->shards = layout->slots = part->count;
  layout->first_shard = part->first;
  layout->is_part = 1;
  return lay_out(plan, layout, error);
}
