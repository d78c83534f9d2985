// SPDX-License-Identifier: Apache-2.0
// R15: windows of the input become a fine grid, then transformer blocks whose attention stays
// within windows of that grid, then windows of it become tokens.
#include "passes/strategies/Alignment.h"
#include "passes/strategies/Stages.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace ccm {
namespace {

/// Windows along one axis of a grid; the first starts `before` positions ahead of the grid.
struct Cut {
  int64_t extent, window, count, before;
};

/// Windows of at most `longest` positions that cover the extent, as even as they can be, so that
/// little of the last one lies beyond.
Cut cutOf(int64_t extent, int64_t longest, bool shifted) {
  int64_t count = llvm::divideCeil(extent, longest), window = llvm::divideCeil(extent, count);
  int64_t before = shifted && count > 1 ? window / 2 : 0;
  return {extent, window, int64_t(llvm::divideCeil(extent + before, window)), before};
}

/// Attention within windows of a grid that lie side by side, or half a window earlier, so that
/// neighbours of different windows meet.
///
/// Where windows reach beyond the grid, queries there are padding, whose results are cut. Keys and
/// values are never padded: a window of them that would reach beyond lies at the border instead. So
/// every position attends to a whole window of real ones that contains it, at any extent, without a
/// mask, and opposite borders do not meet.
///
/// A window is to attention what a head is: windows go side by side into the channels, and the
/// primitive attends in windows times heads.
class Windows {
public:
  Windows(PartBuilder &b, ArrayRef<int64_t> grid, int64_t longest, bool shifted) : b(b) {
    for (int64_t extent : grid) {
      cuts.push_back(cutOf(extent, longest, shifted));
      factors.append({cuts.back().count, 1});
      apart.append({cuts.back().count, cuts.back().window});
      within.append({1, cuts.back().window});
      covered.push_back(cuts.back().count * cuts.back().window);
      before.push_back(cuts.back().before);
      ahead.push_back(-cuts.back().before);
    }
  }

  /// All values [?, grid, D].
  Value attend(Value query, Value key, Value value) const {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(query.getType()).getShape();
    Value seen = b.attend(toWindows(b.frame(query, ahead, covered)), toWindows(bordered(key)),
                          toWindows(bordered(value)), productOf(factors) * headsOf(shape.back()));
    return b.frame(toGrid(seen, shape.back()), before, shape.drop_front().drop_back());
  }

private:
  /// [?, covered, D] as [?, positions of a window, windows * D].
  Value toWindows(Value value) const {
    int64_t width = cast<RankedTensorType>(value.getType()).getShape().back();
    SmallVector<int64_t> split(apart);
    split.push_back(width);
    return b.reshape(b.patch(b.reshape(value, split), factors),
                     {productOf(within), productOf(factors) * width});
  }

  /// The inverse.
  Value toGrid(Value value, int64_t width) const {
    SmallVector<int64_t> together(within), whole(covered);
    together.push_back(productOf(factors) * width);
    whole.push_back(width);
    return b.reshape(b.unpatch(b.reshape(value, together), factors, apart), whole);
  }

  /// [?, covered, D] of windows that lie within the grid: those that would not, at its border.
  Value bordered(Value value) const {
    for (auto [number, cut] : llvm::enumerate(cuts))
      value = bordered(value, number, cut);
    return value;
  }

  Value bordered(Value value, unsigned number, const Cut &cut) const {
    SmallVector<int64_t> starts(cuts.size(), 0);
    SmallVector<int64_t> extents(positionsOf(cast<RankedTensorType>(value.getType())));
    SmallVector<Value> runs;
    for (auto [start, count] : runsOf(cut)) {
      starts[number] = start;
      extents[number] = count;
      runs.push_back(b.frame(value, starts, extents));
    }
    return b.concat(number + 1, runs);
  }

  /// Starts and counts of the positions that windows within the grid hold, as few runs as they are.
  static SmallVector<std::pair<int64_t, int64_t>> runsOf(const Cut &cut) {
    SmallVector<std::pair<int64_t, int64_t>> runs;
    for (int64_t number = 0; number < cut.count; ++number) {
      int64_t start =
          std::clamp<int64_t>(number * cut.window - cut.before, 0, cut.extent - cut.window);
      if (runs.empty() || runs.back().first + runs.back().second != start)
        runs.emplace_back(start, 0);
      runs.back().second += cut.window;
    }
    return runs;
  }

  PartBuilder &b;
  SmallVector<Cut> cuts;
  SmallVector<int64_t> factors, apart, within; ///< of two axes for each of the grid: windows, place
  SmallVector<int64_t> covered, before, ahead;
};

/// Positions of a window along an axis: about 64 in all, as published ones have.
int64_t windowOf(const Site &site) {
  constexpr int64_t kWindows[] = {64, 8, 4};
  return kWindows[site.positions().size() - 1];
}

struct WindowAttention : Strategy {
  StringRef name() const override { return "window-attention"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override {
    return "continuous inputs of one to three dimensions, and aligned ones";
  }
  bool joins() const override { return true; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64},
                               {"merge", false, 1, 64},
                               {"patch", false, 1, 65536},
                               {"width", false, 16, 4096, 16},
                               {"window", false, 2, 1024}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return !site.discreteInput() && hasGrid(site) && canMeet(site);
  }

