/* SPDX-License-Identifier: Apache-2.0 */
/* What the processor offers, and the floating point mode of compiled code. */
#include "codegen/artifact/artifact.h"

#include <cpuid.h>
#include <immintrin.h>

/* Denormals are zero, since converged training is up to twenty times slower with them; rounding and
 * exception masks are the defaults, so that results do not depend on what the caller set. */
uint32_t ccm_enter_mode(void) {
  uint32_t saved = _mm_getcsr();
  _mm_setcsr(_MM_MASK_MASK | _MM_ROUND_NEAREST | _MM_FLUSH_ZERO_ON | 0x40 /* denormals are zero */);
  return saved;
}

void ccm_leave_mode(uint32_t saved) { _mm_setcsr(saved); }

/* Which registers the operating system saves; only to be asked where CPUID says OSXSAVE. */
static uint32_t saved_registers(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static void read_features(uint32_t *words) {
  uint32_t a, b, c = 0, d = 0;
  __get_cpuid(1, &a, &b, &c, &d);
  words[CCM_CPUID_1_ECX] = c;
  words[CCM_CPUID_1_EDX] = d;
  words[CCM_XCR0] = c & bit_OSXSAVE ? saved_registers() : 0;
  b = c = 0;
  __get_cpuid_count(7, 0, &a, &b, &c, &d);
  words[CCM_CPUID_7_EBX] = b;
  words[CCM_CPUID_7_ECX] = c;
  c = 0;
  __get_cpuid(0x80000001, &a, &b, &c, &d);
  words[CCM_CPUID_80000001_ECX] = c;
}

const ccm_model *ccm_choose_path(const ccm_path *paths, int64_t count) {
  uint32_t words[CCM_FEATURE_WORDS];
  read_features(words);
  for (int64_t i = 0; i < count; ++i) {
    uint32_t missing = 0;
    for (int32_t w = 0; w < CCM_FEATURE_WORDS; ++w)
      missing |= paths[i].required[w] & ~words[w];
    if (!missing)
      return paths[i].table;
  }
  return paths[count - 1].table;
}
