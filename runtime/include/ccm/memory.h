// SPDX-License-Identifier: Apache-2.0
// Where buffers come from, and where what is said goes.
#pragma once

#include "ccm/abi.h"
#include "ccm/result.h"

#include <cstdint>
#include <string_view>

namespace ccm {

// ---- Memory -------------------------------------------------------------------------------------
/// Where buffers come from; a host may pass its own. `allocate` returns memory at a multiple of
/// CCM_ALIGNMENT, or null. `release` gets what `allocate` returned and the same number of bytes.
struct Allocator {
  void *(*allocate)(void *self, uint64_t bytes);
  void (*release)(void *self, void *memory, uint64_t bytes);
  void *self;
};

/// The heap.
Allocator heapAllocator();

/// Bytes of this machine's memory; 0 where the system does not say.
uint64_t machineMemory();

/// Owns zeroed memory at a multiple of CCM_ALIGNMENT.
class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept;
  Buffer &operator=(Buffer &&other) noexcept;
  ~Buffer();
  /// `bytes` may be 0. Fails, with kind File, when the allocator has no memory.
  static Result<Buffer> create(uint64_t bytes, const Allocator &allocator = heapAllocator());
  void *data() { return memory; }
  const void *data() const { return memory; }
  uint64_t size() const { return bytes; }

private:
  void *memory = nullptr;
  uint64_t bytes = 0;
  Allocator source{};
};

// ---- Log ----------------------------------------------------------------------------------------
/// Takes what the runtime has to say beside its results, one line at a time, lower case, without a
/// full stop. Called on the thread of the call that it is about; `write` null: nothing is said. The
/// runtime itself never prints.
struct LogSink {
  void (*write)(void *self, std::string_view line) = nullptr;
  void *self = nullptr;
};

} // namespace ccm
