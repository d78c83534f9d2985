// SPDX-License-Identifier: Apache-2.0
// The exit codes that all tools share.
#pragma once

namespace ccm {

enum ExitCode {
  kDone = 0,
  kBadInput = 1,
  kBadCommandLine = 2,
  kInternalError = 70,
  kBadFile = 74,
  kInterrupted = 130,
};

} // namespace ccm
