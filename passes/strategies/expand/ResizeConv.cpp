// SPDX-License-Identifier: Apache-2.0
// X4: tokens on a coarse grid; in stages every position is repeated, then convolved.
#include "passes/strategies/Stages.h"
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

/// Extents of a grid that `stages` repetitions by `factor` bring to at least `positions`.
SmallVector<int64_t> extentsBefore(ArrayRef<int64_t> positions, int64_t factor, int64_t stages) {
  SmallVector<int64_t> extents(positions);
  for (int64_t i = 0; i < stages; ++i)
    extents = windowsOver(extents, factor);
  return extents;
}

struct ResizeConv : Strategy {
  StringRef name() const override { return "resize-conv"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "high outputs of one to three dimensions"; }

  bool accepts(const Site &site) const override {
    return site.structure == Structure::High && hasGrid(site);
  }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"factor", false, 2, 16},
                               {"pooled", false, 0, 1},
                               {"stages", false, 1, 12},
                               {"width", false, 16, 4096, 16}};
    return keys;
  }

  std::string refuse(const Site &site, const Config &config) const override {
    int64_t factor = config.number("factor"), stages = config.number("stages");
    SmallVector<int64_t> last = extentsBefore(site.positions(), factor, stages - 1);
    return llvm::any_of(last, [=](int64_t extent) { return extent < factor; })
               ? "repeats beyond the " + std::to_string(*llvm::min_element(site.positions())) +
                     " positions of an axis"
               : "";
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t factor : {2, 4})
      for (int64_t stages = 1; stages <= 8; ++stages)
        if (suits(site, productOf(extentsBefore(site.positions(), factor, stages))))
          for (int64_t pooled : {1, 0})
            for (int64_t width : widthLattice())
              if (!offer({{"factor", factor},
                          {"pooled", pooled},
                          {"stages", stages},
                          {"width", width}}))
                break;
  }

  // Smooth, without borders; but a convolution sees little of what lies beyond a repeated position,
  // and works on as many of them as a shuffle would on a coarser grid with more channels.
  double prior(const Site &site, const Config &config) const override {
    int64_t width = config.number("width"), factor = config.number("factor");
    int64_t tokens = productOf(extentsBefore(site.positions(), factor, config.number("stages")));
    double held = double(tokens * width) / double(site.positionCount() * site.channels());
    return 0.3 * preferSpread(site, tokens, width, config.number("pooled")) *
           preferBetween(held, 1, 16) * preferBetween(double(factor), 2, 2) * preferTokens(tokens);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t factor = config.number("factor"), width = config.number("width");
    SmallVector<int64_t> shape = extentsBefore(site.positions(), factor, config.number("stages"));
    Value tokens = spread(b, inputs[0], productOf(shape), width, config.number("pooled"));
    shape.push_back(width);
    Value grid = b.reshape(tokens, shape);
    SmallVector<int64_t> factors(site.positions().size(), factor);
    for (int64_t left = config.number("stages"); left-- > 0;) {
      width = std::max<int64_t>(width / 2, 16);
      grid = b.resample(grid, factors, extentsBefore(site.positions(), factor, left));
      grid = b.relu(convolveToNormal(b, "stage" + std::to_string(left), grid, width, 1));
    }
    return b.dense("out", grid, site.channels(), kOutputScale);
  }
};

} // namespace

const Strategy &resizeConv() {
  static const ResizeConv strategy;
  return strategy;
}

} // namespace ccm
