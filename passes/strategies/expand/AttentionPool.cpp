// SPDX-License-Identifier: Apache-2.0
// R8: a learned query per position of the output attends to the tokens.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct AttentionPool : Strategy {
  StringRef name() const override { return "attention-pool"; }
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

  // For a single position the mean does as well.
  double prior(const Site &site, const Config &config) const override {
    double use = site.positionCount() == 1 ? 0.05 : 0.8;
    return use * preferHidden(site, config.number("hidden"));
  }

  Value build(PartBuilder &b, const Site &site, ValueRange inputs,
              const Config &config) const override {
    Value tokens = attentionPool(b, inputs[0], site.positionCount());
    Value values = head(b, tokens, config.number("hidden"), site.channels());
    return b.reshape(values, site.output.getShape().drop_front());
  }
};

} // namespace

const Strategy &attentionPooling() {
  static const AttentionPool strategy;
  return strategy;
}

} // namespace ccm
