// SPDX-License-Identifier: Apache-2.0
// Forks that are told the numbers of tasks and report, both through a socket.
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ccm {

using Tasks = std::vector<std::function<std::string()>>;

/// Tasks that one process runs before another takes its place: what libraries keep for themselves
/// goes with it.
constexpr size_t kTasksOfChild = 128;

// ---- In the child -------------------------------------------------------------------------------

/// False at the end of what the other side sends.
static bool receiveAll(int socket, void *data, size_t size) {
  auto *bytes = static_cast<char *>(data);
  for (size_t got = 0; got < size;) {
    ssize_t count = read(socket, bytes + got, size - got);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    got += size_t(count);
  }
  return true;
}

/// False when the other side is gone.
static bool sendAll(int socket, const void *data, size_t size) {
  auto *bytes = static_cast<const char *>(data);
  for (size_t sent = 0; sent < size;) {
    ssize_t count = send(socket, bytes + sent, size - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    sent += size_t(count);
  }
  return true;
}

/// Runs what it is told to; a report is its size and its bytes.
[[noreturn]] static void runTasks(const Tasks &tasks, int socket) {
  // What the parent would recover from ends the child, and its signal is what the parent sees.
  llvm::CrashRecoveryContext::Disable();
  size_t task = 0;
  while (receiveAll(socket, &task, sizeof task)) {
    const std::string output = tasks[task]();
    const size_t size = output.size();
    if (!sendAll(socket, &size, sizeof size) || !sendAll(socket, output.data(), size))
      _exit(1);
  }
  _exit(0);
}

// ---- In the parent ------------------------------------------------------------------------------

namespace {

/// A process, this side of its socket, and how far it is.
struct Child {
  pid_t process;
  int socket;
  size_t task = 0;      ///< the last one that it was given
  size_t given = 0;     ///< how many
  bool isBusy = false;  ///< with `task`
  std::string report{}; ///< what has come of it
};

class Pool {
public:
  Pool(const Tasks &tasks, unsigned jobs, const std::function<void()> &finished)
      : tasks(tasks), finished(finished), results(tasks.size()), jobs(std::max(jobs, 1u)) {}

  std::vector<ChildResult> run() {
    while (next < tasks.size() || !children.empty()) {
      while (next < tasks.size() && children.size() < jobs && start())
        continue;
      collect();
    }
    return std::move(results);
  }

private:
  /// Forks a process for the next task. False when the task has to wait: what it lacks may be free
  /// when a running one is done.
  bool start() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
      return giveUp(errno);
    // What this process has buffered must not be written a second time by the child.
    std::fflush(nullptr);
    llvm::outs().flush();
    pid_t process = fork();
    if (process == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody would read the result
      close(ends[0]);
      runTasks(tasks, ends[1]);
    }
    int code = errno;
    close(ends[1]);
    if (process < 0) {
      close(ends[0]);
      return giveUp(code);
    }
    give(children.emplace_back(Child{process, ends[0]}));
    return true;
  }

  /// A task that could not be started has failed, unless others run.
  bool giveUp(int code) {
    if (!children.empty())
      return false;
    results[next++].failure = std::string("could not start: ") + std::strerror(code);
    return true;
  }

  /// Gives a child the next task, or tells it that there is none for it.
  void give(Child &child) {
    child.isBusy = next < tasks.size() && child.given < kTasksOfChild;
    // Other children hold copies of this end, so that closing it would not be seen.
    if (!child.isBusy) {
      shutdown(child.socket, SHUT_WR);
      return;
    }
    child.task = next++;
    ++child.given;
    sendAll(child.socket, &child.task, sizeof child.task); // or its end is seen
  }

  /// Waits for some child to report and takes what there is.
  void collect() {
    std::vector<pollfd> waits;
    for (const Child &child : children)
      waits.push_back({child.socket, POLLIN, 0});
    if (waits.empty() || poll(waits.data(), waits.size(), -1) < 0)
      return;
    for (size_t i = waits.size(); i-- > 0;)
      if (waits[i].revents != 0 && !receive(children[i]))
        children.erase(children.begin() + long(i));
  }

  /// False when the child has ended.
  bool receive(Child &child) {
    char buffer[65536];
    ssize_t count = read(child.socket, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      return true;
    if (count <= 0) {
      end(child);
      return false;
    }
    child.report.append(buffer, size_t(count));
    if (isWhole(child.report)) {
      finish(child, {child.report.substr(sizeof(size_t)), ""});
      child.report.clear();
      give(child);
    }
    return true;
  }

  static bool isWhole(const std::string &report) {
    size_t size = 0;
    if (report.size() < sizeof size)
      return false;
    std::memcpy(&size, report.data(), sizeof size);
    return report.size() - sizeof size >= size;
  }

  void finish(Child &child, ChildResult result) {
    results[child.task] = std::move(result);
    child.isBusy = false;
    if (finished)
      finished();
  }

  /// A process that ended over a task is that task's failure.
  void end(Child &child) {
    close(child.socket);
    int status = 0;
    while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
    }
    if (!child.isBusy)
      return;
    finish(child,
           {"", WIFSIGNALED(status) ? "ended with signal " + std::to_string(WTERMSIG(status))
                                    : "ended with status " + std::to_string(WEXITSTATUS(status))});
  }

  const Tasks &tasks;
  const std::function<void()> &finished;
  std::vector<ChildResult> results;
  std::vector<Child> children;
  const unsigned jobs;
  size_t next = 0;
};

} // namespace

std::vector<ChildResult> runInChildren(const Tasks &tasks, unsigned jobs,
                                       const std::function<void()> &finished) {
  return Pool(tasks, jobs, finished).run();
}

} // namespace ccm
