// SPDX-License-Identifier: Apache-2.0
// X7: the mean of the tokens, then a dense head that gives all of the output.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct PoolDense : Strategy {
  StringRef name() const override { return "pool-dense"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override {
    return "pointwise and low outputs whose positions are not an input's";
  }

  bool accepts(const Site &site) const override {
    return site.structure != Structure::High && !site.hasTokenPerPosition();
  }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"hidden", false, 0, 65536}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeHidden(site, offer);
  }

  // One vector for all positions is little to tell them apart by.
  double prior(const Site &site, const Config &config) const override {
    return preferBetween(double(site.positionCount()), 1, 4) *
           preferHidden(site, config.number("hidden"));
  }

  Value build(PartBuilder &b, const Site &site, ValueRange inputs,
              const Config &config) const override {
    int64_t outputs = site.positionCount() * site.channels();
    Value all = head(b, b.meanOfTokens(inputs[0]), config.number("hidden"), outputs);
    return b.reshape(all, site.output.getShape().drop_front());
  }
};

} // namespace

const Strategy &poolDense() {
  static const PoolDense strategy;
  return strategy;
}

} // namespace ccm
