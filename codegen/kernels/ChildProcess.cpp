// SPDX-License-Identifier: Apache-2.0
// Forked tasks that report through pipes.
#include "codegen/kernels/ChildProcess.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ccm {

namespace {

/// A running child and the end of the pipe that it writes to.
struct Child {
  size_t task;
  pid_t process;
  int pipe;
};

[[noreturn]] void runTask(const std::function<std::string()> &task, int pipe) {
  // What the parent would recover from ends the child, and its signal is what the parent sees.
  llvm::CrashRecoveryContext::Disable();
  std::string output = task();
  const char *data = output.data();
  for (size_t left = output.size(); left > 0;) {
    ssize_t written = write(pipe, data, left);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      _exit(1);
    data += written;
    left -= size_t(written);
  }
  _exit(0);
}

class Pool {
public:
  Pool(const std::vector<std::function<std::string()>> &tasks, unsigned jobs,
       const std::function<void()> &finished)
      : tasks(tasks), finished(finished), results(tasks.size()), jobs(std::max(jobs, 1u)) {}

  std::vector<ChildResult> run() {
    while (next < tasks.size() || !children.empty()) {
      while (next < tasks.size() && children.size() < jobs && start(next))
        ++next;
      collect();
    }
    return std::move(results);
  }

private:
  /// False when the task has to wait: what it lacks may be free when a running one is done.
  bool start(size_t task) {
    int ends[2];
    if (pipe(ends) != 0)
      return giveUp(task, errno);
    // What this process has buffered must not be written a second time by the child.
    std::fflush(nullptr);
    llvm::outs().flush();
    pid_t process = fork();
    if (process == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody would read the result
      close(ends[0]);
      runTask(tasks[task], ends[1]);
    }
    int code = errno;
    close(ends[1]);
    if (process < 0) {
      close(ends[0]);
      return giveUp(task, code);
    }
    children.push_back({task, process, ends[0]});
    return true;
  }

  /// A task that could not be started has failed, unless others run.
  bool giveUp(size_t task, int code) {
    if (!children.empty())
      return false;
    results[task].failure = std::string("could not start: ") + std::strerror(code);
    return true;
  }

  /// Waits for some child to report and takes what there is.
  void collect() {
    std::vector<pollfd> waits;
    for (const Child &child : children)
      waits.push_back({child.pipe, POLLIN, 0});
    if (waits.empty() || poll(waits.data(), waits.size(), -1) < 0)
      return;
    for (size_t i = waits.size(); i-- > 0;)
      if (waits[i].revents != 0 && !receive(children[i]))
        children.erase(children.begin() + long(i));
  }

  /// False when the child is done.
  bool receive(const Child &child) {
    char buffer[65536];
    ssize_t count = read(child.pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      return true;
    if (count > 0) {
      results[child.task].output.append(buffer, size_t(count));
      return true;
    }
    close(child.pipe);
    finish(child);
    return false;
  }

  void finish(const Child &child) {
    int status = 0;
    while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
    }
    std::string &failure = results[child.task].failure;
    if (WIFSIGNALED(status))
      failure = "ended with signal " + std::to_string(WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
      failure = "ended with status " + std::to_string(WEXITSTATUS(status));
    if (finished)
      finished();
  }

  const std::vector<std::function<std::string()>> &tasks;
  const std::function<void()> &finished;
  std::vector<ChildResult> results;
  std::vector<Child> children;
  const unsigned jobs;
  size_t next = 0;
};

} // namespace

std::vector<ChildResult> runInChildren(const std::vector<std::function<std::string()>> &tasks,
                                       unsigned jobs, const std::function<void()> &finished) {
  return Pool(tasks, jobs, finished).run();
}

} // namespace ccm
