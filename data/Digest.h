// SPDX-License-Identifier: Apache-2.0
// Digests that tell data from other data; against mistakes, not against malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <zlib.h>

namespace ccm::data {

/// CRC-32 of the bytes; of several pieces with the digest of those before.
inline uint32_t crcOf(std::span<const std::byte> bytes, uint32_t before = 0) {
  return uint32_t(crc32_z(before, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

} // namespace ccm::data
