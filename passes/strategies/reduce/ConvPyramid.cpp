// SPDX-License-Identifier: Apache-2.0
// R3: 3-tap convolutions in stages; between stages the grid shrinks and the width grows.
#include "passes/strategies/Strategy.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

/// Shrinking along one axis between stages, so that every stage has a quarter of the positions.
int64_t shrinkOf(const Site &site) { return site.positions().size() == 1 ? 4 : 2; }

struct ConvPyramid : Strategy {
  StringRef name() const override { return "conv-pyramid"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "continuous inputs of one or two dimensions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 1, 64}, {"stem", false, 1, 64}, {"widths", true, 1, 4096}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    size_t rank = site.positions().size();
    return !site.discreteInput() && (rank == 1 || rank == 2);
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t stem : {1, 2, 4, 8, 16}) {
      int64_t window = stem;
      for (int64_t stages = 1; stages <= 6; ++stages, window *= shrinkOf(site)) {
        if (suits(site, patchCount(site.positions(), window)))
          proposeWidths(stem, stages, offer);
      }
    }
  }

  // Small data, a prior for translation and several scales speak for it; a stem that leaves few
  // positions blurs detail.
  double prior(const Site &site, const Config &config) const override {
    int64_t window = config.number("stem"), stages = config.list("widths").size();
    double seen = double(patchCount(site.positions(), window));
    double stem = preferBetween(seen, std::min(784.0, double(site.positionCount())), HUGE_VAL);
    double stack = preferBetween(double(stages * config.number("depth")), 2, 16);
    for (int64_t stage = 1; stage < stages; ++stage)
      window *= shrinkOf(site);
    // Channels take over what positions lose: a doubling per stage keeps the cost of stages even.
    double steps = double(config.list("widths").back()) / double(config.list("widths")[0]);
    double growth = std::sqrt(preferBetween(steps, double(1 << (stages - 1)), HUGE_VAL));
    double use = site.structure == Structure::High ? 1.0 : 0.7;
    return use * stem * stack * growth * preferTokens(patchCount(site.positions(), window));
  }

  Value build(PartBuilder &b, const Site &site, ValueRange inputs,
              const Config &config) const override {
    ArrayRef<int64_t> widths = config.list("widths");
    Value grid = inputs[0];
    if (config.number("stem") > 1)
      grid = b.relu(b.dense("stem", b.patch(grid, config.number("stem")), widths[0]));
    for (auto [stage, width] : llvm::enumerate(widths)) {
      std::string name = "stage" + std::to_string(stage);
      if (stage > 0)
        grid = b.relu(b.dense(name + ".down", b.patch(grid, shrinkOf(site)), width));
      grid = convolve(b, name, grid, width, config.number("depth"));
    }
    return b.asTokens(grid);
  }

private:
  /// Doubling widths make all stages cost the same. Where little can be paid for, other steps fill
  /// the gaps between those.
  static void proposeWidths(int64_t stem, int64_t stages, const Proposer &offer) {
    for (int64_t base : widthLattice()) {
      SmallVector<int64_t> widths{base};
      while (int64_t(widths.size()) < stages)
        widths.push_back(2 * widths.back());
      if (widths.back() > 4096 || !proposeDepths(stem, widths, 8, offer))
        break;
    }
    for (int64_t base : {16, 32, 48}) {
      SmallVector<int64_t> widths{base};
      proposeSteps(stem, widths, stages, offer);
    }
  }

  /// Every way to keep, double or quadruple the width from stage to stage.
  static void proposeSteps(int64_t stem, SmallVector<int64_t> &widths, int64_t stages,
                           const Proposer &offer) {
    if (int64_t(widths.size()) == std::min<int64_t>(stages, 4)) {
      proposeDepths(stem, widths, 4, offer);
      return;
    }
    for (int64_t step : {1, 2, 4}) {
      widths.push_back(step * widths.back());
      proposeSteps(stem, widths, stages, offer);
      widths.pop_back();
    }
  }

  /// Whether at least the shallowest fits.
  static bool proposeDepths(int64_t stem, const SmallVector<int64_t> &widths, int64_t most,
                            const Proposer &offer) {
    int64_t depth = 1;
    while (depth <= most && offer({{"depth", depth}, {"stem", stem}, {"widths", widths}}))
      ++depth;
    return depth > 1;
  }

  /// `depth` convolutions that keep the grid; from the third on each adds to what it is given, so
  /// that deltas reach the first ones undiminished.
  static Value convolve(PartBuilder &b, StringRef name, Value grid, int64_t width, int64_t depth) {
    size_t rank = cast<RankedTensorType>(grid.getType()).getRank() - 2;
    SmallVector<int64_t> taps(rank, 3), ones(rank, 1);
    auto convolution = [&](int64_t i, Value value) {
      return b.relu(b.conv((name + ".conv" + Twine(i)).str(), value, width, taps, ones, ones));
    };
    for (int64_t i = 0; i < std::min<int64_t>(depth, 2); ++i)
      grid = convolution(i, grid);
    grid = b.chain(grid, std::max<int64_t>(depth - 2, 0),
                   [&](int64_t i, Value value) { return b.add(value, convolution(i + 2, value)); });
    return grid;
  }
};

} // namespace

const Strategy &convPyramid() {
  static const ConvPyramid strategy;
  return strategy;
}

} // namespace ccm
