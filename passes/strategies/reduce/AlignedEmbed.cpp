// SPDX-License-Identifier: Apache-2.0
// Inputs aligned to low outputs meet on the outputs' positions: a token for each.
#include "passes/strategies/Alignment.h"

using namespace mlir;

namespace ccm {
namespace {

struct AlignedEmbed : Strategy {
  StringRef name() const override { return "aligned-embed"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override {
    return "inputs that meet on at most 1000 positions, without skips";
  }
  bool joins() const override { return true; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 0, 64}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.aligned.empty() && !site.givesSkips && site.positionCount() <= kMostTokens &&
           canMeet(site);
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeAxes(headedWidthLattice(), depthLatticeFromNone(), [&](int64_t width, int64_t depth) {
      return offer({{"depth", depth}, {"width", width}});
    });
  }

  double prior(const Site &site, const Config &config) const override {
    return preferAspect(config.number("width"), config.number("depth"));
  }

  // As for one input: what a position holds bounds what there is to combine.
  bool bears(const Site &site, const Config &config) const override {
    return config.number("width") <= widthFor(site.positionCount() * site.channels(), 64, 4096);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Meeting meeting = meet(b, site, inputs);
    Value mixed = meeting.joined ? b.dense("mix", meeting.joined, width) : Value();
    Value tokens = b.asTokens(addOthers(b, "mix", mixed, meeting, site.grid, width));
    if (config.number("depth") == 0)
      return tokens;
    return b.blocks("block", b.positions("positions", tokens), config.number("depth"));
  }
};

} // namespace

const Strategy &alignedEmbed() {
  static const AlignedEmbed strategy;
  return strategy;
}

} // namespace ccm
