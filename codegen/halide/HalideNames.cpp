// SPDX-License-Identifier: Apache-2.0
#include "codegen/halide/HalideNames.h"
#include <Halide.h>
#include <atomic>
#include <cstdio>

/// Names given so far; zero while Halide has taken none from here.
static std::atomic<unsigned> namesGiven = 0;

/// The prefix and the next number.
static std::string numbered(std::string name) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%09u", ++namesGiven);
  return name += digits;
}

// libHalide calls these two by the dynamic linker, which finds the program's definitions first.
namespace Halide::Internal {

__attribute__((visibility("default"))) std::string unique_name(char prefix) {
  return numbered({prefix == '$' ? '_' : prefix});
}

__attribute__((visibility("default"))) std::string unique_name(const std::string &prefix) {
  std::string name = prefix;
  std::replace(name.begin(), name.end(), '$', '_');
  return numbered(name + '$');
}

} // namespace Halide::Internal

namespace ccm {

/// The names that Halide's solver makes at its first use and keeps: they come before all of any
/// kernel's.
static void nameSolverVariables() {
  using namespace Halide;
  Var x("x"), a("a"), b("b");
  Internal::solve_for_outer_interval(max(x, a) <= b, x.name());
  Internal::solve_for_outer_interval(max(x, a) >= b, x.name());
}

bool useOrderedNames() {
  static const bool areUsed = [] {
    nameSolverVariables();
    return namesGiven > 0;
  }();
  return areUsed;
}

} // namespace ccm
