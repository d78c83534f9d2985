// SPDX-License-Identifier: Apache-2.0
// Ports of a compiled model as the readers see them.
#include "data/Field.h"

#include <algorithm>
#include <cstring>

namespace ccm::data {

namespace {

std::vector<int64_t> withoutOnes(std::span<const int64_t> extents) {
  std::vector<int64_t> kept;
  std::copy_if(extents.begin(), extents.end(), std::back_inserter(kept),
               [](int64_t extent) { return extent != 1; });
  return kept;
}

} // namespace

namespace {

/// What ports say of tables.
Field withSource(Field field, const ccm_port &port) {
  field.names.assign(port.names, port.names + port.name_count);
  field.titles.assign(port.columns, port.columns + port.column_count);
  field.isNamed = port.name_count > 0;
  field.unknown = port.unknown;
  field.hasGaps = port.missing != 0;
  field.steps = port.steps;
  field.stride = port.stride;
  field.horizon = port.horizon;
  field.isWeight = port.draw == CCM_WEIGHT;
  return field;
}

} // namespace

Field inputField(const ccm_port &port) {
  return withSource({port.name,
                     port.dtype,
                     {port.extents, port.extents + port.rank},
                     port.vocabulary,
                     port.bytes,
                     {},
                     port.draw == CCM_GIVEN ? port.partner : 0},
                    port);
}

Field targetField(const ccm_port &port) {
  return withSource({port.name,
                     port.target_dtype,
                     {port.target_extents, port.target_extents + port.target_rank},
                     port.vocabulary,
                     port.target_bytes,
                     {}},
                    port);
}

float valueAt(const Field &field, std::span<const std::byte> sample, size_t index) {
  if (field.dtype == CCM_U8)
    return float(uint8_t(sample[index])) / 255.0f;
  float value = 0;
  std::memcpy(&value, sample.data() + sizeof value * index, sizeof value);
  return value;
}

std::string shapeText(std::span<const int64_t> extents) {
  if (extents.empty())
    return "one element";
  std::string text;
  for (int64_t extent : extents)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

bool sameShape(std::span<const int64_t> a, std::span<const int64_t> b) {
  return withoutOnes(a) == withoutOnes(b);
}

/// "one of the names bird, cat, dog", cut where there are many.
static std::string namesText(const std::vector<std::string> &names) {
  constexpr size_t kMostShown = 12;
  std::string text = "one of the names ";
  for (size_t i = 0; i < std::min(names.size(), kMostShown); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  return text + (names.size() > kMostShown ? ", …" : "");
}

std::string expectation(const Field &field) {
  if (!field.names.empty())
    return namesText(field.names);
  const size_t rank = field.variableRank();
  if (field.isIndex())
    return "an integer below " + std::to_string(field.vocabulary);
  if (field.discrete())
    return "text, or a txt or npy file";
  if (rank == 1 && field.channels() == 1)
    return "a wav, ogg, flac, npy or txt file";
  if (rank == 2)
    return "a png, jpg, npy or txt file";
  if (field.elements() == 1 && field.isFraction)
    return "a number of 0 to 1, or true or false";
  if (field.isWeight)
    return "a number of at least 0";
  if (field.elements() == 1)
    return field.dtype == CCM_U8 ? "an integer of 0 to 255" : "a number";
  return std::to_string(field.elements()) + " numbers, " + (field.takesDates() ? "a date, " : "") +
         "or an npy or txt file";
}

} // namespace ccm::data
