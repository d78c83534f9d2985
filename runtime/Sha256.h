// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for digests of parameters and checkpoints.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccm {

/// Takes bytes piece by piece; the digest depends on their concatenation alone.
class Sha256 {
public:
  /// `plain`: without the processor's own instructions for it, as where there are none.
  explicit Sha256(bool plain = false) : plain(plain) {}
  void add(std::string_view bytes);
  void add(const void *data, uint64_t size) { add({static_cast<const char *>(data), size}); }
  /// The digest in 64 lower-case hexadecimal digits; ends the use of this object.
  std::string finish();

private:
  void compress(const unsigned char *blocks, size_t count);
  bool plain;
  std::array<uint32_t, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending = {};
  uint64_t total = 0; // bytes so far
};

/// The digest of one piece.
std::string sha256(std::string_view bytes);

} // namespace ccm
