// SPDX-License-Identifier: Apache-2.0
// Rows, panels and frames of values.
#include "ir/primitives/Views.h"
#include "ir/Ccm.h"

using namespace mlir;

namespace ccm {

Extents extentsOf(Type type, int64_t batch) { return Extents(withBatch(type, batch).getShape()); }

Value rowsOf(NestBuilder &b, Value value) {
  int64_t columns = shapeOf(value).back();
  return b.reshape(value, {ShapedType::getNumElements(shapeOf(value)) / columns, columns});
}

Value padLast(NestBuilder &b, Value value, int64_t extent) {
  Extents low(shapeOf(value).size(), 0), high(low);
  high.back() = extent - shapeOf(value).back();
  return b.pad(value, low, high);
}

Value toPanels(NestBuilder &b, Value value, int64_t panels, int64_t width) {
  Extents extents(shapeOf(value));
  extents.back() = panels;
  extents.push_back(width);
  return b.reshape(padLast(b, value, panels * width), extents);
}

Value fromPanels(NestBuilder &b, Value value, ArrayRef<int64_t> extents) {
  Extents merged(shapeOf(value));
  int64_t width = merged.pop_back_val();
  merged.back() *= width;
  Extents cut(merged);
  cut.back() = extents.back();
  return b.reshape(b.slice(b.reshape(value, merged), Extents(cut.size(), 0), cut), extents);
}

Value frame(NestBuilder &b, Value value, ArrayRef<int64_t> starts, ArrayRef<int64_t> extents) {
  Extents offsets, inside, low, high;
  for (auto [size, start, extent] : llvm::zip(shapeOf(value), starts, extents)) {
    int64_t first = std::max<int64_t>(start, 0), end = std::min(start + extent, size);
    offsets.push_back(first);
    inside.push_back(end - first);
    low.push_back(first - start);
    high.push_back(start + extent - end);
  }
  return b.pad(b.slice(value, offsets, inside), low, high);
}

} // namespace ccm
