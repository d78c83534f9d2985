// SPDX-License-Identifier: Apache-2.0
// Pages without access on both sides of what is used.
#include "tests/support/Guarded.h"

#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace ccm::test {

// ---- Memory -------------------------------------------------------------------------------------

constexpr size_t kPage = 4096;

Guarded::Guarded(size_t bytes) : bytes(bytes) {
  size_t whole = (bytes + kPage - 1) / kPage * kPage;
  mapped = whole + 2 * kPage;
  mapping = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *first = static_cast<char *>(mapping) + kPage;
  if (whole)
    mprotect(first, whole, PROT_READ | PROT_WRITE);
  start = first + whole - bytes;
  std::memset(start, 0xA5, bytes);
}

Guarded::Guarded(Guarded &&other) noexcept
    : mapping(std::exchange(other.mapping, nullptr)), start(other.start), mapped(other.mapped),
      bytes(other.bytes) {}

Guarded::~Guarded() {
  if (mapping)
    munmap(mapping, mapped);
}

// ---- Threads ------------------------------------------------------------------------------------

static void runThreads(void *self, ccm_task task, void *context, int64_t count) {
  auto workers = static_cast<const ccm_runner *>(self)->workers;
  std::atomic<int64_t> left(count);
  std::vector<std::thread> threads;
  for (int32_t worker = 0; worker < workers; ++worker)
    threads.emplace_back([&, worker] {
      for (int64_t index; (index = --left) >= 0;)
        task(context, index, worker);
    });
  for (std::thread &thread : threads)
    thread.join();
}

Threads::Threads(int32_t workers)
    : interface{sizeof(ccm_runner), workers, runThreads, &interface, nullptr} {}

} // namespace ccm::test
