// SPDX-License-Identifier: Apache-2.0
// Elements of arrays, IDX headers, and the choice between the formats.
#include "data/Array.h"
#include "data/Npy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace ccm::data {

namespace {

constexpr uint64_t kLargestArray = uint64_t(1) << 32;

template <typename T>
double load(const char *from, bool bigEndian) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (bigEndian)
    std::reverse(bytes.begin(), bytes.end());
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return double(value);
}

/// A number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
double halfOf(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 0    ? std::ldexp(fraction, -24)
                 : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                  : std::ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 ? -value : value;
}

uint32_t bigEndianWord(std::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i)
    word = word << 8 | uint8_t(bytes[at + i]);
  return word;
}

bool idxElement(uint8_t code, Element &element) {
  switch (code) {
  case 0x08:
    element = Element::u8;
    return true;
  case 0x09:
    element = Element::i8;
    return true;
  case 0x0B:
    element = Element::i16;
    return true;
  case 0x0C:
    element = Element::i32;
    return true;
  case 0x0D:
    element = Element::f32;
    return true;
  case 0x0E:
    element = Element::f64;
    return true;
  default:
    return false;
  }
}

Result<Array> readIdx(std::string bytes) {
  Array array;
  array.bigEndian = true;
  if (!idxElement(uint8_t(bytes[2]), array.element))
    return Problem{Fault::input, "",
                   "not an IDX file: unknown element type " + std::to_string(uint8_t(bytes[2]))};
  const size_t rank = uint8_t(bytes[3]);
  array.offset = 4 + 4 * rank;
  if (bytes.size() < array.offset)
    return Problem{Fault::input, "", "a truncated IDX file: it ends within its header"};
  for (size_t d = 0; d < rank; ++d)
    array.shape.push_back(bigEndianWord(bytes, 4 + 4 * d));
  array.storage = std::move(bytes);
  if (Status fits = checkStorage(array, "IDX"); !fits)
    return fits.error();
  return array;
}

} // namespace

size_t elementSize(Element element) {
  switch (element) {
  case Element::boolean:
  case Element::u8:
  case Element::i8:
    return 1;
  case Element::u16:
  case Element::i16:
  case Element::f16:
    return 2;
  case Element::u32:
  case Element::i32:
  case Element::f32:
    return 4;
  default:
    return 8;
  }
}

int64_t Array::elements() const {
  return int64_t((storage.size() - offset) / elementSize(element));
}

double Array::at(int64_t index) const {
  const char *from = storage.data() + offset + size_t(index) * elementSize(element);
  switch (element) {
  case Element::boolean:
    return *from != 0;
  case Element::u8:
    return load<uint8_t>(from, bigEndian);
  case Element::i8:
    return load<int8_t>(from, bigEndian);
  case Element::u16:
    return load<uint16_t>(from, bigEndian);
  case Element::i16:
    return load<int16_t>(from, bigEndian);
  case Element::u32:
    return load<uint32_t>(from, bigEndian);
  case Element::i32:
    return load<int32_t>(from, bigEndian);
  case Element::u64:
    return load<uint64_t>(from, bigEndian);
  case Element::i64:
    return load<int64_t>(from, bigEndian);
  case Element::f16:
    return halfOf(uint16_t(load<uint16_t>(from, bigEndian)));
  case Element::f32:
    return load<float>(from, bigEndian);
  case Element::f64:
    return load<double>(from, bigEndian);
  }
  return 0;
}

Status checkStorage(const Array &array, const std::string &format) {
  uint64_t bytes = elementSize(array.element);
  bool fits = true;
  for (int64_t extent : array.shape)
    fits = fits && extent >= 0 && !__builtin_mul_overflow(bytes, uint64_t(extent), &bytes);
  const uint64_t held = array.storage.size() - array.offset;
  if (fits && bytes == held)
    return Done();
  const std::string expected = fits ? std::to_string(bytes) : "more than 2^64";
  return Problem{Fault::input, "",
                 (fits && bytes < held ? "data after the end of an " : "a truncated ") + format +
                     " file: its header promises " + expected + " bytes of elements, it holds " +
                     std::to_string(held)};
}

Result<Array> readArray(std::string bytes) {
  if (bytes.starts_with("\x1F\x8B")) {
    Result<std::string> inflated = gunzip(bytes, kLargestArray);
    if (!inflated)
      return inflated.error();
    bytes = std::move(*inflated);
  }
  if (bytes.starts_with("\x93NUMPY"))
    return readNpy(std::move(bytes));
  if (bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0)
    return readIdx(std::move(bytes));
  return Problem{Fault::input, "",
                 bytes.empty() ? "expects an npy or IDX array, got an empty file"
                               : "expects an npy or IDX array"};
}

} // namespace ccm::data
