// SPDX-License-Identifier: Apache-2.0
// The safetensors format: a JSON header of tensors and texts, then the tensors' bytes.
#pragma once

#include "ccm/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

/// Texts of a file's `__metadata__`.
using Metadata = std::map<std::string, std::string, std::less<>>;

/// A tensor of a file. `begin` and `end` are byte offsets into the data after the header.
struct Tensor {
  std::string name;
  std::string dtype; ///< "F32", "U8", …
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

/// A parsed file; `data` and `header` point into the bytes it was parsed from.
struct Safetensors {
  Safetensors() = default;
  Safetensors(const Safetensors &) = delete; // `positions` refers to the tensors' names
  Safetensors &operator=(const Safetensors &) = delete;
  Safetensors(Safetensors &&) = default;
  Safetensors &operator=(Safetensors &&) = default;
  Metadata metadata;
  std::vector<Tensor> tensors;                  ///< by position
  std::map<std::string_view, size_t> positions; ///< in `tensors`, by name
  std::string_view header;                      ///< its length included
  std::string_view data;
  /// The text of a key; null when it is not there.
  const std::string *text(std::string_view key) const;
  const Tensor *find(std::string_view name) const;
  std::string_view bytes(const Tensor &tensor) const {
    return data.substr(tensor.begin, tensor.end - tensor.begin);
  }
};

/// Parses a whole file: every size and offset is checked, tensors must fill the data without gaps
/// or overlaps, and nothing unknown is passed over. The message of an error, of kind Damage, is a
/// reason to be put behind the file's name.
Result<Safetensors> parseSafetensors(std::string_view bytes);

/// The header, its length included, of a file whose data is that of `tensors` in order; padded so
/// that the data starts at a multiple of 64 bytes. Sets each tensor's `begin` and `end`.
std::string writeSafetensorsHeader(const Metadata &metadata, std::vector<Tensor> &tensors);

} // namespace ccm
