// SPDX-License-Identifier: Apache-2.0
// Choice of tiles.
#include "codegen/plan/Tile.h"
#include "llvm/Support/InterleavedRange.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace ccm {

int64_t RegisterTile::countOf(unsigned dim) const {
  for (const TileStep &step : steps)
    if (step.dim == dim)
      return step.count;
  return 1;
}

unsigned chooseLanes(int64_t extent, const Target &target, bool divides) {
  unsigned lanes = target.lanes;
  while (lanes > 1 && (divides ? extent % lanes != 0 : extent < lanes))
    lanes /= 2;
  return lanes;
}

int64_t registersOf(int64_t vectors, int64_t broadcasts) {
  return vectors * broadcasts + (broadcasts == 1 ? 0 : vectors) + 1;
}

int64_t chooseUnroll(int64_t extent, unsigned lanes) {
  int64_t vectors = extent / lanes;
  if (extent % lanes != 0 || vectors < 2)
    return 1;
  if (vectors <= 4)
    return vectors;
  return vectors % 4 == 0 ? 4 : vectors % 2 == 0 ? 2 : 1;
}

namespace {

/// Unrolls the sums of a product whose steps are known.
class SumOrder {
public:
  SumOrder(const Nest &nest, const Target &target, RegisterTile &tile)
      : nest(nest), target(target), tile(tile) {}

  void run() {
    switch (nest.kind) {
    case NestClass::Window:
      return orderWindow();
    case NestClass::Weights:
      return orderPlain(hasRoom() ? 4 : 1);
    default:
      return orderPlain(hasRoom() ? 2 : 1);
    }
  }

private:
  int64_t accumulators() const {
    int64_t product = 1;
    for (const TileStep &step : tile.steps)
      product *= step.count;
    return product / tile.lanes;
  }

  int64_t vectors() const {
    int64_t product = tile.countOf(*nest.lane) / tile.lanes;
    for (unsigned dim : nest.columns)
      product *= tile.countOf(dim);
    return product;
  }

  /// Whether the registers hold the loads of one step beside the sums; only then may steps overlap.
  /// Row taps make later steps keep the values of earlier ones, too.
  bool hasRoom() const {
    int64_t kept = 0;
    for (unsigned dim : nest.rows)
      if (llvm::is_contained(nest.dimTaps, dim) && tile.countOf(dim) > 1)
        kept = 8;
    return registersOf(vectors(), accumulators() / vectors()) + kept < target.registers;
  }

  void orderPlain(int64_t unroll) {
    for (unsigned loop : nest.sums)
      if (nest.extents[loop] > 1)
        tile.sums.push_back(
            {loop, tile.sums.empty() ? divisorUpTo(nest.extents[loop], unroll) : 1});
    for (unsigned loop : nest.sums)
      if (nest.extents[loop] == 1)
        tile.sums.push_back({loop, 1});
  }

  static int64_t divisorUpTo(int64_t extent, int64_t limit) {
    while (extent % limit != 0)
      limit /= 2;
    return limit;
  }

  /// The first tap of a window is unrolled while the code stays short. With one vector of columns
  /// it runs inside the rows, so that one load of weights or of a pixel serves several of them.
  void orderWindow() {
    constexpr int64_t kUnrolledProducts = 160;
    bool narrow = tile.countOf(*nest.lane) == tile.lanes;
    for (const TileStep &step : tile.steps)
      narrow &= step.dim == *nest.lane || !llvm::is_contained(nest.columns, step.dim);
    for (unsigned loop : nest.sums)
      tile.sums.push_back({loop, 1});
    int64_t taps = nest.extents[nest.sums.front()];
    if (accumulators() * taps > kUnrolledProducts)
      return;
    tile.sums.front().unroll = taps;
    tile.innerSums = narrow ? 1 : 0;
  }

  const Nest &nest;
  const Target &target;
  RegisterTile &tile;
};

/// Searches the tiles of one product. A tile is a number of vectors along the lane, a count for at
/// most two column dims and for at most two row dims.
class TileSearch {
public:
  TileSearch(const Nest &nest, const Target &target, const TileDemand &demand)
      : nest(nest), demand(demand), limits(limitsOf(nest, target)), registers(target.registers) {
    tile.lanes = chooseLanes(demand.extents[*nest.lane], target, demand.once);
    dims.push_back(*nest.lane);
    collect(nest.columns, true, columns);
    collect(nest.rows, false, rows);
  }

  RegisterTile run() {
    counts.push_back(0);
    for (unsigned vectors = 4 * limits.vectors; vectors > 0; --vectors)
      if (allowed(*nest.lane, vectors * tile.lanes)) {
        counts[0] = vectors * tile.lanes;
        tryDims(0, vectors, 1);
      }
    for (auto [dim, count] : llvm::zip(bestDims, bestCounts))
      if (count > 1 || dim == *nest.lane)
        tile.steps.push_back({dim, count});
    return tile;
  }

private:
  static TileLimits limitsOf(const Nest &nest, const Target &target) {
    return nest.kind == NestClass::Window    ? target.window
           : nest.kind == NestClass::Weights ? target.weights
                                             : target.contraction;
  }

