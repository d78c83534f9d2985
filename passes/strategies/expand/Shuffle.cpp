// SPDX-License-Identifier: Apache-2.0
// X2: tokens on a coarse grid, convolutions over it, and every position unfolds into a window.
#include "passes/strategies/Stages.h"
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct Shuffle : Strategy {
  StringRef name() const override { return "shuffle"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "low and high outputs of one to three dimensions"; }

  bool accepts(const Site &site) const override { return hasGrid(site); }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64},
                               {"factor", false, 2, 1024},
                               {"pooled", false, 0, 1},
                               {"width", false, 16, 4096, 16}};
    return keys;
  }

  std::string refuse(const Site &site, const Config &config) const override {
    return refuseWindow(site.positions(), "factor", config.number("factor"));
  }

  // Low outputs have heads that see all tokens at every position: for them only where pinned.
  void propose(const Site &site, const Proposer &offer) const override {
    if (site.structure != Structure::High && !site.pinned)
      return;
    for (int64_t factor : windowLattice(site.positions()))
      if (suits(site, patchCount(site.positions(), factor)))
        for (int64_t pooled : {1, 0})
          proposeWidths(factor, pooled, offer);
  }

  // Windows see their neighbours, so borders show less; but what lies further apart than the
  // convolutions reach is made apart, unlike by the blocks of `unpatch`, and all detail appears in
  // one step, unlike in the stages of `transposed-conv`.
  double prior(const Site &site, const Config &config) const override {
    int64_t width = config.number("width"), pooled = config.number("pooled");
    int64_t tokens = patchCount(site.positions(), config.number("factor"));
    double held = double(tokens * width) / double(site.positionCount() * site.channels());
    double stack = preferBetween(double(config.number("depth")), 1, 4);
    return 0.35 * preferSpread(site, tokens, width, pooled) * stack * preferBetween(held, 1, 16) *
           preferTokens(tokens);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t factor = config.number("factor"), width = config.number("width");
    ArrayRef<int64_t> positions = site.positions();
    SmallVector<int64_t> shape = windowsOver(positions, factor);
    Value tokens = spread(b, inputs[0], productOf(shape), width, config.number("pooled"));
    shape.push_back(width);
    Value normal =
        convolveToNormal(b, "grid", b.reshape(tokens, shape), width, config.number("depth"));
    int64_t values = site.channels() * productOf(SmallVector<int64_t>(positions.size(), factor));
    Value windows = b.dense("out", b.relu(normal), values, kOutputScale);
    return b.unpatch(windows, factor, positions);
  }

private:
  static void proposeWidths(int64_t factor, int64_t pooled, const Proposer &offer) {
    proposeAxes(widthLattice(), {1, 2, 4, 8}, [&](int64_t width, int64_t depth) {
      return offer({{"depth", depth}, {"factor", factor}, {"pooled", pooled}, {"width", width}});
    });
  }
};

} // namespace

const Strategy &shuffle() {
  static const Shuffle strategy;
  return strategy;
}

} // namespace ccm
