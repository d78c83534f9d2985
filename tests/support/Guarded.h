// SPDX-License-Identifier: Apache-2.0
// Memory that faults when it is overrun, and threads that take tasks in an order of their own.
#pragma once

#include "ccm/abi.h"

#include <cstddef>
#include <span>
#include <string>

namespace ccm::test {

/// Memory that ends where a page begins that cannot be touched. Starts as 0xA5 throughout.
class Guarded {
public:
  explicit Guarded(size_t bytes);
  Guarded(Guarded &&other) noexcept;
  ~Guarded();
  template <typename T = void>
  T *as() const {
    return static_cast<T *>(start);
  }
  size_t size() const { return bytes; }
  std::span<float> floats() const { return {as<float>(), bytes / sizeof(float)}; }
  std::string copy() const { return std::string(as<char>(), bytes); }

private:
  void *mapping, *start;
  size_t mapped, bytes;
};

/// A runner of `workers` threads that takes tasks last first, so that order shows where it matters.
class Threads {
public:
  explicit Threads(int32_t workers);
  const ccm_runner *runner() const { return &interface; }

private:
  ccm_runner interface;
};

} // namespace ccm::test
