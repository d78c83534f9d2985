// SPDX-License-Identifier: Apache-2.0
// Values of cells and files, checked and written as a port stores them.
#include "data/Sample.h"
#include "data/Image.h"
#include "data/Sound.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

namespace ccm::data {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The value as a message may show it: on one line and not too long.
std::string shown(std::string_view value) {
  std::string text(value.substr(0, 40));
  for (char &c : text)
    c = uint8_t(c) < 0x20 || uint8_t(c) == 0x7F ? ' ' : c;
  return "'" + text + (value.size() > 40 ? "…'" : "'");
}

/// What bce would compare and may not: of a number that is not from 0 to 1.
Problem noFraction(const Field &field, const std::string &found) {
  return {Fault::input, "",
          "'" + field.name + "' is compared by bce and expects 0 to 1, got " + found};
}

Problem unexpected(const Field &field, const std::string &found) {
  return {Fault::input, "",
          "'" + field.name + "' expects " + expectation(field) + ", got " + found};
}

/// Whether the port can hold the number as it is; if so it is stored as element `index`.
bool store(const Field &field, double value, std::span<std::byte> sample, size_t index) {
  if (field.discrete() || field.dtype == CCM_I32) {
    const double limit = field.discrete() ? double(field.vocabulary) : double(INT32_MAX) + 1;
    if (!(value >= 0 && value < limit && value == std::floor(value)))
      return false;
    const int32_t whole = int32_t(value);
    std::memcpy(sample.data() + 4 * index, &whole, 4);
    return true;
  }
  if (field.dtype == CCM_U8) {
    if (!(value >= 0 && value <= 255 && value == std::floor(value)))
      return false;
    sample[index] = std::byte(uint8_t(value));
    return true;
  }
  const float narrow = float(value);
  const bool isWithin =
      field.isFraction ? narrow >= 0 && narrow <= 1 : !field.isWeight || narrow >= 0;
  if (!std::isfinite(narrow) || !isWithin)
    return false;
  std::memcpy(sample.data() + 4 * index, &narrow, 4);
  return true;
}

/// Element `index`, that there is none of.
void storeNothing(const Field &field, std::span<std::byte> sample, size_t index) {
  const float nothing = std::numeric_limits<float>::quiet_NaN();
  const int32_t unknown = std::max(field.unknown - 1, 0);
  if (field.discrete())
    std::memcpy(sample.data() + 4 * index, &unknown, 4);
  else
    std::memcpy(sample.data() + 4 * index, &nothing, 4);
}

bool isMissingWord(std::string_view word) {
  return std::find(kMissingWords.begin(), kMissingWords.end(), word) != kMissingWords.end();
}

/// A word of yes or no, in any letters: 1 or 0.
std::optional<double> truthOf(std::string_view word) {
  std::string lower(word.substr(0, 6));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (lower == "true" || lower == "yes")
    return 1;
  return lower == "false" || lower == "no" ? std::optional(0.0) : std::nullopt;
}

/// Why a word that looks like a number is none, for a message; empty where it does not.
std::string whyNot(const Field &field, std::string_view word) {
  const std::string_view digits = word.substr(word.find_first_not_of("+-") == 1 ? 1 : 0);
  if (digits.empty() || !std::isdigit(uint8_t(digits.front())))
    return "";
  if (digits.starts_with("0x") || digits.starts_with("0X"))
    return ", a hexadecimal number";
  if (digits.find_first_not_of("0123456789.,eE+-") == digits.npos &&
      digits.find(',') != digits.npos)
    return ", with a comma where only a decimal point may be";
  if (digits.find_first_not_of("0123456789.eE+-") != digits.npos)
    return "";
  const std::optional<double> value = numberOf(word);
  if (value && field.dtype == CCM_F32 && !std::isfinite(float(*value)))
    return ", which f32 cannot hold";
  double ignored = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ignored);
  const bool isWhole = rest == digits.data() + digits.size();
  return isWhole && error == std::errc::result_out_of_range ? ", which is not finite" : "";
}

/// Whether an out-of-range number is too small to be told from 0 rather than too large: its first
/// digit other than 0 stands behind the point.
bool isTiny(std::string_view text) {
  const size_t exponent = std::min(text.find_first_of("eE"), text.size());
  const std::string_view digits = text.substr(0, exponent);
  const auto point = int64_t(std::min(digits.find('.'), digits.size()));
  const auto first = int64_t(digits.find_first_of("123456789"));
  int64_t power = 0;
  if (exponent < text.size()) {
    const std::string_view rest = text.substr(exponent + (text.substr(exponent + 1, 1) == "+") + 1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), power);
    if (error != std::errc())
      return rest.starts_with('-');
    constexpr int64_t kFar = int64_t(1) << 40; // no text has as many digits
    power = std::clamp(power, -kFar, kFar);
  }
  return power + point < first;
}

