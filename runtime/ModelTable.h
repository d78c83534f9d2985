// SPDX-License-Identifier: Apache-2.0
// Checks of a model's table and of what its entries return.
#pragma once

#include "ccm/abi.h"
#include "ccm/result.h"

#include <cstdint>
#include <string>

namespace ccm {

/// Refuses a table of another version, with missing entries, or with ports and parameters whose
/// extents and bytes contradict each other.
Status checkModelTable(const ccm_model *model);

/// SHA-256 over names, shapes and packing of the parameters.
std::string hashLayout(const ccm_model &model);

/// Bytes of one element of a dtype; 0 for an unknown one.
uint64_t elementBytes(int32_t dtype);

/// Receives the message of one call of an entry.
class EntryError {
public:
  EntryError() : error{text, sizeof(text)} { text[0] = '\0'; }
  EntryError(const EntryError &) = delete;
  EntryError &operator=(const EntryError &) = delete;
  ccm_error *receiver() { return &error; }
  /// The entry's status as a value; `entry` names it where it gave no message.
  Status check(int32_t status, const char *entry);

private:
  char text[512];
  ccm_error error;
};

} // namespace ccm
