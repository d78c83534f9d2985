// SPDX-License-Identifier: Apache-2.0
// X5: from the core's tokens back up the levels of a pyramid, joined by its skips.
#include "passes/strategies/Alignment.h"
#include "passes/strategies/Stages.h"
#include "passes/strategies/expand/Spread.h"

using namespace mlir;

namespace ccm {
namespace {

ArrayRef<int64_t> positionsOfLevel(const SkipType &level) { return positionsOf(level.type); }

/// The finest pyramid leads; those of other inputs join where they can.
unsigned leaderOf(const Site &site) {
  unsigned leader = 0;
  auto finest = [&](unsigned number) {
    return productOf(positionsOfLevel(site.pyramids[number].levels.front()));
  };
  for (unsigned number = 1; number < site.pyramids.size(); ++number)
    if (finest(number) > finest(leader))
      leader = number;
  return leader;
}

/// Channels at a level: those of its skip, some at least.
int64_t widthAt(const SkipType &level) {
  constexpr int64_t kLeast = 8;
  return std::max(level.type.getShape().back(), kLeast);
}

/// The level to end on: the coarsest that is as fine as the output, or the finest.
unsigned lastLevel(const Site &site, ArrayRef<SkipType> levels) {
  auto isFineEnough = [&](const SkipType &level) {
    return llvm::all_of(llvm::zip(positionsOfLevel(level), site.positions()), [](auto extents) {
      auto [ours, wanted] = extents;
      return ours >= wanted;
    });
  };
  for (unsigned number = levels.size(); number-- > 0;)
    if (isFineEnough(levels[number]))
      return number;
  return 0;
}

/// Builds one decoder.
class Decoder {
public:
  Decoder(PartBuilder &b, const Site &site, ValueRange inputs, int64_t depth)
      : b(b), site(site), leader(leaderOf(site)), depth(depth), tokens(inputs[0]) {
    for (const Pyramid &pyramid : site.pyramids) {
      unsigned first = 1 + taken;
      skips.emplace_back(inputs.begin() + first, inputs.begin() + first + pyramid.levels.size());
      taken += pyramid.levels.size();
    }
    // What the model is given beside the aligned inputs says how the output is to be made.
    if (SmallVector<Value> others = otherTokens(); !others.empty())
      condition = b.meanOfTokens(b.concatTokens(others));
  }

  Value build() {
    ArrayRef<SkipType> levels = site.pyramids[leader].levels;
    unsigned last = lastLevel(site, levels);
    Value grid = bottom(levels.back());
    for (unsigned number = levels.size(); number-- > last;) {
      if (number + 1 < levels.size())
        grid = up(grid, number, levels[number], levels[number + 1].window / levels[number].window);
      grid = joined(grid, number, levels[number]);
    }
    return resized(grid, widthAt(levels[last]));
  }

private:
  static std::string nameOf(unsigned number) { return "level" + std::to_string(number); }

  /// The core's tokens that stand for positions of no pyramid, those that are neighbours together.
  /// A mean of all would be one of the positions: they are many, and these are few.
  SmallVector<Value> otherTokens() {
    SmallVector<std::pair<int64_t, int64_t>> taken; // first, behind the last
    for (const Pyramid &pyramid : site.pyramids)
      if (pyramid.firstToken >= 0)
        taken.emplace_back(pyramid.firstToken,
                           pyramid.firstToken + productOf(positionsOfLevel(pyramid.levels.back())));
    llvm::sort(taken);
    const int64_t all = cast<RankedTensorType>(tokens.getType()).getDimSize(1);
    taken.emplace_back(all, all);
    SmallVector<Value> others;
    int64_t from = 0;
    for (auto [first, end] : taken) {
      if (first > from)
        others.push_back(b.tokensFrom(tokens, from, first - from));
      from = end;
    }
    return others;
  }

  /// The core's tokens that stand for the coarsest positions, as a grid.
  Value bottom(const SkipType &level) {
    ArrayRef<int64_t> positions = positionsOfLevel(level);
    Value own = b.tokensFrom(tokens, site.pyramids[leader].firstToken, productOf(positions));
    SmallVector<int64_t> shape(positions);
    shape.push_back(widthAt(level));
    return b.reshape(b.dense("bottom", own, widthAt(level)), shape);
  }

