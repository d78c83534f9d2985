// SPDX-License-Identifier: Apache-2.0
// Attention in heads. Scores are laid out [batch, head, key, query]: the softmax over keys is then
// a reduction of columns, vectors running over queries.
#include "ir/Ccm.h"
#include "ir/primitives/Views.h"
#include <cmath>

using namespace mlir;

namespace ccm {

LogicalResult AttentionOp::verify() {
  auto query = getQuery().getType(), key = getKey().getType();
  if (query.getRank() != 3 || key.getRank() != 3 || query.getDimSize(2) != key.getDimSize(2))
    return emitOpError() << "expects a query [batch, queries, width] and a key [batch, keys, width]"
                         << ", got " << query << " and " << key << " (C1)";
  int64_t heads = getHeads();
  if (heads < 1 || query.getDimSize(2) % heads)
    return emitOpError() << "expects heads that divide the width " << query.getDimSize(2)
                         << ", got " << heads << " (C2)";
  if (getCausal() && query.getDimSize(1) != key.getDimSize(1))
    return emitOpError() << "expects as many queries as keys when causal, got "
                         << query.getDimSize(1) << " and " << key.getDimSize(1) << " (C3)";
  return success();
}

namespace {

constexpr auto same = [](ArrayRef<Scalar> s) { return s[0]; };
constexpr auto product = [](ArrayRef<Scalar> s) { return s[0] * s[1]; };

/// The nests that forward and backward have in common. Values are [batch, position, head, width];
/// loops are b, h, i (query), j (key) and e (width of a head).
struct Heads {
  NestBuilder &b;
  int64_t heads;
  bool causal;
  double scale;

  Heads(NestBuilder &b, AttentionOp op)
      : b(b), heads(op.getHeads()), causal(op.getCausal()),
        scale(1.0 / std::sqrt(double(op.getQuery().getType().getDimSize(2) / heads))) {}

  /// [batch, position, (head, width)] apart.
  Value split(Value value) const {
    ArrayRef<int64_t> extents = shapeOf(value);
    return b.reshape(value, {extents[0], extents[1], heads, extents[2] / heads});
  }

  /// Queries, or what is laid out like them, innermost and scaled: what scores are vectors of.
  Value transposed(Value value) const {
    return b.map("b i h e -> b h e i", value, [&](ArrayRef<Scalar> s) { return s[0] * scale; });
  }

  /// Products of every key with every query; those after the query are excluded when causal.
  Value scores(Value keys, Value queries) const {
    Value all = b.contract("b j h e, b h e i -> b h j i", keys, queries);
    if (!causal)
      return all;
    return b.map("b h j i, #j, #i -> b h j i", all,
                 [](ArrayRef<Scalar> s) { return select(s[1] > s[2], -1e30, s[0]); });
  }
};

/// exp(score - largest score of the query), and what makes the sum over a query's keys 1.
struct Weights {
  Value power, factor;

