// SPDX-License-Identifier: Apache-2.0
// Arrays of npy and IDX files, also gzipped.
#pragma once

#include "data/Problem.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// How the elements of an array are stored.
enum class Element { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, f32, f64 };

/// Bytes of one element.
size_t elementSize(Element element);

/// A dense row-major array whose elements lie in `storage` from `offset` on.
struct Array {
  Element element = Element::u8;
  bool bigEndian = false;
  std::vector<int64_t> shape;
  std::string storage;
  size_t offset = 0;

  /// How many there are: the readers check that it is the product of the extents.
  int64_t elements() const;
  /// Element `index` of [0, elements()); integers of 64 bits are rounded to a double, true is 1.
  double at(int64_t index) const;
};

/// Reads an npy or IDX array, told apart by its first bytes. Gzip is undone first.
Result<Array> readArray(std::string bytes);

/// The bytes of an npy file (version 1.0) that holds `values`, whose count is the shape's product.
std::string writeNpy(std::span<const float> values, std::span<const int64_t> shape);

/// What a gzip stream holds, in full: checks its ends and sums, refuses results over `limit` bytes.
Result<std::string> gunzip(std::string_view bytes, uint64_t limit);

} // namespace ccm::data
