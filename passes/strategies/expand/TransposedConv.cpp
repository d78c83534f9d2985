// SPDX-License-Identifier: Apache-2.0
// X3: tokens along a signal, then transposed convolutions that lengthen it to the output.
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

/// Extents before each convolution and after the last, so that every one is at most the stride
/// times the one before.
SmallVector<int64_t> extentsFor(int64_t extent, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> extents{extent};
  for (int64_t stride : llvm::reverse(strides))
    extents.push_back((extents.back() - 1) / stride + 1);
  std::reverse(extents.begin(), extents.end());
  return extents;
}

struct TransposedConv : Strategy {
  StringRef name() const override { return "transposed-conv"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "high outputs of one dimension"; }

  bool accepts(const Site &site) const override {
    return site.structure == Structure::High && site.positions().size() == 1;
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

  // Fewer values than the output has cannot hold it; cropping wastes what was computed.
  double prior(const Site &site, const Config &config) const override {
    ArrayRef<int64_t> strides = config.list("strides");
    int64_t extent = site.positions()[0], tokens = extentsFor(extent, strides)[0];
    double held = double(tokens * config.number("width")) / double(extent * site.channels());
    double waste = double(tokens * productOf(strides)) / double(extent);
    return preferSpread(site, tokens, config.number("width"), config.number("pooled")) *
           preferBetween(held, 1, 16) * preferBetween(waste, 1, 1);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    ArrayRef<int64_t> strides = config.list("strides");
    SmallVector<int64_t> extents = extentsFor(site.positions()[0], strides);
    int64_t width = config.number("width");
    Value signal = spread(b, inputs[0], extents[0], width, config.number("pooled"));
    for (auto [stage, stride] : llvm::enumerate(strides)) {
      bool last = stage + 1 == strides.size();
      width = last ? site.channels() : std::max<int64_t>(width / 2, 16);
      signal =
          b.convTranspose("up" + std::to_string(stage), signal, width, stride, extents[stage + 1]);
      signal = last ? signal : b.relu(signal);
    }
    return signal;
  }

private:
  /// Offers every list of falling strides after `strides` that leaves 16 to 512 tokens.
  static void proposeLonger(const Site &site, SmallVector<int64_t> &strides,
                            const Proposer &offer) {
    for (int64_t stride : {8, 5, 4}) {
      if ((!strides.empty() && stride > strides.back()) || strides.size() == 6)
        continue;
      strides.push_back(stride);
      int64_t tokens = extentsFor(site.positions()[0], strides)[0];
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