  Weights(NestBuilder &b, Value scores) {
    Value top = b.maximum("b h j i -> b h i", scores, same);
    power = b.map("b h j i, b h i -> b h j i", {scores, top},
                  [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
    Value total = b.sum("b h j i -> b h i", power, same);
    factor = b.map("b h i -> b h i", total, [](ArrayRef<Scalar> s) { return 1.0 / s[0]; });
  }
};

} // namespace

LogicalResult AttentionOp::buildForward(ForwardBuilder &b) {
  Heads h(b, *this);
  Weights weights(b, h.scores(h.split(b.input(1)), h.transposed(h.split(b.input(0)))));
  Value seen = b.contract("b h j i, b j h e -> b i h e", weights.power, h.split(b.input(2)));
  Value y = b.map("b i h e, b h i -> b i h e", {seen, weights.factor}, product);
  return b.output(b.reshape(y, shapeOf(b.input(0))));
}

// ---- One position
// --------------------------------------------------------------------------------

/// Keys lie by channel, so that scores of one query are vectors over keys; values lie by position.
void AttentionOp::buildCaches(ForwardBuilder &b) {
  b.keep(b.map("b v c -> b c v", b.input(1), same));
  b.keep(b.input(2));
}

LogicalResult AttentionOp::buildStep(StepBuilder &b) {
  if (!getCausal() || !b.input(0) || !b.input(1) || !b.input(2))
    return emitOpError() << "expects to be causal, over the positions of a sequence";
  Heads h(b, *this);
  int64_t positions = getKey().getType().getDimSize(1), width = getKey().getType().getDimSize(2);
  int64_t batch = b.batch(), seen = b.first + b.context;
  Value keys = b.remember("b t, b t c -> b c v", "v", b.input(1), {width, positions});
  Value values = b.remember("b t, b t c -> b v c", "v", b.input(2), {positions, width});
  keys = b.slice(b.reshape(keys, {batch, h.heads, width / h.heads, positions}), {0, 0, 0, 0},
                 {batch, h.heads, width / h.heads, seen});
  values = b.slice(b.reshape(values, {batch, positions, h.heads, width / h.heads}), {0, 0, 0, 0},
                   {batch, seen, h.heads, width / h.heads});
  Value query = b.reshape(b.input(0), {batch, h.heads, width / h.heads});
  query = b.map("b h e -> b h e", query, [&](ArrayRef<Scalar> s) { return s[0] * h.scale; });
  Value all = b.contract("b h e, b h e j -> b h j", query, keys);
  Value scores = b.map("b h j, b 0, #j -> b h j", {all, b.position}, [&](ArrayRef<Scalar> s) {
    return select(s[2] > toIndex(s[1]) + double(b.first), -1e30, s[0]);
  });
  Value top = b.maximum("b h j -> b h", scores, same);
  Value power = b.map("b h j, b h -> b h j", {scores, top},
                      [](ArrayRef<Scalar> s) { return exp(s[0] - s[1]); });
  Value total = b.sum("b h j -> b h", power, same);
  Value mixed = b.contract("b h j, b j h e -> b h e", power, values);
  Value y = b.map("b h e, b h -> b h e", {mixed, total},
                  [](ArrayRef<Scalar> s) { return s[0] * (1.0 / s[1]); });
  return b.output(b.reshape(y, {batch, 1, width}));
}

/// Computes the weights again: a head's scores are quicker made than kept.
LogicalResult AttentionOp::buildBackward(BackwardBuilder &b) {
  Heads h(b, *this);
  Value query = h.split(b.input(0)), key = h.split(b.input(1)), value = h.split(b.input(2));
  Value dy = h.split(b.outputDelta());
  Weights parts(b, h.scores(key, h.transposed(query)));
  Value weights = b.map("b h j i, b h i -> b h j i", {parts.power, parts.factor}, product);
  if (b.wants(2)) {
    Value dv = b.contract("b h j i, b i h e -> b j h e", weights, dy);
    b.setDelta(2, b.reshape(dv, shapeOf(b.input(2))));
  }
  if (!b.wants(0) && !b.wants(1))
    return success();
  // The scale of the scores is in the transposed output delta already.
  Value slopes = b.contract("b j h e, b h e i -> b h j i", value, h.transposed(dy));
  Value mean = b.sum("b h j i, b h j i -> b h i", {weights, slopes}, product);
  Value ds = b.map("b h j i, b h j i, b h i -> b h j i", {weights, slopes, mean},
                   [](ArrayRef<Scalar> s) { return s[0] * (s[1] - s[2]); });
  if (b.wants(0)) {
    Value dq = b.contract("b h j i, b j h e -> b i h e", ds, key);
    b.setDelta(0, b.reshape(dq, shapeOf(b.input(0))));
  }
  if (b.wants(1)) {
    Value dk = b.contract("b h j i, b i h e -> b j h e", ds, query);
    b.setDelta(1, b.reshape(dk, shapeOf(b.input(1))));
  }
  return success();
}

} // namespace ccm
