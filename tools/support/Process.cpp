// SPDX-License-Identifier: Apache-2.0
// Standard streams, want of memory, and a process that watches over another.
#include "tools/support/Process.h"
#include "runtime/io/SignalsHeld.h"
#include "runtime/io/StandardStreams.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ccm {
namespace {

const char *toolName = "ccm";

/// Says without allocating why the process ends, and ends it.
[[noreturn]] void endAtOnce(const char *reason) {
  for (const char *part : {toolName, ": error: ", reason, "\n"})
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0)
      break;
  _exit(kInternalError);
}

void outOfMemory() { endAtOnce("out of memory"); }

/// LLVM's own hooks; it would abort or exit with 1 without them.
void allocationFailed(void *, const char *, bool) { outOfMemory(); }
void fatalError(void *, const char *reason, bool) { endAtOnce(reason); }

/// The process that is watched over, and the signal that asked for its end; for the handler.
volatile pid_t watched = 0;
volatile sig_atomic_t interruption = 0;

void interrupt(int signal) {
  interruption = signal;
  if (watched > 0)
    kill(watched, SIGTERM);
}

/// Sets what the signals that end a process do; one that is ignored, as under nohup, stays so.
void onInterruption(void (*action)(int)) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (std::signal(signal, action) == SIG_IGN)
      std::signal(signal, SIG_IGN);
}

/// In the new process: it ends with its parent, and by the usual signals.
[[noreturn]] void runWatched(pid_t parent, const std::function<int()> &work) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) // it ended before the line above
    _exit(kInterrupted);
  std::exit(finishTool(work()));
}

/// The exit code that the end of the watched process stands for.
int codeOf(int status) {
  if (interruption != 0)
    return kInterrupted;
  if (WIFEXITED(status))
    return WEXITSTATUS(status);
  llvm::errs() << toolName << ": internal error: ended with signal " << WTERMSIG(status) << "\n";
  return kInternalError;
}

/// Waits for the process, then for what it started and left running.
int watch(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  watched = 0;
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  return codeOf(status);
}

/// Starts the process; -1 when there cannot be one. Signals wait until it is known whom to end; one
/// that came before ends this process.
pid_t start(const std::function<int()> &work) {
  pid_t parent = getpid(), process;
  {
    io::SignalsHeld held;
    process = interruption == 0 ? fork() : -1;
    if (process == 0)
      onInterruption(SIG_DFL);
    watched = process;
  }
  if (process == 0)
    runWatched(parent, work);
  return process;
}

} // namespace

void startTool(const char *name) {
  toolName = name;
  io::occupyStandardStreams();
  for (int failedWrite : {SIGPIPE, SIGXFSZ})
    std::signal(failedWrite, SIG_IGN);
  std::set_new_handler(outOfMemory);
  llvm::install_bad_alloc_error_handler(allocationFailed);
  llvm::install_fatal_error_handler(fatalError);
}

int finishTool(int code) {
  llvm::outs().flush();
  bool failed = llvm::outs().has_error() || std::fflush(stdout) != 0;
  llvm::outs().clear_error(); // or its destructor would end the process in LLVM's own way
  if (failed && code == kDone) {
    llvm::errs() << toolName << ": error: cannot write to standard output\n";
    code = kBadFile;
  }
  llvm::errs().flush();
  llvm::errs().clear_error();
  return code;
}

int supervise(const std::function<int()> &work) {
  onInterruption(interrupt);
  prctl(PR_SET_CHILD_SUBREAPER, 1); // so that none is left that could still write
  pid_t process = start(work);
  if (process > 0)
    return watch(process);
  if (interruption != 0)
    return kInterrupted;
  llvm::errs() << toolName << ": error: cannot start a process: " << std::strerror(errno) << "\n";
  return kInternalError;
}

} // namespace ccm
