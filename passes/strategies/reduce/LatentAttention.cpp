// SPDX-License-Identifier: Apache-2.0
// R6: learned queries, the latents, attend to every position of the input, then blocks over them;
// R8 with none.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

/// Every position has a row of a table, and a score with every latent.
constexpr int64_t kMostPositions = 65536;

struct LatentAttention : Strategy {
  StringRef name() const override { return "latent-attention"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "inputs of 2 to 65536 positions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 0, 64},
                               {"latents", false, 1, kMostTokens},
                               {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.positions().empty() && site.positionCount() <= kMostPositions;
  }

  // As many latents as positions would reduce nothing.
  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t latents : {16, 32, 64, 128, 256})
      if (site.pinned || latents < site.positionCount())
        proposeWidths(latents, offer);
  }

  // Which positions are neighbours has to be learned from their table, for which most data is too
  // little: at raw positions it does worse per multiply-add than what knows the grid. It serves
  // where there is no grid to know; of a text even wide windows keep the order.
  double prior(const Site &site, const Config &config) const override {
    double use = site.discreteInput() ? 0.1 : 0.3;
    return use * preferAspect(config.number("width"), config.number("depth")) *
           preferTokens(config.number("latents"));
  }

  // Normalized, so that no position is attended to for the size of its values alone.
  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Value values = site.discreteInput() ? b.embedding("table", inputs[0], site.vocabulary, width)
                                        : b.dense("embed", inputs[0], width);
    Value tokens = b.layerNorm("norm", b.positions("positions", b.asTokens(values)));
    Value latents = attentionPool(b, tokens, config.number("latents"));
    return b.blocks("block", latents, config.number("depth"));
  }

private:
  static void proposeWidths(int64_t latents, const Proposer &offer) {
    proposeAxes(headedWidthLattice(), depthLatticeFromNone(), [&](int64_t width, int64_t depth) {
      return offer({{"depth", depth}, {"latents", latents}, {"width", width}});
    });
  }
};

} // namespace

const Strategy &latentAttention() {
  static const LatentAttention strategy;
  return strategy;
}

} // namespace ccm
