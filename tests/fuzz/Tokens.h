// SPDX-License-Identifier: Apache-2.0
// Mutations of text word by word, which keep more of it well-formed than those of single bytes do.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ccm::fuzz {

/// Changes the text of `size` bytes in `data`, which has room for `room`, once: drops, repeats,
/// swaps or replaces words, and numbers by numbers at the borders of types and limits. Returns the
/// new size. The same seed makes the same change.
size_t mutateTokens(uint8_t *data, size_t size, size_t room, unsigned seed);

} // namespace ccm::fuzz
