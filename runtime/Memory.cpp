// SPDX-License-Identifier: Apache-2.0
// Aligned buffers, from the heap or from a host's allocator, and the arrays of a batch.
#include "ccm/runtime.h"

#include "runtime/ModelTable.h"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace ccm {

Allocator heapAllocator() {
  auto allocate = [](void *, uint64_t bytes) -> void * {
    if (bytes > UINT64_MAX - CCM_ALIGNMENT)
      return nullptr;
    uint64_t rounded = (bytes + CCM_ALIGNMENT - 1) / CCM_ALIGNMENT * CCM_ALIGNMENT;
    return std::aligned_alloc(CCM_ALIGNMENT, rounded);
  };
  auto release = [](void *, void *memory, uint64_t) { std::free(memory); };
  return {allocate, release, nullptr};
}

uint64_t machineMemory() {
  long pages = ::sysconf(_SC_PHYS_PAGES), bytes = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && bytes > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(bytes) : 0;
}

Buffer::Buffer(Buffer &&other) noexcept
    : memory(std::exchange(other.memory, nullptr)), bytes(std::exchange(other.bytes, 0)),
      source(other.source) {}

Buffer &Buffer::operator=(Buffer &&other) noexcept {
  std::swap(memory, other.memory);
  std::swap(bytes, other.bytes);
  std::swap(source, other.source);
  return *this;
}

Buffer::~Buffer() {
  if (memory)
    source.release(source.self, memory, bytes);
}

Result<Buffer> Buffer::create(uint64_t bytes, const Allocator &allocator) {
  Buffer buffer;
  if (bytes == 0)
    return buffer;
  buffer.memory = allocator.allocate(allocator.self, bytes);
  if (!buffer.memory)
    return Error{ErrorKind::File, "cannot allocate " + std::to_string(bytes) + " bytes"};
  buffer.bytes = bytes;
  buffer.source = allocator;
  std::memset(buffer.memory, 0, bytes);
  return buffer;
}

Result<Batch> Batch::create(std::shared_ptr<const Artifact> artifact, int64_t capacity,
                            unsigned parts, const Allocator &allocator) {
  if (capacity < 1)
    return Error{ErrorKind::Input,
                 "expected a batch of at least 1 sample, found " + std::to_string(capacity)};
  Batch batch;
  batch.source = std::move(artifact);
  batch.samples = capacity;
  Status allocated = batch.allocate(parts, allocator);
  return allocated ? Result<Batch>(std::move(batch)) : Result<Batch>(allocated.error());
}

/// Elements of one sample.
static uint64_t elementsOf(const ccm_port &port) { return port.bytes / elementBytes(port.dtype); }

Status Batch::allocate(unsigned parts, const Allocator &allocator) {
  Status status = Done{};
  // One array; null where it is not wanted or an earlier one failed.
  auto make = [&](bool wanted, uint64_t bytesOfSample) -> void * {
    uint64_t bytes = 0;
    if (!wanted || !status)
      return nullptr;
    if (__builtin_mul_overflow(bytesOfSample, static_cast<uint64_t>(samples), &bytes))
      bytes = UINT64_MAX; // no allocator has as much: its refusal is the message
    Result<Buffer> buffer = Buffer::create(bytes, allocator);
    if (!buffer) {
      status = buffer.error();
      return nullptr;
    }
    arrays.push_back(std::move(*buffer));
    return arrays.back().data();
  };
  for (const ccm_port &port : source->inputs()) {
    bool continuous = port.dtype != CCM_I32;
    inputs.push_back(make(parts & kInputs, port.bytes));
    given.push_back(port.draw != CCM_GIVEN ? nullptr : inputs.back());
    inputDeltas.push_back(static_cast<float *>(
        make((parts & kInputDeltas) && continuous, elementsOf(port) * sizeof(float))));
  }
  for (const ccm_port &port : source->outputs()) {
    targets.push_back(make(parts & kTargets, port.target_bytes));
    outputs.push_back(static_cast<float *>(make(parts & kOutputs, port.bytes)));
    outputDeltas.push_back(static_cast<float *>(make(parts & kOutputDeltas, port.bytes)));
  }
  return status;
}

void Batch::give(int32_t port, bool isGiven) {
  if (source->inputs()[port].partner != 0)
    given[port] = isGiven ? inputs[port] : nullptr;
}

ccm_batch Batch::first(int64_t count) const {
  return {.bytes = sizeof(ccm_batch),
          .count = count,
          .inputs = given.data(),
          .targets = targets.data(),
          .outputs = outputs.data(),
          .output_deltas = outputDeltas.data(),
          .input_deltas = inputDeltas.data(),
          .seed = 0};
}

} // namespace ccm