  /// Two dims at most, the innermost ones. Among columns a tap comes first, as taps share vectors;
  /// among rows last, as other rows lie closer together.
  void collect(llvm::ArrayRef<unsigned> candidates, bool tapFirst,
               llvm::SmallVector<unsigned> &chosen) {
    auto take = [&](bool taps, size_t limit) {
      for (unsigned dim : candidates)
        if (llvm::is_contained(nest.dimTaps, dim) == taps && demand.extents[dim] > 1 &&
            chosen.size() < limit && !llvm::is_contained(chosen, dim))
          chosen.push_back(dim);
    };
    take(true, tapFirst ? 1 : 0);
    take(false, 2);
    take(true, 2);
  }

  bool allowed(unsigned dim, int64_t count) const {
    int64_t extent = demand.extents[dim];
    bool divides = demand.once || (dim != *nest.lane && llvm::is_contained(nest.columns, dim)) ||
                   llvm::is_contained(nest.dimTaps, dim);
    return count <= extent && (!divides || extent % count == 0);
  }

  /// Tries every count of the remaining dims; `vectors` and `broadcasts` are loads per step of k.
  void tryDims(unsigned number, int64_t vectors, int64_t broadcasts) {
    if (number == columns.size() + rows.size())
      return consider(vectors, broadcasts);
    bool isColumn = number < columns.size();
    unsigned dim = isColumn ? columns[number] : rows[number - columns.size()];
    dims.push_back(dim);
    for (int64_t count = 1; count <= demand.extents[dim]; ++count) {
      int64_t v = isColumn ? vectors * count : vectors,
              b = isColumn ? broadcasts : broadcasts * count;
      if (v * b > limits.accumulators || registersOf(v, b) > registers)
        break;
      if (!allowed(dim, count))
        continue;
      counts.push_back(count);
      tryDims(number + 1, v, b);
      counts.pop_back();
    }
    dims.pop_back();
  }

  void consider(int64_t vectors, int64_t broadcasts) {
    if (vectors > limits.vectors && broadcasts > 1)
      return;
    double tiles = 1;
    for (auto [dim, count] : llvm::zip(dims, counts))
      tiles *= double(llvm::divideCeil(demand.extents[dim], count));
    // Eight sums hide the latency of one; each load costs an issue slot; every tile some jumps.
    double fma = std::max<double>(vectors * broadcasts, 8);
    double cost = tiles * (fma + 0.2 * (vectors + broadcasts) + 0.03 * spread() +
                           40.0 / double(sumElements()));
    if (bestDims.empty() || cost < bestCost * (1 - 1e-9)) {
      bestCost = cost;
      bestDims = dims;
      bestCounts = counts;
    }
  }

  /// Among equals, dims that lie near each other in memory: a window's rows near a square, taps the
  /// innermost first.
  double spread() const {
    double sum = 0;
    for (auto [dim, count] : llvm::zip(dims, counts))
      for (const auto *list : {&columns, &rows})
        if (auto at = llvm::find(*list, dim); at != list->end())
          if (nest.kind == NestClass::Window || at != list->begin())
            sum += (at == list->begin() ? 1.0 : 2.5) * double(count);
    return sum;
  }

  int64_t sumElements() const {
    int64_t product = 1;
    for (unsigned loop : nest.sums)
      product *= nest.extents[loop];
    return product;
  }

  const Nest &nest;
  const TileDemand &demand;
  const TileLimits limits;
  const int64_t registers;
  RegisterTile tile;
  llvm::SmallVector<unsigned> columns, rows, dims, bestDims;
  llvm::SmallVector<int64_t> counts, bestCounts;
  double bestCost = 0;
};

} // namespace

RegisterTile chooseTile(const Nest &nest, const Target &target, const TileDemand &demand) {
  RegisterTile tile = TileSearch(nest, target, demand).run();
  SumOrder(nest, target, tile).run();
  return tile;
}

RegisterTile sharedTile(const Nest &nest, const Target &target, const RegisterTile &shared) {
  RegisterTile tile;
  tile.lanes = shared.lanes;
  tile.steps = shared.steps;
  SumOrder(nest, target, tile).run();
  return tile;
}

RegisterTile chooseColumnTile(const Nest &nest, const Target &target, const TileDemand &demand) {
  RegisterTile tile;
  if (nest.lane) {
    int64_t extent = demand.extents[*nest.lane];
    tile.lanes = chooseLanes(extent, target, demand.once);
    tile.steps.push_back({*nest.lane, tile.lanes * chooseUnroll(extent, tile.lanes)});
  }
  constexpr int64_t kUnrolledTerms = 16;
  int64_t terms = 1;
  for (unsigned loop : nest.sums)
    terms *= nest.extents[loop];
  for (unsigned loop : nest.sums)
    tile.sums.push_back({loop, terms <= kUnrolledTerms ? nest.extents[loop] : 1});
  return tile;
}

std::string describe(const RegisterTile &tile) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "lanes " << tile.lanes << " tile [";
  llvm::interleaveComma(tile.steps, os,
                        [&](const TileStep &step) { os << step.dim << ": " << step.count; });
  os << "] sums [";
  llvm::interleaveComma(tile.sums, os, [&](const SumStep &step) {
    os << step.loop;
    if (step.unroll > 1)
      os << " x" << step.unroll;
  });
  os << "]";
  if (tile.innerSums)
    os << " taps inside";
  return text;
}

} // namespace ccm
