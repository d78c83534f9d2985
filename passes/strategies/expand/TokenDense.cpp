// SPDX-License-Identifier: Apache-2.0
// An output whose positions are an input's: every token of that input gives its position.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct TokenDense : HeadStrategy {
  StringRef name() const override { return "token-dense"; }
  StringRef scope() const override {
    return "outputs that have the positions of the first low input, one token each";
  }
  bool accepts(const Site &site) const override { return site.firstOfPositions().has_value(); }
  bool causal() const override { return true; }
  bool needsTokenPerPosition() const override { return true; }

  Value values(PartBuilder &b, const Site &site, Value tokens, int64_t hidden) const override {
    return head(b, b.tokensFrom(tokens, *site.firstOfPositions(), site.positionCount()), hidden,
                site.channels());
  }
};

} // namespace

const Strategy &tokenDense() {
  static const TokenDense strategy;
  return strategy;
}

} // namespace ccm
