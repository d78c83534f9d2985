// SPDX-License-Identifier: Apache-2.0
// Dense maps over tokens and over channels in turn, without attention.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

struct Mixer : Strategy {
  StringRef name() const override { return "mixer"; }
  StringRef kind() const override { return CoreOp::kind(); }
  StringRef scope() const override { return "cores of at least two tokens"; }
  bool accepts(const Site &site) const override { return site.groupTokens() > 1; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  void propose(const Site &site, const Proposer &offer) const override {
    proposeGrid(offer, headedWidthLattice(), depthLattice());
  }

  // What a token gets from another depends on their places alone, which takes more data than
  // attention to learn: taken where a declaration pins it, or where nothing else fits.
  double prior(const Site &site, const Config &config) const override {
    return 0.1 * preferAspect(config.number("width"), config.number("depth"));
  }

  // Maps over tokens know places by their weights, so no positions are added. Hidden steps are as
  // wide as the published ones: half of the width over tokens, four times over channels.
  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Value tokens =
        b.chain(b.joinGroups(inputs, width), config.number("depth"), [&](int64_t i, Value value) {
          std::string block = "block" + std::to_string(i);
          value = mix(b, block + ".tokens", value, width / 2, true);
          return mix(b, block + ".channels", value, 4 * width, false);
        });
    return b.layerNorm("norm", tokens);
  }

private:
  /// Adds what a map with one hidden step makes of each row, or of each column.
  static Value mix(PartBuilder &b, const std::string &name, Value tokens, int64_t hidden,
                   bool ofColumns) {
    Value rows = b.layerNorm(name + ".norm", tokens);
    rows = ofColumns ? b.transpose(rows) : rows;
    int64_t width = cast<RankedTensorType>(rows.getType()).getShape().back();
    rows = b.dense(name + ".down", b.gelu(b.dense(name + ".up", rows, hidden)), width);
    return b.add(tokens, ofColumns ? b.transpose(rows) : rows);
  }
};

} // namespace

const Strategy &mixer() {
  static const Mixer strategy;
  return strategy;
}

} // namespace ccm
