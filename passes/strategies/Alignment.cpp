// SPDX-License-Identifier: Apache-2.0
// Values on other extents of the same axes, brought together.
#include "passes/strategies/Alignment.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace ccm {

/// Repeats and window of one axis.
static std::pair<int64_t, int64_t> strideBetween(int64_t from, int64_t to) {
  int64_t common = std::gcd(from, to), fine = std::max(from, to), coarse = std::min(from, to);
  int64_t stride = llvm::divideCeil(fine, coarse);
  if (int64_t(llvm::divideCeil(fine, stride)) != coarse)
    return {to / common, from / common};
  return from < to ? std::pair<int64_t, int64_t>{stride, 1}
                   : std::pair<int64_t, int64_t>{1, stride};
}

std::optional<Strides> stridesBetween(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  constexpr int64_t kLargestTerm = 16;
  Strides strides;
  if (from.size() != to.size())
    return std::nullopt;
  for (auto [a, b] : llvm::zip(from, to)) {
    auto [repeat, window] = strideBetween(a, b);
    if (std::min(repeat, window) > kLargestTerm)
      return std::nullopt;
    strides.repeats.push_back(repeat);
    strides.windows.push_back(window);
  }
  return strides;
}

static ArrayRef<int64_t> extentsOf(Value value) {
  return positionsOf(cast<RankedTensorType>(value.getType()));
}

/// Positions before windows are taken: repeats of those that there are, and as many as are wanted
/// where there are none to take.
static SmallVector<int64_t> repeated(ArrayRef<int64_t> from, const Strides &strides,
                                     ArrayRef<int64_t> to) {
  SmallVector<int64_t> extents;
  for (auto [extent, repeat, window, wanted] :
       llvm::zip(from, strides.repeats, strides.windows, to))
    extents.push_back(window == 1 ? wanted : extent * repeat);
  return extents;
}

Value bring(PartBuilder &b, StringRef name, Value value, ArrayRef<int64_t> positions,
            int64_t width) {
  Strides strides = *stridesBetween(extentsOf(value), positions);
  SmallVector<int64_t> extents = repeated(extentsOf(value), strides, positions);
  // The affine map goes where positions are fewest.
  if (llvm::all_of(strides.windows, [](int64_t window) { return window == 1; }))
    return b.resample(b.dense(name, value, width), strides.repeats, extents);
  return b.dense(name, b.patch(b.resample(value, strides.repeats, extents), strides.windows),
                 width);
}

Meeting meet(PartBuilder &b, const Site &site, ValueRange inputs) {
  constexpr int64_t kRow = 16;
  Meeting meeting;
  SmallVector<Value> same;
  size_t presence = site.aligned.size();
  for (auto [number, member] : llvm::enumerate(site.aligned)) {
    Value value = inputs[number];
    if (member.vocabulary)
      value = b.embedding("table" + std::to_string(number), value, member.vocabulary, kRow);
    if (member.optional)
      value = b.standIn("missing" + std::to_string(number), value, inputs[presence++]);
    if (extentsOf(value) == ArrayRef(site.grid))
      same.push_back(value);
    else
      meeting.others.emplace_back(number, value);
  }
  if (!same.empty())
    meeting.joined = b.concatChannels(same);
  return meeting;
}

Value addOthers(PartBuilder &b, StringRef name, Value value, const Meeting &meeting,
                ArrayRef<int64_t> positions, int64_t width) {
  for (auto [number, other] : meeting.others) {
    if (!stridesBetween(extentsOf(other), positions))
      continue;
    Value brought = bring(b, (name + ".input" + Twine(number)).str(), other, positions, width);
    value = value ? b.add(value, brought) : brought;
  }
  return value;
}

bool canMeet(const Site &site) {
  return llvm::all_of(site.aligned, [&](const AlignedInput &member) {
    return stridesBetween(extentsOfPort(member.type), site.grid).has_value();
  });
}

} // namespace ccm
