// SPDX-License-Identifier: Apache-2.0
// The npy half of the array reader.
#pragma once

#include "data/Array.h"

namespace ccm::data {

/// Reads an npy file of version 1, 2 or 3; `bytes` begins with its magic.
Result<Array> readNpy(std::string bytes);

/// Whether the bytes after `offset` are exactly what the shape promises. `format` names the kind of
/// file in the message.
Status checkStorage(const Array &array, const std::string &format);

} // namespace ccm::data
