// SPDX-License-Identifier: Apache-2.0
// X3: tokens on a coarse grid, then transposed convolutions that stretch it to the output.
#include "passes/strategies/Stages.h"
#include "passes/strategies/expand/Spread.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

using Grid = SmallVector<int64_t>;

/// Positions before each convolution and after the last, so that every extent is at most the stride
/// times the one before.
SmallVector<Grid> gridsFor(const Site &site, ArrayRef<int64_t> strides) {
  SmallVector<Grid> grids{Grid(site.positions())};
  for (int64_t stride : llvm::reverse(strides))
    grids.push_back(windowsOver(grids.back(), stride));
  std::reverse(grids.begin(), grids.end());
  return grids;
}

/// Tokens that the first convolution starts from.
int64_t tokensFor(const Site &site, ArrayRef<int64_t> strides) {
  return productOf(gridsFor(site, strides).front());
}

struct TransposedConv : Strategy {
  StringRef name() const override { return "transposed-conv"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "high outputs of one to three dimensions"; }

  bool accepts(const Site &site) const override {
    return site.structure == Structure::High && hasGrid(site);
  }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"pooled", false, 0, 1}, {"strides", true, 2, 16}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    SmallVector<int64_t> strides;
    proposeLonger(site, strides, offer);
  }

  // Fewer values than the output has cannot hold it; cropping wastes what was computed. In a plane
  // or a volume the blocks of `unpatch` see further for the same cost.
  double prior(const Site &site, const Config &config) const override {
    ArrayRef<int64_t> strides = config.list("strides");
    int64_t tokens = tokensFor(site, strides), axes = site.positions().size();
    double extent = double(site.positionCount());
    double held = double(tokens * config.number("width")) / (extent * double(site.channels()));
    double waste = double(tokens) * std::pow(double(productOf(strides)), double(axes)) / extent;
    double use = axes == 1 ? 1.0 : 0.5;
    return use * preferSpread(site, tokens, config.number("width"), config.number("pooled")) *
           preferBetween(held, 1, 16) * preferBetween(waste, 1, 1);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    ArrayRef<int64_t> strides = config.list("strides");
    SmallVector<Grid> grids = gridsFor(site, strides);
    int64_t width = config.number("width");
    Value tokens = spread(b, inputs[0], productOf(grids[0]), width, config.number("pooled"));
    Grid shape = grids[0];
    shape.push_back(width);
    Value grid = b.reshape(tokens, shape);
    for (auto [stage, stride] : llvm::enumerate(strides)) {
      bool last = stage + 1 == strides.size();
      width = last ? site.channels() : std::max<int64_t>(width / 2, 16);
      grid = b.convTranspose("up" + std::to_string(stage), grid, width, stride, grids[stage + 1]);
      grid = last ? grid : b.relu(grid);
    }
    return grid;
  }

private:
  /// Strides worth a proposal: a plane or a volume grows by their square or cube.
  static ArrayRef<int64_t> stridesFor(const Site &site) {
    static const int64_t along[] = {8, 5, 4}, across[] = {4, 3, 2};
    return site.positions().size() == 1 ? ArrayRef(along) : ArrayRef(across);
  }

  /// Offers every list of falling strides after `strides` that leaves 16 to 512 tokens.
  static void proposeLonger(const Site &site, SmallVector<int64_t> &strides,
                            const Proposer &offer) {
    for (int64_t stride : stridesFor(site)) {
      if ((!strides.empty() && stride > strides.back()) || strides.size() == 6)
        continue;
      strides.push_back(stride);
      int64_t tokens = tokensFor(site, strides);
      if (site.pinned || (tokens >= 16 && tokens <= 512))
        proposeWidths(strides, offer);
      if (tokens >= 16)
        proposeLonger(site, strides, offer);
      strides.pop_back();
    }
  }

  static void proposeWidths(const SmallVector<int64_t> &strides, const Proposer &offer) {
    for (int64_t pooled : {1, 0})
      for (int64_t width : widthLattice())
        if (!offer({{"pooled", pooled}, {"strides", strides}, {"width", width}}))
          break;
  }
};

} // namespace

const Strategy &transposedConv() {
  static const TransposedConv strategy;
  return strategy;
}

} // namespace ccm
