// SPDX-License-Identifier: Apache-2.0
// R2: windows of the grid become tokens, then transformer blocks of their own.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

struct PatchEmbed : Strategy {
  StringRef name() const override { return "patch-embed"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "continuous inputs with positions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 0, 64}, {"patch", false, 1, 65536}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.discreteInput() && !site.positions().empty();
  }

  std::string refuse(const Site &site, const Config &config) const override {
    return refuseWindow(site.positions(), "patch", config.number("patch"));
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t patch : windowLattice(site.positions())) {
      if (!suits(site, patchCount(site.positions(), patch)))
        continue;
      proposeAxes(headedWidthLattice(), depthLatticeFromNone(), [&](int64_t width, int64_t depth) {
        return offer({{"depth", depth}, {"patch", patch}, {"width", width}});
      });
    }
  }

  // Needs much data, and fine detail is lost in large patches.
  double prior(const Site &site, const Config &config) const override {
    int64_t window =
        productOf(SmallVector<int64_t>(site.positions().size(), config.number("patch")));
    return 0.6 * preferAspect(config.number("width"), config.number("depth")) *
           preferBetween(double(window * site.channels()), 1, 768) *
           preferTokens(patchCount(site.positions(), config.number("patch")));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    Value patches = b.asTokens(b.patch(inputs[0], config.number("patch")));
    Value tokens = b.dense("embed", patches, config.number("width"));
    if (config.number("depth") == 0)
      return tokens;
    return b.blocks("block", b.positions("positions", tokens), config.number("depth"));
  }
};

} // namespace

const Strategy &patchEmbed() {
  static const PatchEmbed strategy;
  return strategy;
}

} // namespace ccm
