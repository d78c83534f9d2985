// SPDX-License-Identifier: Apache-2.0
// R3: 3-tap convolutions in stages; between stages the grid shrinks and the width grows.
#include "passes/strategies/Stages.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

struct ConvPyramid : Strategy {
  StringRef name() const override { return "conv-pyramid"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "continuous inputs of one to three dimensions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 1, 64}, {"stem", false, 1, 64}, {"widths", true, 1, 4096}};
    return keys;
  }

  bool accepts(const Site &site) const override { return !site.discreteInput() && hasGrid(site); }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t stem : {1, 2, 4, 8, 16})
      for (int64_t stages = 1; stages <= 6; ++stages)
        if (suits(site, positionsAfter(site, stem, stages)))
          proposeWidths(stem, stages, offer);
  }

  // Small data, a prior for translation and several scales speak for it.
  double prior(const Site &site, const Config &config) const override {
    int64_t stem = config.number("stem"), stages = config.list("widths").size();
    double stack = preferBetween(double(stages * config.number("depth")), 2, 16);
    // Channels take over what positions lose: a doubling per stage keeps the cost of stages even.
    double steps = double(config.list("widths").back()) / double(config.list("widths")[0]);
    double growth = std::sqrt(preferBetween(steps, double(1 << (stages - 1)), HUGE_VAL));
    double use = site.structure == Structure::High ? 1.0 : 0.7;
    return use * preferStem(site, stem) * stack * growth *
           preferTokens(positionsAfter(site, stem, stages));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    return b.asTokens(convolveStages(b, site, inputs[0], config.number("stem"),
                                     config.list("widths"), config.number("depth")));
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
};

} // namespace

const Strategy &convPyramid() {
  static const ConvPyramid strategy;
  return strategy;
}

} // namespace ccm