  std::string refuse(const Site &site, const Config &config) const override {
    int64_t patch = config.number("patch");
    std::string reason = refuseWindow(site.positions(), "patch", patch);
    return !reason.empty() ? reason
                           : refuseWindow(windowsOver(site.positions(), patch), "merge",
                                          config.number("merge"));
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t patch : patchesOf(site))
      if (site.pinned || patchCount(windowsOver(site.positions(), patch), windowOf(site)) > 1)
        for (int64_t merge : mergesOf(site, patch))
          if (suits(site, tokenCount(site, patch, merge)))
            proposeBlocks(patch, merge, windowOf(site), offer);
  }

  // Local like a convolution, but which neighbours matter has to be learned, for which most data is
  // too little; still less is it the match of a decoder of convolutions that takes skips. Where an
  // output has the input's positions, every one of them counts, and to keep a token for each is
  // what windows are for.
  double prior(const Site &site, const Config &config) const override {
    int64_t patch = config.number("patch");
    int64_t tokens = tokenCount(site, patch, config.number("merge"));
    bool keepsEach = site.matched && tokens == site.positionCount();
    double use = site.structure != Structure::High ? 0.35 : keepsEach ? 0.9 : 0.5;
    return use * (site.givesSkips ? 0.5 : 1) * (keepsEach ? 1 : preferTokens(tokens)) *
           preferGrid(site, patch) * preferAspect(config.number("width"), config.number("depth"));
  }

  // Skips are what comes before the patches, the fine grid, and the tokens as a grid.
  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    int64_t patch = config.number("patch"), merge = config.number("merge");
    Value input = site.aligned.empty() ? inputs[0] : together(b, site, inputs);
    Value fine = attend(b, b.dense("stem", b.patch(input, patch), config.number("width")), config);
    Value coarse = b.dense("merge", b.patch(fine, merge), 2 * config.number("width"));
    SmallVector<Skip> skips;
    if (!site.givesSkips)
      return b.asTokens(coarse);
    if (patch > 1)
      skips.push_back({input, 1});
    if (merge > 1)
      skips.push_back({fine, patch});
    skips.push_back({coarse, patch * merge});
    return {b.asTokens(coarse), skips};
  }

private:
  /// Aligned inputs on the part's grid, side by side.
  static Value together(PartBuilder &b, const Site &site, ValueRange inputs) {
    constexpr int64_t kWidth = 16;
    Meeting meeting = meet(b, site, inputs);
    SmallVector<Value> values;
    if (meeting.joined)
      values.push_back(meeting.joined);
    for (auto [number, other] : meeting.others)
      values.push_back(bring(b, "input" + std::to_string(number), other, site.grid, kWidth));
    return b.concatChannels(values);
  }

  /// The blocks over a grid.
  static Value attend(PartBuilder &b, Value grid, const Config &config) {
    SmallVector<int64_t> extents(positionsOf(cast<RankedTensorType>(grid.getType())));
    int64_t depth = config.number("depth");
    auto block = [&](int64_t number, Value value) {
      Windows windows(b, extents, config.number("window"), number % 2 == 1);
      return b.block("block" + std::to_string(number), value,
                     [&](Value q, Value k, Value v) { return windows.attend(q, k, v); });
    };
    grid = b.chain(b.positions("positions", grid), depth / 2, [&](int64_t pair, Value value) {
      return block(2 * pair + 1, block(2 * pair, value));
    });
    return depth % 2 == 1 ? block(depth - 1, grid) : grid;
  }

  static int64_t tokenCount(const Site &site, int64_t patch, int64_t merge) {
    return patchCount(windowsOver(site.positions(), patch), merge);
  }

  /// Longer patches would blur the detail that the windows are for.
  static SmallVector<int64_t> patchesOf(const Site &site) {
    SmallVector<int64_t> patches{1};
    llvm::copy_if(windowLattice(site.positions()), std::back_inserter(patches),
                  [](int64_t patch) { return patch <= 16; });
    return patches;
  }

  /// The smallest power of two that leaves a core few enough tokens; where an output has the
  /// positions, none too, so that each has a token.
  static SmallVector<int64_t> mergesOf(const Site &site, int64_t patch) {
    int64_t merge = 1;
    while (merge < 64 && tokenCount(site, patch, merge) > 256)
      merge *= 2;
    return site.matched && patch == 1 && merge > 1 ? SmallVector<int64_t>{1, merge}
                                                   : SmallVector<int64_t>{merge};
  }

  /// Published grids have 56 positions along both axes.
  static double preferGrid(const Site &site, int64_t patch) {
    double most = std::min(3136.0, double(site.positionCount()));
    return preferBetween(double(patchCount(site.positions(), patch)), most, HUGE_VAL);
  }

  /// An even depth: windows lie in both ways equally often.
  static void proposeBlocks(int64_t patch, int64_t merge, int64_t window, const Proposer &offer) {
    proposeAxes(headedWidthLattice(), {2, 4, 6, 8, 12, 16, 20, 24},
                [&](int64_t width, int64_t depth) {
                  return offer({{"depth", depth},
                                {"merge", merge},
                                {"patch", patch},
                                {"width", width},
                                {"window", window}});
                });
  }
};

} // namespace

const Strategy &windowAttention() {
  static const WindowAttention strategy;
  return strategy;
}

} // namespace ccm