  /// Every position unfolds into a window of the finer level.
  Value up(Value grid, unsigned number, const SkipType &level, int64_t window) {
    SmallVector<int64_t> windows(positionsOfLevel(level).size(), window);
    Value wide = b.dense(nameOf(number) + ".up", grid, widthAt(level) * productOf(windows));
    return b.unpatch(wide, window, positionsOfLevel(level));
  }

  Value joined(Value grid, unsigned number, const SkipType &level) {
    SmallVector<Value> parts{grid, skips[leader][number]};
    for (unsigned other = 0; other < skips.size(); ++other)
      if (other != leader)
        if (Value value = fromOther(other, number, level))
          parts.push_back(value);
    const std::string name = nameOf(number);
    Value normal = convolveToNormal(b, name, b.concatChannels(parts), widthAt(level), depth);
    return b.relu(condition ? conditioned(normal, name) : normal);
  }

  /// The finest level of another pyramid that is no finer than `level`, brought to it; or null.
  Value fromOther(unsigned other, unsigned number, const SkipType &level) {
    ArrayRef<int64_t> wanted = positionsOfLevel(level);
    for (auto [skip, value] : llvm::zip(site.pyramids[other].levels, skips[other]))
      if (productOf(positionsOfLevel(skip)) <= productOf(wanted) &&
          stridesBetween(positionsOfLevel(skip), wanted))
        return bring(b, nameOf(number) + ".pyramid" + std::to_string(other), value, wanted,
                     widthAt(skip));
    return {};
  }

  /// Normalized values, scaled and shifted by maps of the condition.
  Value conditioned(Value normal, const std::string &name) {
    auto type = cast<RankedTensorType>(normal.getType());
    auto overPositions = [&](StringRef part, double scale) {
      Value map = b.dense((name + part).str(), condition, type.getShape().back(), scale);
      return b.broadcast(map, positionsOf(type));
    };
    Value scaled = b.add(normal, b.multiply(normal, overPositions(".scale", kOutputScale)));
    return b.add(scaled, overPositions(".shift", kOutputScale));
  }

  /// On the output's positions. Repeated positions are made smooth by another convolution.
  Value resized(Value grid, int64_t width) {
    ArrayRef<int64_t> from = positionsOf(cast<RankedTensorType>(grid.getType()));
    if (from == site.positions())
      return grid;
    grid = bring(b, "resize", grid, site.positions(), width);
    return productOf(from) < site.positionCount() ? convolve(b, "smooth", grid, width, 1) : grid;
  }

  PartBuilder &b;
  const Site &site;
  unsigned leader, taken = 0;
  int64_t depth;
  Value tokens, condition;
  SmallVector<SmallVector<Value>> skips;
};

struct UDecoder : Strategy {
  StringRef name() const override { return "u-decoder"; }
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "outputs of one to three dimensions with skips"; }
  bool joins() const override { return true; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {{"depth", false, 1, 64}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    if (site.pyramids.empty() || !hasGrid(site) ||
        llvm::any_of(site.pyramids, [](auto &p) { return p.levels.empty(); }))
      return false;
    const Pyramid &pyramid = site.pyramids[leaderOf(site)];
    return pyramid.firstToken >= 0 &&
           stridesBetween(positionsOfLevel(pyramid.levels[lastLevel(site, pyramid.levels)]),
                          site.positions());
  }

  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t depth : {1, 2, 3, 4})
      if (!offer({{"depth", depth}}))
        break;
  }

  // Widths are the encoder's; two convolutions per level are what published ones have.
  double prior(const Site &site, const Config &config) const override {
    return preferBetween(double(config.number("depth")), 2, 3);
  }

  bool bears(const Site &site, const Config &config) const override {
    return config.number("depth") <= 4;
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    Value grid = Decoder(b, site, inputs, config.number("depth")).build();
    return b.dense("out", grid, site.channels(), kOutputScale);
  }
};

} // namespace

const Strategy &uDecoder() {
  static const UDecoder strategy;
  return strategy;
}

} // namespace ccm
