// SPDX-License-Identifier: Apache-2.0
// Stages of 3-tap convolutions over a grid, which strategies share.
#include "passes/strategies/Stages.h"
#include <cmath>

using namespace mlir;

namespace ccm {

int64_t shrinkOf(const Site &site) { return site.positions().size() == 1 ? 4 : 2; }

bool hasGrid(const Site &site) {
  size_t rank = site.positions().size();
  return rank >= 1 && rank <= 3;
}

int64_t positionsAfter(const Site &site, int64_t stem, int64_t stages) {
  int64_t window = stem;
  for (int64_t stage = 1; stage < stages; ++stage)
    window *= shrinkOf(site);
  return patchCount(site.positions(), window);
}

double preferStem(const Site &site, int64_t stem) {
  double seen = double(patchCount(site.positions(), stem));
  return preferBetween(seen, std::min(784.0, double(site.positionCount())), HUGE_VAL);
}

/// "<name>.conv<number>", of 3 taps along every axis, which keeps the grid.
static Value convolution(PartBuilder &b, StringRef name, int64_t number, Value grid,
                         int64_t width) {
  size_t rank = cast<RankedTensorType>(grid.getType()).getRank() - 2;
  SmallVector<int64_t> taps(rank, 3), ones(rank, 1);
  return b.conv((name + ".conv" + Twine(number)).str(), grid, width, taps, ones, ones);
}

Value convolve(PartBuilder &b, StringRef name, Value grid, int64_t width, int64_t depth) {
  auto positive = [&](int64_t i, Value value) {
    return b.relu(convolution(b, name, i, value, width));
  };
  for (int64_t i = 0; i < std::min<int64_t>(depth, 2); ++i)
    grid = positive(i, grid);
  return b.chain(grid, std::max<int64_t>(depth - 2, 0),
                 [&](int64_t i, Value value) { return b.add(value, positive(i + 2, value)); });
}

Value convolveToNormal(PartBuilder &b, StringRef name, Value grid, int64_t width, int64_t depth) {
  grid = convolve(b, name, grid, width, depth - 1);
  grid = convolution(b, name, depth - 1, grid, width);
  return b.layerNorm((name + ".norm").str(), grid);
}

Value convolveStages(PartBuilder &b, const Site &site, Value input, int64_t stem,
                     ArrayRef<int64_t> widths, int64_t depth) {
  Value grid = input;
  if (stem > 1)
    grid = b.relu(b.dense("stem", b.patch(grid, stem), widths[0]));
  for (auto [stage, width] : llvm::enumerate(widths)) {
    std::string name = "stage" + std::to_string(stage);
    if (stage > 0)
      grid = b.relu(b.dense(name + ".down", b.patch(grid, shrinkOf(site)), width));
    grid = convolve(b, name, grid, width, depth);
  }
  return grid;
}

} // namespace ccm
