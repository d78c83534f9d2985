// SPDX-License-Identifier: Apache-2.0
// Functions run in processes of their own, so that they start from the same state and may fail
// alone.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ccm {

/// What a task returned, or how its process ended instead ("ended with signal 11").
struct ChildResult {
  std::string output, failure;
};

/// Runs every task in a fork of this process, at most `jobs` (at least 1) at a time, and returns
/// their results in order; `finished` is called after each. This process must not run threads that
/// hold locks.
std::vector<ChildResult> runInChildren(const std::vector<std::function<std::string()>> &tasks,
                                       unsigned jobs, const std::function<void()> &finished = {});

} // namespace ccm
