// SPDX-License-Identifier: Apache-2.0
// What strategies share: sites, configurations read and written, and the lattice.
#include "passes/strategies/Strategy.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;

namespace ccm {

SmallVector<SkipType> typesOf(ArrayRef<Skip> skips) {
  return llvm::map_to_vector(skips, [](const Skip &skip) {
    return SkipType{cast<RankedTensorType>(skip.value.getType()), skip.window};
  });
}

ArrayRef<int64_t> extentsOfPort(RankedTensorType type) {
  return type.getElementType().isInteger(32) ? type.getShape().drop_front() : positionsOf(type);
}

ArrayRef<int64_t> Site::positions() const {
  ArrayRef<int64_t> extents =
      aligned.empty() ? extentsOfPort(output ? output : input) : ArrayRef<int64_t>(grid);
  return productOf(extents) == 1 ? ArrayRef<int64_t>() : extents;
}

int64_t Site::positionCount() const { return productOf(positions()); }

int64_t Site::groupTokens() const {
  int64_t count = 0;
  for (const TokenGroup &group : groups)
    count += group.type.getShape()[1];
  return count;
}

bool Site::hasSingleTokens() const {
  return llvm::all_of(groups, [](const TokenGroup &g) { return g.type.getShape()[1] == 1; });
}

int64_t Site::channels() const {
  if (output)
    return output.getShape().back();
  if (!aligned.empty()) {
    int64_t sum = 0;
    for (const AlignedInput &member : aligned)
      sum += member.vocabulary ? 1 : member.type.getShape().back();
    return sum;
  }
  return discreteInput() ? 1 : input.getShape().back();
}

std::optional<int64_t> Site::firstOfPositions() const {
  int64_t first = 0;
  for (const TokenGroup &group : groups) {
    if (group.causal == causal && !group.grid.empty() && ArrayRef(group.grid) == positions())
      return first;
    first += group.type.getShape()[1];
  }
  return std::nullopt;
}

int64_t Config::number(StringRef key) const { return entries.getAs<IntegerAttr>(key).getInt(); }

ArrayRef<int64_t> Config::list(StringRef key) const {
  return entries.getAs<DenseI64ArrayAttr>(key).asArrayRef();
}

FlatSymbolRefAttr Config::model(StringRef key) const {
  return entries.getAs<FlatSymbolRefAttr>(key);
}

Made buildPart(const Strategy &strategy, PartBuilder &b, const Site &site, ValueRange inputs,
               const Config &config) {
  Made made = strategy.build(b, site, inputs, config);
  if (site.optional)
    made.value = b.standIn("missing", made.value, inputs.back());
  return made;
}

std::string describe(DictionaryAttr config) {
  std::string lists, numbers, models;
  for (NamedAttribute entry : config) {
    if (auto list = dyn_cast<DenseI64ArrayAttr>(entry.getValue())) {
      auto words = llvm::map_range(list.asArrayRef(), [](int64_t n) { return std::to_string(n); });
      lists += " " + llvm::join(words, "-");
    }
    if (auto number = dyn_cast<IntegerAttr>(entry.getValue()))
      numbers += (" " + entry.getName().getValue() + " " + Twine(number.getInt())).str();
    if (auto model = dyn_cast<FlatSymbolRefAttr>(entry.getValue()))
      models += (" " + model.getValue()).str();
  }
  return StringRef(models + lists + numbers).ltrim().str();
}

static Attribute attributeOf(MLIRContext *context, const Proposer::Entry &entry) {
  if (const auto *number = std::get_if<int64_t>(&entry.second))
    return IntegerAttr::get(IntegerType::get(context, 64), *number);
  return DenseI64ArrayAttr::get(context, std::get<SmallVector<int64_t>>(entry.second));
}

bool Proposer::operator()(ArrayRef<Entry> entries) const {
  auto named = llvm::map_to_vector(entries, [&](const Entry &entry) {
    return NamedAttribute(StringAttr::get(context, entry.first), attributeOf(context, entry));
  });
  return take(DictionaryAttr::get(context, named));
}

bool suits(const Site &site, int64_t tokens) {
  return site.pinned || (tokens >= 4 && tokens <= kMostTokens);
}

ArrayRef<int64_t> widthLattice() {
  static const int64_t widths[] = {16,  32,  48,  64,  80,  96,  128, 160, 192,  224,
                                   256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280};
  return widths;
}

ArrayRef<int64_t> headedWidthLattice() {
  static const int64_t widths[] = {16,  32,  64,  96,  128, 160, 192, 224,
                                   256, 320, 384, 448, 512, 640, 768, 1024};
  return widths;
}

ArrayRef<int64_t> depthLattice() {
  static const int64_t depths[] = {1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24};
  return depths;
}

ArrayRef<int64_t> depthLatticeFromNone() {
  static const SmallVector<int64_t> depths = [] {
    SmallVector<int64_t> all{0};
    llvm::append_range(all, depthLattice());
    return all;
  }();
  return depths;
}

void proposeAxes(ArrayRef<int64_t> widths, ArrayRef<int64_t> depths,
                 llvm::function_ref<bool(int64_t width, int64_t depth)> offer) {
  for (int64_t width : widths) {
    bool fits = false;
    for (int64_t depth : depths) {
      if (!offer(width, depth))
        break;
      fits = true;
    }
    if (!fits)
      break;
  }
}

void proposeGrid(const Proposer &offer, ArrayRef<int64_t> widths, ArrayRef<int64_t> depths) {
  proposeAxes(widths, depths, [&](int64_t width, int64_t depth) {
    return offer({{"depth", depth}, {"width", width}});
  });
}

int64_t widthFor(int64_t numbers, int64_t least, int64_t most) {
  return numbers >= most / 16 ? most : std::max(16 * numbers, least);
}

std::string refuseWindow(ArrayRef<int64_t> positions, StringRef key, int64_t window) {
  int64_t longest = *llvm::max_element(positions);
  if (window <= longest)
    return "";
  return ("expects a " + key + " of at most " + Twine(longest) + ", the longest extent, got " +
          Twine(window))
      .str();
}

double preferBetween(double value, double low, double high) {
  if (value < low)
    return std::sqrt(value / low);
  return value > high ? std::sqrt(high / value) : 1.0;
}

double preferAspect(int64_t width, int64_t depth) {
  return depth == 0 ? 1.0 : preferBetween(double(width) / double(depth), 32, 96);
}

double preferTokens(int64_t tokens) { return preferBetween(double(tokens), 36, 256); }

SmallVector<int64_t> windowsOver(ArrayRef<int64_t> positions, int64_t window) {
  return llvm::map_to_vector(positions, [=](int64_t extent) { return (extent - 1) / window + 1; });
}

int64_t patchCount(ArrayRef<int64_t> positions, int64_t window) {
  return productOf(windowsOver(positions, window));
}

/// The window in [low, 2 low) that wastes the fewest positions, the smallest of equals. Counts in
/// floating point: windows far larger than some extents would overflow an integer.
static int64_t bestWindow(ArrayRef<int64_t> positions, int64_t low) {
  int64_t best = low;
  double bestCovered = HUGE_VAL;
  for (int64_t window = low; window < 2 * low; ++window) {
    double covered =
        double(patchCount(positions, window)) * std::pow(double(window), double(positions.size()));
    if (covered < bestCovered)
      best = window, bestCovered = covered;
  }
  return best;
}

SmallVector<int64_t> windowLattice(ArrayRef<int64_t> positions) {
  SmallVector<int64_t> windows;
  int64_t longest = positions.empty() ? 1 : *llvm::max_element(positions);
  for (int64_t low = 2; low <= longest && low <= 1024; low *= 2)
    windows.push_back(bestWindow(positions, low));
  return windows;
}

} // namespace ccm
