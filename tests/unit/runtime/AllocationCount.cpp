// SPDX-License-Identifier: Apache-2.0
// Replaces operator new by one that counts.
#include "AllocationCount.h"

#include <atomic>
#include <cstdlib>
#include <new>

static std::atomic<int64_t> count{0};

int64_t ccm::test::allocationCount() { return count; }

void *operator new(size_t size, const std::nothrow_t &) noexcept {
  ++count;
  return std::malloc(size);
}

void *operator new(size_t size) {
  void *memory = operator new(size, std::nothrow);
  if (!memory)
    throw std::bad_alloc();
  return memory;
}

void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }
