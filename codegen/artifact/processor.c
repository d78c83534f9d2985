/* SPDX-License-Identifier: Apache-2.0 */
/* What the processor offers, and the floating point mode of compiled code. */
#include "codegen/artifact/artifact.h"

#include <immintrin.h>

/* Denormals are zero, since converged training is up to twenty times slower with them; rounding and
 * exception masks are the defaults, so that results do not depend on what the caller set. */
uint32_t ccm_enter_mode(void) {
  uint32_t saved = _mm_getcsr();
  _mm_setcsr(_MM_MASK_MASK | _MM_ROUND_NEAREST | _MM_FLUSH_ZERO_ON | 0x40 /* denormals are zero */);
  return saved;
}

void ccm_leave_mode(uint32_t saved) { _mm_setcsr(saved); }

const ccm_model *ccm_choose_path(const ccm_path *paths, int64_t count) {
  uint32_t words[CCM_FEATURE_WORDS];
  ccm_read_features(words);
  for (int64_t i = 0; i < count; ++i) {
    uint32_t missing = 0;
    for (int32_t w = 0; w < CCM_FEATURE_WORDS; ++w)
      missing |= paths[i].required[w] & ~words[w];
    if (!missing)
      return paths[i].table;
  }
  return paths[count - 1].table;
}
