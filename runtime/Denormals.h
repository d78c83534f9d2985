// SPDX-License-Identifier: Apache-2.0
// The floating point mode in which compiled models run.
#pragma once

#include <immintrin.h>

namespace ccm {

/// Puts the calling thread in the mode of compiled models and restores its own with the scope:
/// denormals are zero, since converged training is up to twenty times slower with them; rounding
/// and exception masks are the defaults, whatever the host set, so that results do not depend on
/// it.
class DenormalsAreZero {
public:
  DenormalsAreZero() : saved(_mm_getcsr()) { _mm_setcsr(kMode); }
  DenormalsAreZero(const DenormalsAreZero &) = delete;
  DenormalsAreZero &operator=(const DenormalsAreZero &) = delete;
  ~DenormalsAreZero() { _mm_setcsr(saved); }

private:
  static constexpr unsigned kMode = _MM_MASK_MASK | _MM_ROUND_NEAREST | _MM_FLUSH_ZERO_ON | 0x40;
  unsigned saved;
};

} // namespace ccm
