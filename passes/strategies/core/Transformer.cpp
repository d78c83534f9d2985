// SPDX-License-Identifier: Apache-2.0
// Self-attention blocks over the tokens of all inputs.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

struct Transformer : Strategy {
  StringRef name() const override { return "transformer"; }
  StringRef kind() const override { return CoreOp::kind(); }
  StringRef scope() const override { return "cores of at least two tokens"; }
  bool accepts(const Site &site) const override { return site.groupTokens() > 1; }

  bool causal() const override { return true; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeGrid(offer, headedWidthLattice(), depthLattice());
  }

  // As for dense steps: what is given bounds what there is to combine.
  bool bears(const Site &site, const Config &config) const override {
    return config.number("width") <= widthFor(site.given, 64, 4096) &&
           (!site.hasSingleTokens() || config.number("depth") <= 4);
  }

  // Single tokens of inputs have no places among others; dense steps over all of them do better.
  // Beyond six tokens per value of width, most of the work is scores instead of dense maps; with
  // less than two heads a token attends to one thing at a time.
  double prior(const Site &site, const Config &config) const override {
    double perWidth = double(site.groupTokens()) / double(config.number("width"));
    return (site.hasSingleTokens() ? 0.3 : 1.0) *
           preferAspect(config.number("width"), config.number("depth")) *
           preferBetween(perWidth, 0, 6) * preferBetween(double(config.number("width")), 64, 1e9);
  }

  // Positions are added to all tokens together: they also tell the groups apart.
  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    Value tokens = b.positions("positions", b.joinGroups(inputs, config.number("width")));
    return b.layerNorm("norm", b.blocks("block", tokens, config.number("depth"), site.causal));
  }
};

} // namespace

const Strategy &transformer() {
  static const Transformer strategy;
  return strategy;
}

} // namespace ccm
