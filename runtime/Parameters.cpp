// SPDX-License-Identifier: Apache-2.0
// Between the packed layout of parameters, chosen for speed, and the canonical one of checkpoints.
#include "ccm/runtime.h"

#include <algorithm>
#include <array>

namespace ccm {

using Index = std::array<int64_t, CCM_MAX_RANK>;

int64_t elementCount(const ccm_parameter &parameter) {
  int64_t count = 1;
  for (int32_t i = 0; i < parameter.rank; ++i)
    count *= parameter.shape[i];
  return count;
}

static Index stridesOf(const ccm_parameter &parameter) {
  Index strides = {};
  int64_t stride = 1;
  for (int32_t i = parameter.rank - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= parameter.shape[i];
  }
  return strides;
}

namespace {
/// Consecutive packed elements that hold canonical ones at a fixed distance.
struct Run {
  int64_t packed;    // first packed element
  int64_t canonical; // first canonical element
  int64_t count;     // elements that are not padding
  int64_t stride;    // between canonical elements
};
} // namespace

/// The run along the last packed dimension at the outer packed index `at`; its count is 0 where all
/// of it is padding.
static Run runAt(const ccm_parameter &parameter, const Index &strides, const Index &at) {
  int32_t last = parameter.packed_rank - 1, along = parameter.packed_dims[last];
  int64_t step = parameter.packed_steps[last];
  Index element = {};
  for (int32_t i = 0; i < last; ++i)
    element[parameter.packed_dims[i]] += at[i] * parameter.packed_steps[i];
  Run run = {0, 0, 0, strides[along] * step};
  for (int32_t d = 0; d < parameter.rank; ++d) {
    if (element[d] >= parameter.shape[d])
      return run;
    run.canonical += element[d] * strides[d];
  }
  int64_t left = (parameter.shape[along] - element[along] + step - 1) / step;
  run.count = std::min(left, parameter.packed_extents[last]);
  return run;
}

/// Steps an index in row-major order over the packed extents before the last.
static void advance(const ccm_parameter &parameter, Index &at) {
  for (int32_t i = parameter.packed_rank - 2; i >= 0; --i) {
    if (++at[i] < parameter.packed_extents[i])
      return;
    at[i] = 0;
  }
}

template <typename Visit>
static void forEachRun(const ccm_parameter &parameter, Visit visit) {
  if (parameter.packed_rank == 0)
    return visit(Run{0, 0, 1, 1});
  Index strides = stridesOf(parameter), at = {};
  int64_t length = parameter.packed_extents[parameter.packed_rank - 1];
  int64_t packedCount = static_cast<int64_t>(parameter.bytes / sizeof(float));
  for (int64_t packed = 0; packed < packedCount; packed += length, advance(parameter, at)) {
    Run run = runAt(parameter, strides, at);
    run.packed = packed;
    visit(run);
  }
}

void unpackParameter(const ccm_parameter &parameter, const void *params,
                     std::span<float> canonical) {
  auto packed =
      reinterpret_cast<const float *>(static_cast<const char *>(params) + parameter.offset);
  forEachRun(parameter, [&](const Run &run) {
    for (int64_t i = 0; i < run.count; ++i)
      canonical[run.canonical + i * run.stride] = packed[run.packed + i];
  });
}

void packParameter(const ccm_parameter &parameter, std::span<const float> canonical, void *params) {
  auto packed = reinterpret_cast<float *>(static_cast<char *>(params) + parameter.offset);
  forEachRun(parameter, [&](const Run &run) {
    for (int64_t i = 0; i < run.count; ++i)
      packed[run.packed + i] = canonical[run.canonical + i * run.stride];
  });
}

} // namespace ccm
