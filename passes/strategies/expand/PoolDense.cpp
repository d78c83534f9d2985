// SPDX-License-Identifier: Apache-2.0
// X7: the mean of the tokens, then a dense head that gives all of the output.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct PoolDense : PooledHeadStrategy {
  StringRef name() const override { return "pool-dense"; }

  // One vector for all positions is little to tell them apart by.
  double prior(const Site &site, const Config &config) const override {
    return preferBetween(double(site.positionCount()), 1, 4);
  }

  Value values(PartBuilder &b, const Site &site, Value tokens, int64_t hidden) const override {
    return head(b, b.meanOfTokens(tokens), hidden, site.positionCount() * site.channels());
  }
};

} // namespace

const Strategy &poolDense() {
  static const PoolDense strategy;
  return strategy;
}

} // namespace ccm
