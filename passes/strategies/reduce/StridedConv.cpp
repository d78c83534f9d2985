// SPDX-License-Identifier: Apache-2.0
// R13: raw strided convolutions of constant width over a signal, 10 taps by 5 first, then 3 by 2.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

/// Positions after the first convolution and `stages` more, 0 when the signal is too short.
int64_t tokensAfter(int64_t extent, int64_t stages) {
  extent = extent < 10 ? 0 : (extent - 10) / 5 + 1;
  for (int64_t i = 0; i < stages; ++i)
    extent = extent < 3 ? 0 : (extent - 3) / 2 + 1;
  return extent;
}

struct StridedConv : Strategy {
  StringRef name() const override { return "strided-conv"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override {
    return "continuous inputs of one dimension with at least 20 positions";
  }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"stages", false, 1, 24}, {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.discreteInput() && site.positions().size() == 1 &&
           tokensAfter(site.positions()[0], 1) > 0;
  }

  std::string refuse(const Site &site, const Config &config) const override {
    int64_t extent = site.positions()[0];
    if (tokensAfter(extent, config.number("stages")) > 0)
      return {};
    int64_t most = 1;
    while (tokensAfter(extent, most + 1) > 0)
      ++most;
    return "leaves none of " + std::to_string(extent) + " positions; expects at most " +
           std::to_string(most) + (most == 1 ? " stage" : " stages");
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t stages = 1; stages <= 12; ++stages) {
      if (!suits(site, tokensAfter(site.positions()[0], stages)))
        continue;
      for (int64_t width : widthLattice())
        if (!offer({{"stages", stages}, {"width", width}}))
          break;
    }
  }

  // A learned front end is at its best on signals whose phase matters.
  double prior(const Site &site, const Config &config) const override {
    double use = site.structure == Structure::High ? 1.0 : 0.7;
    return use * preferTokens(tokensAfter(site.positions()[0], config.number("stages")));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t width = config.number("width");
    Value signal = b.relu(b.conv("conv0", inputs[0], width, 10, 5, int64_t(0)));
    for (int64_t i = 1; i <= config.number("stages"); ++i)
      signal = b.relu(b.conv("conv" + std::to_string(i), signal, width, 3, 2, int64_t(0)));
    return signal;
  }
};

} // namespace

const Strategy &stridedConv() {
  static const StridedConv strategy;
  return strategy;
}

} // namespace ccm
