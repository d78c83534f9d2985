// SPDX-License-Identifier: Apache-2.0
// R4: stages of 3-tap convolutions, then transformer blocks over the positions that they leave.
#include "passes/strategies/Stages.h"

using namespace mlir;

namespace ccm {
namespace {

/// Convolutions of a stage: with two of them a position sees 5 others along each axis.
constexpr int64_t kConvolutions = 2;

struct ConvAttention : Strategy {
  StringRef name() const override { return "conv-attention"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "continuous inputs of one to three dimensions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 1, 64}, {"stem", false, 1, 64}, {"widths", true, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override { return !site.discreteInput() && hasGrid(site); }

  // What one or two stages leave of the grid is for attention; more can be pinned.
  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t stem : {1, 2, 4, 8, 16})
      for (int64_t stages : {1, 2})
        if (suits(site, positionsAfter(site, stem, stages)))
          proposeWidths(stem, stages, offer);
  }

  // Convolutions find what is near and attention what is far, at the best accuracy per multiply-add
  // that was published; that took more data than most have. With less, what `conv-pyramid` knows of
  // grids counts for more, so it comes first.
  double prior(const Site &site, const Config &config) const override {
    int64_t stem = config.number("stem");
    ArrayRef<int64_t> widths = config.list("widths");
    double use = site.structure == Structure::High ? 0.5 : 0.35;
    return use * preferStem(site, stem) * preferAspect(widths.back(), config.number("depth")) *
           preferTokens(positionsAfter(site, stem, widths.size()));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    Value grid = convolveStages(b, site, inputs[0], config.number("stem"), config.list("widths"),
                                kConvolutions);
    return b.blocks("block", b.positions("positions", b.asTokens(grid)), config.number("depth"));
  }

private:
  /// Doubled from stage to stage, so that both cost the same.
  static void proposeWidths(int64_t stem, int64_t stages, const Proposer &offer) {
    proposeAxes(headedWidthLattice(), depthLattice(), [&](int64_t base, int64_t depth) {
      SmallVector<int64_t> widths{base};
      if (stages == 2)
        widths.push_back(2 * base);
      return offer({{"depth", depth}, {"stem", stem}, {"widths", widths}});
    });
  }
};

} // namespace

const Strategy &convAttention() {
  static const ConvAttention strategy;
  return strategy;
}

} // namespace ccm
