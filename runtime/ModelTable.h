// SPDX-License-Identifier: Apache-2.0
// Checks of a model's table and of what its entries return.
#pragma once

#include "ccm/abi.h"
#include "ccm/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

/// Refuses a table of another version, without sizes, init or infer, or with ports and parameters
/// whose extents and bytes contradict each other.
Status checkModelTable(const ccm_model *model);

/// An entry of a table: null where the library was compiled without it.
struct TableEntry {
  std::string_view name;
  bool present;
};

/// In the order of the table.
std::vector<TableEntry> entriesOf(const ccm_model &model);

/// What is said of an entry that a library lacks: what it was compiled for, and what to do.
Error lacksEntry(const ccm_model &model, std::string_view entry);

/// SHA-256 over names, shapes and packing of the parameters.
std::string hashLayout(const ccm_model &model);

/// Bytes of one element of a dtype; 0 for an unknown one.
uint64_t elementBytes(int32_t dtype);

/// Number of the input that is the time of an output, which counts from 1 as partners do; -1 where
/// there is none.
int32_t timeOf(const ccm_model &model, int32_t output);

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

/// Calls an entry by the name that messages have for it; the entry's message receiver is added to
/// its arguments.
template <typename... Parameters, typename... Arguments>
Status callEntry(const ccm_model &model, const char *name, int32_t (*entry)(Parameters...),
                 Arguments... arguments) {
  if (!entry)
    return lacksEntry(model, name);
  EntryError error;
  return error.check(entry(arguments..., error.receiver()), name);
}

} // namespace ccm
