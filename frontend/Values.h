// SPDX-License-Identifier: Apache-2.0
// One value against its row of the table.
#pragma once

#include "frontend/Fields.h"

namespace ccm::frontend {

/// Whether a value is of its key's kind and within its range; reports why not. The members of
/// objects and the items of lists of objects are left to who reads them.
bool checkValue(const Scope &scope, const Key &key, const JsonValue &value);

/// A value as it is quoted in messages: its text, or what it is when that is long.
std::string quoted(const Scope &scope, const JsonValue &value);

} // namespace ccm::frontend
