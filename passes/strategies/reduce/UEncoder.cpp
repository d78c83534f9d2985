// SPDX-License-Identifier: Apache-2.0
// R5: aligned inputs meet, then 3-tap convolutions in stages of which each leaves a skip.
#include "passes/strategies/Alignment.h"
#include "passes/strategies/Stages.h"

using namespace mlir;

namespace ccm {
namespace {

struct UEncoder : Strategy {
  StringRef name() const override { return "u-encoder"; }
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override {
    return "inputs of one to three dimensions aligned to a high output, with skips";
  }
  bool joins() const override { return true; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {"depth", false, 1, 64}, {"stem", false, 1, 64}, {"widths", true, 1, 4096}};
    return keys;
  }

  bool accepts(const Site &site) const override {
    return site.givesSkips && hasGrid(site) && canMeet(site);
  }

  // Doubling widths make all stages cost the same.
  void propose(const Site &site, const Proposer &offer) const override {
    for (int64_t stem : {1, 2, 4, 8})
      for (int64_t stages = 1; stages <= 8; ++stages)
        if (suits(site, positionsAfter(site, stem, stages)))
          proposeAxes(widthLattice(), {1, 2, 3, 4}, [&](int64_t base, int64_t depth) {
            SmallVector<int64_t> widths{base};
            while (int64_t(widths.size()) < stages)
              widths.push_back(2 * widths.back());
            return widths.back() <= 4096 &&
                   offer({{"depth", depth}, {"stem", stem}, {"widths", widths}});
          });
  }

  // Two convolutions per stage are what published ones have. A stem loses no detail, for what comes
  // before it is a skip too, but what few convolutions on the full grid can say of it is less.
  double prior(const Site &site, const Config &config) const override {
    int64_t stem = config.number("stem"), stages = config.list("widths").size();
    return preferBetween(double(config.number("depth")), 2, 3) * preferBetween(double(stem), 1, 1) *
           preferBetween(double(stages), 3, 5) * preferTokens(positionsAfter(site, stem, stages));
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    Meeting meeting = meet(b, site, inputs);
    ArrayRef<int64_t> widths = config.list("widths");
    int64_t window = config.number("stem");
    SmallVector<Skip> skips;
    if (window > 1 && meeting.joined)
      skips.push_back({meeting.joined, 1});
    Value grid = meeting.joined;
    for (auto [number, width] : llvm::enumerate(widths)) {
      std::string name = "stage" + std::to_string(number);
      int64_t step = number == 0 ? window : shrinkOf(site);
      window = number == 0 ? window : window * step;
      grid = enter(b, site, name, grid, step, window, width, meeting);
      grid = convolve(b, name, grid, width, config.number("depth"));
      skips.push_back({grid, window});
    }
    return {b.asTokens(grid), skips};
  }

private:
  /// The value that a stage convolves: the one before it in windows of `step`, and the inputs that
  /// lie on grids of their own. Null `grid`: these alone.
  static Value enter(PartBuilder &b, const Site &site, const std::string &name, Value grid,
                     int64_t step, int64_t window, int64_t width, const Meeting &meeting) {
    // The first convolution mixes what is side by side.
    if (grid && step == 1 && meeting.others.empty())
      return grid;
    SmallVector<int64_t> positions = windowsOver(site.grid, window);
    Value value = grid ? b.dense(name + ".down", b.patch(grid, step), width) : Value();
    return b.relu(addOthers(b, name, value, meeting, positions, width));
  }
};

} // namespace

const Strategy &uEncoder() {
  static const UEncoder strategy;
  return strategy;
}

} // namespace ccm
