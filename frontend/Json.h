// SPDX-License-Identifier: Apache-2.0
// A declaration's text as values that know their places.
#pragma once

#include "frontend/Diagnostics.h"
#include "llvm/Support/Allocator.h"
#include <memory>

namespace ccm::frontend {

/// Limits of a declaration's text; see the README.
constexpr size_t kFileLimit = size_t(16) << 20;
constexpr unsigned kJsonDepthLimit = 256;
constexpr size_t kValueLimit = 500000;
constexpr size_t kControlLimit = 1000000;
constexpr size_t kNumberLimit = 4096; ///< characters

/// A value, and the key it is given under when it is a member of an object.
struct JsonValue {
  /// Large is an integer beyond 64 bits with sign; Real has a point or an exponent.
  enum class Kind : uint8_t { Null, Boolean, Integer, Large, Real, String, Array, Object };

  Kind kind = Kind::Null;
  bool boolean = false;
  Place place;
  Place keyPlace;
  int64_t integer = 0; ///< of Integer
  double real = 0;     ///< of Integer, Large and Real
  llvm::StringRef key;
  llvm::StringRef text;            ///< of String, decoded
  llvm::ArrayRef<JsonValue> items; ///< of Array and Object

  bool isNumber() const {
    return kind == Kind::Integer || kind == Kind::Large || kind == Kind::Real;
  }
};

/// Owns all values of a text.
struct JsonDocument {
  llvm::BumpPtrAllocator arena;
  JsonValue root;
};

/// Reads a source, which `diagnostics` know, as JSON with comments. Null after an error that ends
/// reading; of equal keys in an object the first is kept, after an error that does not.
std::unique_ptr<JsonDocument> parseJson(Diagnostics &diagnostics, const Source &source);

} // namespace ccm::frontend
