// SPDX-License-Identifier: Apache-2.0
// Ways from tokens to a chosen number of tokens, which strategies share.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {

static int64_t widthOf(Value tokens) {
  return cast<RankedTensorType>(tokens.getType()).getShape().back();
}

Value attentionPool(PartBuilder &b, Value tokens, int64_t count) {
  Value mean = b.meanOfTokens(tokens);
  Value queries = b.positions("queries", b.broadcast(mean, count));
  Value mixed = b.dense("mix", b.attend(queries, tokens), widthOf(tokens));
  return b.add(queries, mixed);
}

Value spread(PartBuilder &b, Value tokens, int64_t count, int64_t width, int64_t pooled) {
  if (pooled == 0)
    return b.dense("spread", attentionPool(b, tokens, count), width);
  Value all = b.dense("spread", b.meanOfTokens(tokens), count * width);
  return b.reshape(all, {count, width});
}

double preferSpread(const Site &site, int64_t count, int64_t width, int64_t pooled) {
  double parameters = double(site.input.getShape().back()) * double(count) * double(width);
  return pooled == 0 ? 0.7 : preferBetween(parameters, 0, 1 << 22);
}

Value head(PartBuilder &b, Value tokens, int64_t hidden, int64_t outputs) {
  if (hidden > 0)
    tokens = b.gelu(b.dense("hidden", tokens, hidden));
  return b.dense("out", tokens, outputs, kOutputScale);
}

ArrayRef<Key> HeadStrategy::keys() const {
  static const Key keys[] = {{"hidden", false, 0, 65536}};
  return keys;
}

void HeadStrategy::propose(const Site &site, const Proposer &offer) const {
  int64_t width = site.input.getShape().back();
  for (int64_t times : {0, 1, 2, 4, 8, 16})
    if (!offer({{"hidden", times * width}}))
      break;
}

// A single token comes from dense steps already; four times the tokens' width is what the steps of
// blocks have.
bool HeadStrategy::bears(const Site &site, const Config &config) const {
  int64_t tokens = site.input.getShape()[1], width = site.input.getShape().back();
  return config.number("hidden") <= (tokens == 1 ? 0 : 4 * width);
}

Made HeadStrategy::build(PartBuilder &b, const Site &site, ValueRange inputs,
                         const Config &config) const {
  Value all = values(b, site, inputs[0], config.number("hidden"));
  return b.reshape(all, site.output.getShape().drop_front());
}

StringRef PooledHeadStrategy::scope() const {
  return "pointwise and low outputs whose positions are not an input's";
}

bool PooledHeadStrategy::accepts(const Site &site) const {
  return site.structure != Structure::High && !site.firstOfPositions();
}

} // namespace ccm