/// As many numbers, between blanks, as the sample has elements.
Status fillNumbers(const Field &field, std::string_view text, std::span<std::byte> sample) {
  const bool isTruth = !field.discrete() && field.elements() == 1;
  if (const std::optional<double> truth = truthOf(trimmed(text)); truth && isTruth) {
    store(field, field.dtype == CCM_U8 ? *truth * 255 : *truth, sample, 0);
    return Done();
  }
  int64_t count = 0;
  for (std::string_view rest = trimmed(text); !rest.empty(); ++count) {
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
    const std::optional<double> value = numberOf(word);
    if (!value && field.hasGaps && isMissingWord(word) && count < field.elements())
      storeNothing(field, sample, size_t(count));
    else if (!value || (count < field.elements() && !store(field, *value, sample, size_t(count))))
      return value && field.isFraction ? noFraction(field, shown(word))
                                       : unexpected(field, shown(word) + whyNot(field, word));
    rest = trimmed(rest.substr(word.size()));
  }
  if (count == field.elements())
    return Done();
  return unexpected(field, count == 0 ? "nothing" : std::to_string(count) + " numbers");
}

Status fillText(const Field &field, std::string_view text, std::span<std::byte> sample) {
  std::memset(sample.data(), 0, sample.size());
  const size_t length = std::min(text.size(), size_t(field.elements()));
  for (size_t i = 0; i < length; ++i) {
    const uint8_t byte = uint8_t(text[i]);
    if (!store(field, byte, sample, i))
      return Problem{Fault::input, "",
                     "'" + field.name + "' expects text of bytes below " +
                         std::to_string(field.vocabulary) + ", got byte " + std::to_string(byte) +
                         " at position " + std::to_string(i) + " of " + shown(text)};
  }
  return Done();
}

Status fillValue(const Field &field, std::string_view value, std::span<std::byte> sample) {
  if (const std::optional<int32_t> index = indexOf(field, trimmed(value))) {
    store(field, *index, sample, 0);
    return Done();
  }
  if (field.unknown > 0) {
    storeNothing(field, sample, 0);
    return Done();
  }
  if (takesText(field))
    return fillText(field, value, sample);
  if (field.isNamed)
    return unexpected(field, shown(value));
  const std::optional<Date> date = field.takesDates() ? dateOf(trimmed(value)) : std::nullopt;
  if (date) {
    std::array<float, kTimeChannels> values;
    fillDate(*date, std::span(values).first(size_t(field.elements())));
    std::memcpy(sample.data(), values.data(), sample.size());
    return Done();
  }
  return fillNumbers(field, value, sample);
}

Status fillNpy(const Field &field, std::string bytes, std::span<std::byte> sample) {
  Result<Array> array = readArray(std::move(bytes));
  if (!array)
    return array.error();
  if (!sameShape(array->shape, field.extents))
    return Problem{Fault::input, "",
                   "'" + field.name + "' expects an array of " + shapeText(field.extents) +
                       ", got " + shapeText(array->shape)};
  return fillFromArray(field, *array, 0, sample);
}

/// Of samples that were not stored one by one.
Status checkFractions(const Field &field, std::span<const std::byte> sample) {
  for (size_t i = 0; i < size_t(field.elements()); ++i)
    if (const float value = valueAt(field, sample, i); !(value >= 0 && value <= 1))
      return noFraction(field, std::to_string(value) + " in element " + std::to_string(i));
  return Done();
}

Status fillFile(const Field &field, const std::string &name, std::string bytes, int64_t rate,
                std::span<std::byte> sample) {
  const FileKind kind = kindOf(name);
  if (kind == FileKind::image) {
    Result<Image> image = decodeImage(bytes);
    return image ? fillImage(field, *image, sample) : Status(image.error().first());
  }
  if (kind == FileKind::sound) {
    Result<Sound> sound = decodeSound(bytes);
    Status filled = sound ? fillSound(field, *sound, rate, sample) : Status(sound.error().first());
    return filled && field.isFraction ? checkFractions(field, sample) : filled;
  }
  if (kind == FileKind::array)
    return fillNpy(field, std::move(bytes), sample);
  if (kind != FileKind::text && !takesText(field))
    return unexpected(field, "a file of an unknown kind");
  std::string_view text = bytes;
  if (text.ends_with('\n'))
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return fillValue(field, text, sample);
}

} // namespace

