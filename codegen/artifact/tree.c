/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which the deltas of shards are summed, and where they lie until then. */
#include "codegen/artifact/artifact.h"

void ccm_begin_tree(ccm_tree *tree, int32_t shards) {
  tree->shards = shards;
  tree->shard = 0;
  tree->taken = 0;
  tree->count = 0;
  for (int32_t level = 0; level < CCM_MAX_LEVELS; ++level)
    tree->waiting[level] = -1;
}

int8_t ccm_take_slot(ccm_tree *tree) {
  int8_t slot = (int8_t)__builtin_ctz(~tree->taken);
  tree->taken |= 1u << slot;
  return slot;
}

/* Adds `from` to `into`, which comes before it in the batch. */
static int8_t add(ccm_tree *tree, int8_t into, int8_t from) {
  tree->additions[tree->count++] = (ccm_addition){into, from};
  tree->taken &= ~(1u << from);
  return into;
}

void ccm_join_shard(ccm_tree *tree, int8_t slot) {
  int32_t level = 0;
  for (; tree->waiting[level] >= 0; ++level) {
    slot = add(tree, tree->waiting[level], slot);
    tree->waiting[level] = -1;
  }
  tree->waiting[level] = slot;
  if (++tree->shard < tree->shards)
    return;
  /* The last one: what waits has no other half. */
  for (int32_t above = level + 1; above < CCM_MAX_LEVELS; ++above)
    if (tree->waiting[above] >= 0)
      slot = add(tree, tree->waiting[above], slot);
}
