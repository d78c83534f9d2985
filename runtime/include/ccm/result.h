// SPDX-License-Identifier: Apache-2.0
// How the runtime's calls fail: by returning an error in place of their value.
#pragma once

#include "ccm/expected.h"
#include <string>

namespace ccm {

/// Who can mend a failure.
enum class ErrorKind {
  Input,  ///< what was handed in is wrong: a library, a value, another model's checkpoint
  File,   ///< the operating system refused a file, or memory or threads
  Damage, ///< a checkpoint is not as it was written
  Loss,   ///< training diverged: a loss, a delta or a parameter that is not finite
};

/// A failed call: who can mend it and a sentence for the user, lower case, without a full stop.
struct Error {
  ErrorKind kind = ErrorKind::Input;
  std::string message;
};

template <typename T>
using Result = Expected<T, Error>;
using Status = Result<Done>;

} // namespace ccm
