// SPDX-License-Identifier: Apache-2.0
// How a tool's process begins and ends: with an exit code of ours whatever happens, and with
// nothing left behind.
#pragma once

#include "tools/support/ExitCode.h"
#include <functional>

namespace ccm {

/// Prepares the process of the tool `name`, a string that lasts. Standard streams that are closed
/// fail when they are used instead of lending their number to the next file; a reader that went
/// away and a file that may not grow are errors of writing, not signals; want of memory ends the
/// process with a message and kInternalError.
void startTool(const char *name);

/// Writes out what was printed to LLVM's and C's standard streams. `code`, or kBadFile after a
/// message when standard output took not everything.
int finishTool(int code);

/// Runs `work` in a process of its own and returns the code it returns. A process that dies of a
/// signal is an internal error, and is said to be; SIGINT, SIGTERM and SIGHUP end it and give
/// kInterrupted, when nothing that it started runs any longer.
int supervise(const std::function<int()> &work);

} // namespace ccm