FileKind kindOf(std::string_view name) {
  static constexpr std::pair<std::string_view, FileKind> kSuffixes[] = {
      {".png", FileKind::image}, {".jpg", FileKind::image}, {".jpeg", FileKind::image},
      {".wav", FileKind::sound}, {".ogg", FileKind::sound}, {".flac", FileKind::sound},
      {".npy", FileKind::array}, {".txt", FileKind::text}};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  for (const auto &[suffix, kind] : kSuffixes)
    if (lower.ends_with(suffix) && lower.size() > suffix.size())
      return kind;
  return FileKind::unknown;
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<double> numberOf(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-"))
    text.remove_prefix(1);
  double value = 0;
  const char *end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range && rest == end && isTiny(text))
    return text.starts_with('-') ? -0.0 : 0.0;
  if (error != std::errc() || rest != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<int32_t> indexOf(const Field &field, std::string_view word) {
  const auto find = [&](std::string_view text) {
    return std::find(field.names.begin(), field.names.end(), text);
  };
  auto name = find(word);
  // Whoever had to mark missing cells among integers may have written 7 as 7.0.
  if (const std::optional<double> number = numberOf(word);
      name == field.names.end() && field.isNamed && number && *number == std::floor(*number) &&
      std::abs(*number) < 1e15)
    name = find(std::to_string(int64_t(*number)));
  return name == field.names.end() ? std::nullopt
                                   : std::optional(int32_t(name - field.names.begin()));
}

void fillMissing(const Field &field, std::span<std::byte> sample) {
  std::memset(sample.data(), 0, sample.size());
  if (!field.hasGaps && field.unknown == 0)
    return;
  for (size_t i = 0; i < size_t(field.elements()); ++i)
    storeNothing(field, sample, i);
}

std::optional<std::string> fileOf(const Field &field, std::string_view value, FileNames which) {
  const bool isMarked = value.starts_with('@');
  const bool isName =
      std::find(field.names.begin(), field.names.end(), trimmed(value)) != field.names.end();
  const bool isText = takesText(field) && (which == FileNames::cells || !isMarked);
  const bool isFile = isMarked || kindOf(value) != FileKind::unknown;
  if (which != FileNames::all && (isName || isText || !isFile))
    return std::nullopt;
  return std::string(value.substr(isMarked ? 1 : 0));
}

Status fillSample(const Field &field, std::string_view value, FileNames which, const ReadFile &read,
                  int64_t rate, std::span<std::byte> sample) {
  const std::optional<std::string> file = fileOf(field, value, which);
  if (!file)
    return fillValue(field, value, sample);
  const std::string &name = *file;
  Result<std::string> bytes = read(name);
  if (!bytes)
    return bytes.error();
  Status filled = fillFile(field, name, std::move(*bytes), rate, sample);
  if (filled)
    return filled;
  Problem problem = filled.error().first();
  problem.message = shown(name) + ": " + problem.message;
  return problem;
}

/// An element of an array as the port stores it: bytes of pictures are 0…1 where it holds f32, and
/// true is what models read as 1.
static double elementFor(const Field &field, const Array &array, int64_t index) {
  const double value = array.at(index);
  const bool isPicture = !field.discrete() && field.variableRank() >= 2;
  if (array.element == Element::u8 && field.dtype == CCM_F32 && isPicture)
    return value / 255;
  return array.element == Element::boolean && field.dtype == CCM_U8 ? value * 255 : value;
}

Status fillFromArray(const Field &field, const Array &array, int64_t first,
                     std::span<std::byte> sample) {
  const int64_t count = field.elements();
  if (array.element == Element::u8 && field.dtype == CCM_U8 && !field.discrete()) {
    std::memcpy(sample.data(), array.storage.data() + array.offset + size_t(first), size_t(count));
    return Done();
  }
  for (int64_t i = 0; i < count; ++i) {
    const double value = elementFor(field, array, first + i);
    if (store(field, value, sample, size_t(i)))
      continue;
    if (field.isFraction && std::isfinite(value))
      return noFraction(field, std::to_string(value) + " in element " + std::to_string(first + i));
    return Problem{Fault::input, "",
                   "'" + field.name + "' expects " +
                       (field.discrete() ? "integers below " + std::to_string(field.vocabulary)
                        : field.dtype == CCM_U8 ? std::string("integers of 0 to 255")
                        : field.isWeight        ? std::string("numbers of at least 0")
                                                : std::string("finite numbers")) +
                       ", got " + std::to_string(value) + " in element " +
                       std::to_string(first + i)};
  }
  return Done();
}

} // namespace ccm::data
