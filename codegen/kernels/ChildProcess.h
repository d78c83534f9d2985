// SPDX-License-Identifier: Apache-2.0
// Functions run in other processes, where they may fail without this one.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ccm {

/// What a task returned, or how its process ended instead ("ended with signal 11").
struct ChildResult {
  std::string output, failure;
};

/// Runs every task in forks of this process, at most `jobs` (at least 1) at a time, and returns
/// their results in order; `finished` is called after each. A fork runs many tasks, one after the
/// other, the first ones first: what a task leaves behind in its process must not change another's
/// output. This process must not run threads that hold locks.
std::vector<ChildResult> runInChildren(const std::vector<std::function<std::string()>> &tasks,
                                       unsigned jobs, const std::function<void()> &finished = {});

} // namespace ccm
