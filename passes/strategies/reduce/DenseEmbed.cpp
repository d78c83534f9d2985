// SPDX-License-Identifier: Apache-2.0
// Every position of a continuous input becomes a token by one affine map; then blocks, or for a
// pointwise input more dense steps.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

struct DenseEmbed : Strategy {
  StringRef name() const override { return "dense-embed"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "continuous inputs of at most 1000 positions"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 0, 64}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.discreteInput() && site.positionCount() <= kMostTokens;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t width : headedWidthLattice()) {
      if (!offer({{"depth", 0}, {"width", width}}))
        break;
      for (int64_t depth : depthLattice())
        if (depth > (site.positions().empty() ? 4 : 24) ||
            !offer({{"depth", depth}, {"width", width}}))
          break;
    }
  }

  // Nothing is lost, so it is the first choice for low structure.
  double prior(const Site &site, const Config &config) const override {
    double use = site.structure == Structure::High ? 0.5 : 1.0;
    return use * preferAspect(config.number("width"), config.number("depth")) *
           preferBetween(double(site.positionCount()), 1, 256);
  }

  // A number or some bear no wide or deep map of their own: the core combines them.
  bool bears(const Site &site, const Config &config) const override {
    int64_t numbers = site.positionCount() * site.channels(), width = config.number("width");
    if (site.positions().empty())
      return width <= widthFor(numbers, 32, 256) &&
             config.number("depth") <= (numbers < 16 ? 0 : 2);
    return width <= widthFor(numbers, 64, 4096);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    if (site.positions().empty())
      return b.reshape(perceive(b, b.reshape(inputs[0], site.channels()), config),
                       {1, config.number("width")});
    Value tokens = b.dense("embed", b.asTokens(inputs[0]), config.number("width"));
    if (config.number("depth") == 0)
      return tokens;
    return b.blocks("block", b.positions("positions", tokens), config.number("depth"));
  }

private:
  static Value perceive(PartBuilder &b, Value values, const Config &config) {
    values = b.dense("embed", values, config.number("width"));
    for (int64_t i = 0; i < config.number("depth"); ++i)
      values = b.dense("dense" + std::to_string(i), b.gelu(values), config.number("width"));
    return values;
  }
};

} // namespace

const Strategy &denseEmbed() {
  static const DenseEmbed strategy;
  return strategy;
}

} // namespace ccm
