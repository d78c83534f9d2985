// SPDX-License-Identifier: Apache-2.0
// One sample of a port from what a person wrote: a number, a text, or a file.
#pragma once

#include "data/Array.h"
#include "data/Field.h"
#include "data/Problem.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ccm::data {

/// Samples a second of sound ports unless told otherwise: a port only says how many samples.
constexpr int64_t kDefaultRate = 8000;

/// What a file holds, by the end of its name.
enum class FileKind { image, sound, array, text, unknown };
FileKind kindOf(std::string_view name);

/// The text without blanks around it.
std::string_view trimmed(std::string_view text);

/// A finite decimal number that is the whole text, by the same rules in every locale; what is too
/// small is 0.
std::optional<double> numberOf(std::string_view text);

/// Words for a value that there is none of, beside the empty one.
inline const std::vector<std::string> kMissingWords = {"NA",   "nan", "NaN", "null",
                                                       "None", "-",   "?"};

/// The index that a word is the name of; integers however they are written. None where it is not.
std::optional<int32_t> indexOf(const Field &field, std::string_view word);

/// Writes a sample that there is none of: NaN where elements may be missing, the index of what is
/// unknown where there is one, else zeros.
void fillMissing(const Field &field, std::span<std::byte> sample);

/// How the bytes of a file that a value names are had.
using ReadFile = std::function<Result<std::string>(const std::string &name)>;

/// Which values are names of files.
enum class FileNames {
  typed, ///< on a command line: with '@' in front, or with a known suffix for a port without text
  cells, ///< as typed, but what a port of text is given is always the text
  all    ///< every value, with '@' in front or without
};

/// Whether the port holds indices of letters or words, one after the other.
inline bool takesText(const Field &field) { return field.discrete() && !field.isIndex(); }

/// The file that a value for this port names; none where the value is what is meant, as one of the
/// names of a port's indices always is.
std::optional<std::string> fileOf(const Field &field, std::string_view value, FileNames which);

/// Writes one sample to `sample` (its bytes). The file that a value names is read with `read`.
Status fillSample(const Field &field, std::string_view value, FileNames which, const ReadFile &read,
                  int64_t rate, std::span<std::byte> sample);

/// Writes `sample`, of the field's bytes, from the array's elements from `first` on: indices are
/// checked, bytes become 0…1 where a port of two or more extents holds f32, true becomes 1, or 255
/// in a port of bytes.
Status fillFromArray(const Field &field, const Array &array, int64_t first,
                     std::span<std::byte> sample);

} // namespace ccm::data
