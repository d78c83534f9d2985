// SPDX-License-Identifier: Apache-2.0
// R8: a learned query per position of the output attends to the tokens.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct AttentionPool : PooledHeadStrategy {
  StringRef name() const override { return "attention-pool"; }

  // For a single position the mean does as well.
  double prior(const Site &site, const Config &config) const override {
    double use = site.positionCount() == 1 ? 0.05 : 0.8;
    return use;
  }

  Value values(PartBuilder &b, const Site &site, Value tokens, int64_t hidden) const override {
    return head(b, attentionPool(b, tokens, site.positionCount()), hidden, site.channels());
  }
};

} // namespace

const Strategy &attentionPooling() {
  static const AttentionPool strategy;
  return strategy;
}

} // namespace ccm
