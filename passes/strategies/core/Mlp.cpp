// SPDX-License-Identifier: Apache-2.0
// Dense steps over a single token.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

struct Mlp : Strategy {
  StringRef name() const override { return "mlp"; }
  StringRef kind() const override { return CoreOp::kind(); }
  StringRef scope() const override { return "cores of single tokens, one of each input"; }
  bool accepts(const Site &site) const override { return site.hasSingleTokens(); }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64}, {"width", false, 16, 16384, 16}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeGrid(offer, widthLattice(), {1, 2, 3, 4, 5, 6, 7, 8});
  }

  // Two to four hidden steps fit most tables; width beyond is cheaper to train than depth.
  double prior(const Site &site, const Config &config) const override {
    return preferBetween(double(config.number("depth")), 2, 4);
  }

  // Few numbers hold little to combine: width and depth beyond only fit their noise.
  bool bears(const Site &site, const Config &config) const override {
    return config.number("width") <= widthFor(site.given, 64, 512) &&
           config.number("depth") <= (site.given < 32 ? 2 : 4);
  }

  // From the second step on each adds to what it is given, so that depth does not starve deltas.
  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Value token = b.gelu(b.dense("dense0", together(b, inputs), width));
    token = b.chain(token, config.number("depth") - 1, [&](int64_t i, Value value) {
      return b.add(value, b.gelu(b.dense("dense" + std::to_string(i + 1), value, width)));
    });
    return token;
  }

private:
  /// One token of all inputs', side by side.
  static Value together(PartBuilder &b, ValueRange inputs) {
    if (inputs.size() == 1)
      return inputs[0];
    int64_t width = 0;
    for (Value input : inputs)
      width = std::max(width, cast<RankedTensorType>(input.getType()).getShape().back());
    return b.reshape(b.joinGroups(inputs, width), {1, int64_t(inputs.size()) * width});
  }
};

} // namespace

const Strategy &mlp() {
  static const Mlp strategy;
  return strategy;
}

} // namespace ccm
