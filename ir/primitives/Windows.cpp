// SPDX-License-Identifier: Apache-2.0
// Names and extents of nests over any number of position axes.
#include "ir/primitives/Windows.h"

using namespace mlir;

namespace ccm {

std::string loops(StringRef name, unsigned axes) {
  std::string names;
  for (unsigned axis = 0; axis < axes; ++axis)
    names += (name + Twine(axis) + " ").str();
  return names;
}

std::string backwards(const std::string &name, int64_t taps) {
  return taps == 1 ? name : std::to_string(taps - 1) + "-" + name;
}

NestBuilder::Sizes sizesOf(StringRef name, ArrayRef<int64_t> extents) {
  NestBuilder::Sizes sizes;
  for (auto [axis, extent] : llvm::enumerate(extents))
    sizes[(name + Twine(axis)).str()] = extent;
  return sizes;
}

Extents around(int64_t batch, ArrayRef<int64_t> positions, ArrayRef<int64_t> last) {
  Extents extents{batch};
  llvm::append_range(extents, positions);
  llvm::append_range(extents, last);
  return extents;
}

bool isPerAxis(ArrayRef<int64_t> numbers, RankedTensorType input, int64_t least) {
  return input.getRank() >= 3 && input.getRank() <= 5 &&
         int64_t(numbers.size()) == input.getRank() - 2 &&
         llvm::all_of(numbers, [=](int64_t n) { return n >= least && n <= INT32_MAX; });
}

} // namespace ccm
