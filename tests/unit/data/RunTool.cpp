// SPDX-License-Identifier: Apache-2.0
// Processes, pipes and terminals for the tests of ccm-run.
#include "tests/unit/data/RunTool.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace ccm::data::test {

namespace {

std::string drain(int descriptor) {
  std::string text;
  char block[4096];
  for (ssize_t got; (got = read(descriptor, block, sizeof(block))) > 0;)
    text.append(block, size_t(got));
  close(descriptor);
  return text;
}

std::vector<char *> pointersOf(std::vector<std::string> &texts) {
  std::vector<char *> pointers;
  for (std::string &text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Reading and writing ends: of a pipe, or of a terminal.
void openChannel(int *ends, int columns) {
  if (columns == 0) {
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    return;
  }
  const winsize size = {25, static_cast<unsigned short>(columns), 0, 0};
  EXPECT_EQ(openpty(&ends[0], &ends[1], nullptr, nullptr, &size), 0);
  for (int end : {ends[0], ends[1]})
    fcntl(end, F_SETFD, FD_CLOEXEC);
}

pid_t start(std::vector<std::string> arguments, std::vector<std::string> environment,
            const int *out, const int *error) {
  arguments.insert(arguments.begin(), "ccm-run");
  const std::vector<char *> argv = pointersOf(arguments), variables = pointersOf(environment);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    dup2(error[1], 2);
    execve(CCM_RUN, argv.data(), variables.data());
    _exit(99);
  }
  close(out[1]);
  close(error[1]);
  return child;
}

/// This process's own variables but for those that decide how a line is drawn.
std::vector<std::string> with(std::vector<std::string> variables) {
  for (char **variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const bool decides = text.starts_with("TERM=") || text.starts_with("NO_COLOR=") ||
                         text.starts_with("LANG=") || text.starts_with("LC_");
    if (!decides)
      variables.emplace_back(text);
  }
  return variables;
}

} // namespace

Finished run(std::vector<std::string> arguments, const Surroundings &surroundings) {
  int out[2], error[2];
  openChannel(out, 0);
  openChannel(error, surroundings.columns);
  if (surroundings.deaf)
    close(out[0]);
  const pid_t child = start(std::move(arguments), with(surroundings.environment), out, error);
  Finished finished;
  std::thread drainError([&] { finished.error = drain(error[0]); });
  if (surroundings.isTime) {
    for (int wait = 0; wait < 6000 && !surroundings.isTime(); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    kill(child, SIGINT);
  }
  if (!surroundings.deaf)
    finished.out = drain(out[0]);
  drainError.join();
  int status = 0;
  waitpid(child, &status, 0);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return finished;
}

std::vector<std::string> verb(const std::string &name, std::vector<std::string> more) {
  more.insert(more.begin(), {name, PAIR_LIBRARY});
  return more;
}

Json jsonOf(const Finished &finished) {
  const Json object = Json::parse(finished.out, nullptr, false);
  EXPECT_TRUE(object.is_object()) << finished.out << finished.error;
  return object;
}

std::vector<std::string> keysOf(const Json &object) {
  std::vector<std::string> keys;
  for (const auto &[key, value] : object.items())
    keys.push_back(key);
  return keys;
}

std::string trained(const Folder &folder) {
  const std::string out = folder.path + "/run";
  EXPECT_EQ(run(verb("train", {"--data", "synthetic:64", "--out", out})).code, 0);
  return out;
}

} // namespace ccm::data::test
