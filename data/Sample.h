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

/// The text without blanks around it.
std::string_view trimmed(std::string_view text);

/// A finite decimal number that is the whole text, by the same rules in every locale.
std::optional<double> numberOf(std::string_view text);

/// How the bytes of a file that a value names are had.
using ReadFile = std::function<Result<std::string>(const std::string &name)>;

/// Whether a value for this port is the name of a file: it starts with '@', or ends in one of the
/// known suffixes and, where the port takes text, has no blank.
bool namesFile(const Field &field, std::string_view value);

/// Writes one sample to `sample` (its bytes). A value that `namesFile` is read with `read`.
Status fillSample(const Field &field, std::string_view value, const ReadFile &read, int64_t rate,
                  std::span<std::byte> sample);

/// Writes `sample`, of the field's bytes, from the array's elements from `first` on: indices are
/// checked, bytes become 0…1 where the port holds f32.
Status fillFromArray(const Field &field, const Array &array, int64_t first,
                     std::span<std::byte> sample);

} // namespace ccm::data
