// SPDX-License-Identifier: Apache-2.0
// System calls that fail on demand: any one of them, by its number, with any errno. For tests.
#pragma once

#include "runtime/io/SystemCalls.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccm::io {

/// Which calls fail, and how.
struct Fault {
  int64_t call = -1;        ///< from 0; negative: none
  bool onwards = false;     ///< and every later one
  int code = EIO;           ///< errno; 0: writes, which alone are counted then, are cut short
  bool toldOnError = false; ///< the first failure is told on standard error
};

/// Puts a table in use that counts calls from 0 and passes them on to `below`, which must outlive
/// its use, but for those that fail. A close that fails closes all the same. One table for the
/// whole process: a second call replaces the first one's fault.
void useFaultyCalls(const Fault &fault, const SystemCalls &below = operatingSystem());

/// Calls made since `useFaultyCalls`.
int64_t callsMade();

/// Whether a call of that name, as the member of the table is named, has failed on demand.
bool hasFailed(std::string_view name);

/// Whether any call has.
bool hasFailed();

/// The fault that a text asks for: "12:EIO", from there on "12+:ENOSPC", "12:short". False when it
/// is none of these.
bool parseFault(const std::string &text, Fault &fault);

} // namespace ccm::io
