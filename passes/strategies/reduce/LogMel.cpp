// SPDX-License-Identifier: Apache-2.0
// R12: the stem of Whisper (Radford et al., 2022): the logarithms of a wave's powers in mel bands,
// frame by frame, then two convolutions, the second by 2.
//
// Frames are `hop` samples apart and two and a half hops long, as 25 ms are to 10 ms; a declaration
// has no sampling rate, so the hop is a number of samples. Transform and bands are frozen
// parameters whose values are a formula (codegen/artifact/formulas.c), so that both are products of
// known cost. There is one channel, as each of several would need a transform of its own.
#include "passes/strategies/Strategy.h"

using namespace mlir;

namespace ccm {
namespace {

constexpr int64_t kLeastHop = 16;

int64_t windowOf(int64_t hop) { return 5 * hop / 2; }

/// Positions after the second convolution.
int64_t tokensAfter(const Site &site, int64_t hop) {
  return llvm::divideCeil(site.positions()[0] / hop, 2);
}

struct LogMel : Strategy {
  StringRef name() const override { return "log-mel"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override {
    return "continuous inputs of one dimension and one channel with at least 32 positions";
  }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"bands", false, 4, 256, 4},
                               {"hop", false, kLeastHop, 1024, 8},
                               {"width", false, 16, 4096, 16}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.discreteInput() && site.positions().size() == 1 && site.channels() == 1 &&
           site.positions()[0] >= 2 * kLeastHop;
  }

  std::string refuse(const Site &site, const Config &config) const override {
    int64_t hop = config.number("hop"), extent = site.positions()[0];
    int64_t bands = config.number("bands"), most = windowOf(hop) / 2;
    if (hop > extent)
      return "has no frame; expects a hop of at most " + std::to_string(extent) + ", the extent";
    if (bands > most)
      return "has bands of no frequency; expects at most " + std::to_string(most) +
             ", half the samples of a frame";
    return {};
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t hop : {16, 24, 32, 48, 64, 96, 128, 160, 192, 256}) {
      if (!suits(site, tokensAfter(site, hop)))
        continue;
      for (int64_t bands : {20, 40, 80})
        if (bands <= windowOf(hop) / 2)
          for (int64_t width : widthLattice())
            if (!offer({{"bands", bands}, {"hop", hop}, {"width", width}}))
              break;
    }
  }

  // What a sound is of is heard in its bands, and what is not learned needs no data. But a signal
  // need not be a sound, and its phase is lost: a learned front end that fits comes first.
  double prior(const Site &site, const Config &config) const override {
    double use = site.structure == Structure::High ? 0.7 : 0.3;
    double bands = preferBetween(double(config.number("bands")), 40, 80);
    return use * bands * preferTokens(tokensAfter(site, config.number("hop")));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t hop = config.number("hop"), width = config.number("width");
    // Frames lie around their hops: a signal of whole hops has one for each.
    Value frames = b.fourier("fourier", inputs[0], windowOf(hop), hop, 3 * hop / 4);
    Value powers = b.mel("mel", b.multiply(frames, frames), config.number("bands"));
    Value heard = b.gelu(b.conv("conv0", b.logPower(powers), width, 3, 1, 1));
    return b.gelu(b.conv("conv1", heard, width, 3, 2, 1));
  }
};

} // namespace

const Strategy &logMel() {
  static const LogMel strategy;
  return strategy;
}

} // namespace ccm
