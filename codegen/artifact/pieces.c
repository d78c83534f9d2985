/* SPDX-License-Identifier: Apache-2.0 */
/* Which blocks a batch runs as. What is left after the last whole block of a unit's size runs as
 * smaller ones, or as a block that begins early and repeats samples, whichever is estimated to be
 * over sooner. A repeated sample gives the same bits again; its delta counts once. */
#include "codegen/artifact/artifact.h"

const ccm_block *ccm_block_for(const ccm_plan *plan, int64_t left) {
  int32_t i = plan->block_count - 1;
  while (i > 0 && plan->blocks[i].samples > left)
    --i;
  return &plan->blocks[i];
}

/* The smallest block of at least `left` samples, or null: none is that large. */
static const ccm_block *block_over(const ccm_plan *plan, int64_t left) {
  for (int32_t i = 0; i < plan->block_count; ++i)
    if (plan->blocks[i].samples >= left)
      return &plan->blocks[i];
  return 0;
}

uint64_t ccm_work_of(const ccm_block *block) { return 3 * block->functions[CCM_INFER].work; }

/* The first block of a rest of `left` samples, and in *work that of all its blocks. */
static const ccm_block *cheapest(const ccm_plan *plan, int64_t left, uint64_t *work) {
  const ccm_block *within = ccm_block_for(plan, left), *over = block_over(plan, left);
  uint64_t rest = 0;
  if (left > within->samples)
    cheapest(plan, left - within->samples, &rest);
  *work = ccm_work_of(within) + rest;
  if (!over || ccm_work_of(over) >= *work)
    return within;
  *work = ccm_work_of(over);
  return over;
}

ccm_piece ccm_piece_at(const ccm_plan *plan, const ccm_layout *layout, int64_t sample) {
  int64_t left = layout->count - sample;
  uint64_t work;
  const ccm_block *block =
      left >= layout->unit ? ccm_block_for(plan, layout->unit) : cheapest(plan, left, &work);
  int64_t repeated = block->samples > left ? block->samples - left : 0;
  return (ccm_piece){block, sample - repeated, repeated};
}

uint64_t ccm_internal_offset(const ccm_plan *plan, const ccm_layout *layout, int64_t sample) {
  int64_t whole = sample / layout->unit, most = layout->count / layout->unit;
  int64_t units = whole < most ? whole : most;
  uint64_t bytes = (uint64_t)units * ccm_block_for(plan, layout->unit)->internal_bytes;
  for (int64_t at = units * layout->unit; at < sample;) {
    ccm_piece piece = ccm_piece_at(plan, layout, at);
    bytes += piece.block->internal_bytes;
    at = piece.sample + piece.block->samples;
  }
  return bytes;
}

/* ---- Repeated samples ------------------------------------------------------------------------ */

static uint64_t float_bytes(const ccm_port *port) {
  return ccm_port_elements(port) * sizeof(float);
}

/* The worker's own array of a port, after that of the port before. */
static char *after(char *own, const ccm_layout *layout, uint64_t bytes) {
  return own +
         (((uint64_t)layout->unit * bytes + CCM_ALIGNMENT - 1) & ~(uint64_t)(CCM_ALIGNMENT - 1));
}

void ccm_hide_repeated(const ccm_call *call, char *area, const ccm_piece *piece,
                       ccm_regions *regions) {
  const ccm_plan *plan = call->plan;
  char *own = area + call->layout.output_deltas;
  for (int32_t i = 0; i < plan->output_count; ++i) {
    uint64_t bytes = float_bytes(&plan->outputs[i]);
    if (regions->output_deltas[i] != own)
      memcpy(own, regions->output_deltas[i], (uint64_t)piece->block->samples * bytes);
    memset(own, 0, (uint64_t)piece->repeated * bytes);
    regions->output_deltas[i] = own;
    own = after(own, &call->layout, bytes);
  }
  own = area + call->layout.input_deltas;
  for (int32_t i = 0; i < plan->input_count; ++i) {
    regions->input_deltas[i] = own;
    own = after(own, &call->layout, float_bytes(&plan->inputs[i]));
  }
}

void ccm_deliver_input_deltas(const ccm_call *call, const ccm_piece *piece,
                              const ccm_regions *regions) {
  for (int32_t i = 0; call->batch.input_deltas && i < call->plan->input_count; ++i) {
    uint64_t bytes = float_bytes(&call->plan->inputs[i]);
    char *array = (char *)call->batch.input_deltas[i], *own = regions->input_deltas[i];
    int64_t from = piece->sample + piece->repeated, fresh = piece->block->samples - piece->repeated;
    if (array)
      memcpy(array + (uint64_t)from * bytes, own + (uint64_t)piece->repeated * bytes,
             (uint64_t)fresh * bytes);
  }
}
