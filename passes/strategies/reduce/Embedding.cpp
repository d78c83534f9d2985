// SPDX-License-Identifier: Apache-2.0
// R16: rows of a table for discrete inputs; windows of them where positions are many.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

/// A power of two that grows with the square root of the vocabulary: rows of rarer entries learn
/// less, so wide tables are not better ones.
int64_t usualWidth(int64_t vocabulary) {
  int64_t width = 16;
  while (width < 256 && width * width < 16 * vocabulary)
    width *= 2;
  return width;
}

struct Embedding : Strategy {
  StringRef name() const override { return "embedding"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "discrete inputs"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 0, 64}, {"width", false, 16, 4096, 16}, {"window", false, 1, 65536}};
    return keys;
  }

  bool causal() const override { return true; }
  bool accepts(const Site &site) const override { return site.discreteInput(); }

  std::string refuse(const Site &site, const Config &config) const override {
    if (site.causal && config.number("window") > 1)
      return "needs an input that is known before its element is";
    bool bare = config.number("window") == 1 && config.number("depth") == 0;
    return bare || !site.positions().empty() ? "" : "needs an input with positions";
  }

  void propose(const Site &site, const Proposer &offer) const override {
    if (site.positions().empty()) {
      for (int64_t width : {16, 32, 64, 128, 256})
        if (!offer({{"depth", 0}, {"width", width}, {"window", 1}}))
          break;
      return;
    }
    SmallVector<int64_t> windows = windowLattice(site.positions());
    windows.insert(windows.begin(), 1);
    for (int64_t window : windows) {
      if (window == 1 || suits(site, patchCount(site.positions(), window)))
        proposeWidths(window, offer);
    }
  }

  // One token per entry is best where the core affords it.
  double prior(const Site &site, const Config &config) const override {
    int64_t usual = usualWidth(site.vocabulary), width = config.number("width");
    double table = config.number("depth") == 0 ? preferBetween(double(width), usual, usual) : 1.0;
    return table * preferAspect(width, config.number("depth")) *
           preferBetween(double(config.number("window")), 1, 1);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Value rows = b.embedding("table", inputs[0], site.vocabulary, width);
    if (site.positions().empty())
      return b.reshape(rows, {1, width});
    if (config.number("window") > 1)
      rows = b.dense("join", b.patch(rows, config.number("window")), width);
    Value tokens = b.asTokens(rows);
    if (config.number("depth") == 0)
      return tokens;
    return b.blocks("block", b.positions("positions", tokens), config.number("depth"), site.causal);
  }

private:
  static void proposeWidths(int64_t window, const Proposer &offer) {
    proposeAxes(headedWidthLattice(), depthLatticeFromNone(), [&](int64_t width, int64_t depth) {
      return offer({{"depth", depth}, {"width", width}, {"window", window}});
    });
  }
};

} // namespace

const Strategy &embeddingTable() {
  static const Embedding strategy;
  return strategy;
}

} // namespace ccm
