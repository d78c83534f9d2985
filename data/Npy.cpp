// SPDX-License-Identifier: Apache-2.0
// The npy format: a header that is a Python dictionary literal, then the elements.
#include "data/Npy.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace ccm::data {

static_assert(std::endian::native == std::endian::little, "elements are written as they lie");

namespace {

constexpr size_t kLargestHeader = 65536;

Problem npyProblem(const std::string &message) { return {Fault::input, "", message}; }

/// What follows `'key':` in the header, without leading blanks; empty when there is no such key.
std::string_view valueOf(std::string_view header, std::string_view key) {
  const size_t found = header.find("'" + std::string(key) + "'");
  const size_t colon = found == header.npos ? header.npos : header.find(':', found);
  if (colon == header.npos)
    return {};
  const size_t start = header.find_first_not_of(' ', colon + 1);
  return start == header.npos ? std::string_view() : header.substr(start);
}

bool elementOf(std::string_view code, Element &element) {
  static constexpr std::pair<std::string_view, Element> kCodes[] = {
      {"b1", Element::boolean}, {"u1", Element::u8},  {"i1", Element::i8},  {"u2", Element::u16},
      {"i2", Element::i16},     {"u4", Element::u32}, {"i4", Element::i32}, {"u8", Element::u64},
      {"i8", Element::i64},     {"f2", Element::f16}, {"f4", Element::f32}, {"f8", Element::f64}};
  for (const auto &[name, value] : kCodes)
    if (name == code) {
      element = value;
      return true;
    }
  return false;
}

Status parseType(std::string_view header, Array &array) {
  const std::string_view value = valueOf(header, "descr");
  const size_t close = value.starts_with('\'') ? value.find('\'', 1) : value.npos;
  if (close == value.npos || close < 3)
    return npyProblem("not an npy file: its header has no plain 'descr'");
  const std::string_view code = value.substr(1, close - 1);
  if (!std::strchr("<>|=", code[0]) || !elementOf(code.substr(1), array.element))
    return npyProblem("npy elements of type '" + std::string(code) +
                      "': expects booleans, integers, float16, float32 or float64");
  array.bigEndian = code[0] == '>';
  return Done();
}

Status parseShape(std::string_view header, Array &array) {
  std::string_view value = valueOf(header, "shape");
  if (!value.starts_with('(') || value.find(')') == value.npos)
    return npyProblem("not an npy file: its header has no 'shape'");
  value = value.substr(1, value.find(')') - 1);
  while (!value.empty()) {
    int64_t extent = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), extent);
    if (error != std::errc() || extent < 0)
      return npyProblem("not an npy file: its 'shape' is not a list of extents");
    array.shape.push_back(extent);
    value.remove_prefix(size_t(end - value.data()));
    const size_t next = value.find_first_not_of(", ");
    value.remove_prefix(next == value.npos ? value.size() : next);
  }
  return Done();
}

/// The elements of an array whose first index runs fastest, as if its last one did. What the shape
/// promises is there.
std::string rowMajor(const Array &array) {
  const size_t size = elementSize(array.element), rank = array.shape.size();
  const char *from = array.storage.data() + array.offset;
  const int64_t count = array.elements();
  std::vector<int64_t> steps(rank, 1), at(rank);
  for (size_t d = 1; d < rank && count > 0; ++d)
    steps[d] = steps[d - 1] * array.shape[d - 1];
  std::string elements;
  elements.reserve(array.storage.size() - array.offset);
  for (int64_t i = 0, source = 0; i < count; ++i) {
    elements.append(from + size_t(source) * size, size);
    for (size_t d = rank; d-- > 0;) {
      source += steps[d];
      if (++at[d] < array.shape[d])
        break;
      source -= steps[d] * array.shape[d];
      at[d] = 0;
    }
  }
  return elements;
}

} // namespace

Result<Array> readNpy(std::string bytes) {
  const uint8_t version = bytes.size() > 7 ? uint8_t(bytes[6]) : 0;
  const size_t lengthBytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 || bytes.size() < 8 + lengthBytes)
    return npyProblem("a truncated npy file, or one of an unknown version");
  size_t length = 0;
  std::memcpy(&length, bytes.data() + 8, lengthBytes);
  Array array;
  array.offset = 8 + lengthBytes + length;
  if (length > kLargestHeader || array.offset > bytes.size())
    return npyProblem("a truncated npy file: it ends within its header");
  const std::string_view header = std::string_view(bytes).substr(8 + lengthBytes, length);
  if (Status type = parseType(header, array); !type)
    return type.error();
  if (Status shape = parseShape(header, array); !shape)
    return shape.error();
  const bool isFortran = valueOf(header, "fortran_order").starts_with("True");
  array.storage = std::move(bytes);
  if (Status fits = checkStorage(array, "npy"); !fits)
    return fits.error();
  if (isFortran) {
    array.storage = rowMajor(array);
    array.offset = 0;
  }
  return array;
}

std::string writeNpy(std::span<const float> values, std::span<const int64_t> shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t extent : shape)
    header += std::to_string(extent) + ",";
  header += "), }";
  // The format wants the elements to start at a multiple of 64 bytes, after a line feed.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += char(header.size() & 255);
  bytes += char(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char *>(values.data()), values.size_bytes());
  return bytes;
}

} // namespace ccm::data
