// SPDX-License-Identifier: Apache-2.0
// An output whose positions are an input's: every token of that input gives its position.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct TokenDense : Strategy {
  StringRef name() const override { return "token-dense"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override {
    return "outputs that have the positions of the first low input, one token each";
  }

  bool accepts(const Site &site) const override { return site.hasTokenPerPosition(); }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"hidden", false, 0, 65536}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeHidden(site, offer);
  }

  double prior(const Site &site, const Config &config) const override {
    return preferHidden(site, config.number("hidden"));
  }

  Value build(PartBuilder &b, const Site &site, ValueRange inputs,
              const Config &config) const override {
    Value tokens = b.firstTokens(inputs[0], site.positionCount());
    Value values = head(b, tokens, config.number("hidden"), site.channels());
    return b.reshape(values, site.output.getShape().drop_front());
  }
};

} // namespace

const Strategy &tokenDense() {
  static const TokenDense strategy;
  return strategy;
}

} // namespace ccm
