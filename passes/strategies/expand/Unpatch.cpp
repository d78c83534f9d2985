// SPDX-License-Identifier: Apache-2.0
// X1: a token per window of the output, blocks over them, and an affine map to the window's values.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

struct Unpatch : Strategy {
  StringRef name() const override { return "unpatch"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "high outputs"; }
  bool accepts(const Site &site) const override { return site.structure == Structure::High; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 0, 64},
                               {"patch", false, 1, 65536},
                               {"pooled", false, 0, 1},
                               {"width", false, 16, 4096, 16}};
    return keys;
  }

  std::string refuse(const Site &site, const Config &config) const override {
    return refuseWindow(site.positions(), "patch", config.number("patch"));
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t patch : windowLattice(site.positions())) {
      if (!suits(site, patchCount(site.positions(), patch)))
        continue;
      for (int64_t pooled : {1, 0})
        proposeWidths(patch, pooled, offer);
    }
  }

  // Cheapest, but windows do not see each other's borders; along a signal that is heard.
  double prior(const Site &site, const Config &config) const override {
    int64_t patch = config.number("patch"), tokens = patchCount(site.positions(), patch);
    double held =
        double(tokens * config.number("width")) / double(site.positionCount() * site.channels());
    double use = site.positions().size() == 1 ? 0.5 : 1.0;
    return use * preferSpread(site, tokens, config.number("width"), config.number("pooled")) *
           preferAspect(config.number("width"), config.number("depth")) *
           preferBetween(held, 1, 16) * preferTokens(tokens);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t patch = config.number("patch");
    ArrayRef<int64_t> positions = site.positions();
    SmallVector<int64_t> grid = windowsOver(positions, patch);
    Value tokens =
        spread(b, inputs[0], productOf(grid), config.number("width"), config.number("pooled"));
    tokens = b.blocks("block", tokens, config.number("depth"));
    int64_t values = site.channels() * productOf(SmallVector<int64_t>(positions.size(), patch));
    grid.push_back(values);
    Value windows = b.reshape(b.dense("out", tokens, values, kOutputScale), grid);
    return b.unpatch(windows, patch, positions);
  }

private:
  static void proposeWidths(int64_t patch, int64_t pooled, const Proposer &offer) {
    proposeAxes(headedWidthLattice(), depthLatticeFromNone(), [&](int64_t width, int64_t depth) {
      return offer({{"depth", depth}, {"patch", patch}, {"pooled", pooled}, {"width", width}});
    });
  }
};

} // namespace

const Strategy &unpatchDense() {
  static const Unpatch strategy;
  return strategy;
}

} // namespace ccm
