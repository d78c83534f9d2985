/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled model's library says of itself before any of it runs: a note in the file, and the
 * processor features that it counts in. Read by the runtime's loader, written by the compiler. */
#ifndef CCM_MANIFEST_H
#define CCM_MANIFEST_H

#include <cpuid.h>
#include <stdint.h>

/* The note's type and the name of its owner (with the ending zero). */
#define CCM_NOTE_TYPE 1
#define CCM_NOTE_NAME "ccm"

/* Bytes of a name, the ending zero included. */
#define CCM_MANIFEST_NAME 96
#define CCM_PATH_NAME 16

/* Most code paths of a library. */
#define CCM_MAX_PATHS 8

#define CCM_DIGEST_BYTES 32

/* Words of processor features. */
enum ccm_feature_word {
  CCM_CPUID_1_ECX = 0,
  CCM_CPUID_1_EDX = 1,
  CCM_CPUID_7_EBX = 2,
  CCM_CPUID_7_ECX = 3,
  CCM_CPUID_80000001_ECX = 4,
  CCM_XCR0 = 5, /* register files the operating system saves */
  CCM_FEATURE_WORDS = 6
};

/* A code path: the bits that must be set in the words of a processor that runs it. */
typedef struct ccm_path_manifest {
  char name[CCM_PATH_NAME];
  uint32_t required[CCM_FEATURE_WORDS];
} ccm_path_manifest;

/* The note's content. `digest` is the SHA-256 of the bytes that the file's PT_LOAD segments hold,
 * one segment after another in the order of the program headers, in which `digest` itself and what
 * the ELF header says of sections (e_shoff, e_shentsize, e_shnum, e_shstrndx) count as zero: names
 * of sections and symbols may be stripped, and nothing else may change. */
typedef struct ccm_manifest {
  uint32_t abi_major, abi_minor;  /* stay at the start in every version */
  char symbol[CCM_MANIFEST_NAME]; /* exported, of type ccm_model_function */
  uint32_t path_count;
  ccm_path_manifest paths[CCM_MAX_PATHS]; /* the most demanding first */
  uint8_t digest[CCM_DIGEST_BYTES];
} ccm_manifest;

/* Which registers the operating system saves; only to be asked where CPUID says OSXSAVE. */
static inline uint32_t ccm_saved_registers(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/* Fills the words with what this processor offers. */
static inline void ccm_read_features(uint32_t words[CCM_FEATURE_WORDS]) {
  uint32_t a, b, c = 0, d = 0;
  __get_cpuid(1, &a, &b, &c, &d);
  words[CCM_CPUID_1_ECX] = c;
  words[CCM_CPUID_1_EDX] = d;
  words[CCM_XCR0] = c & bit_OSXSAVE ? ccm_saved_registers() : 0;
  b = c = 0;
  __get_cpuid_count(7, 0, &a, &b, &c, &d);
  words[CCM_CPUID_7_EBX] = b;
  words[CCM_CPUID_7_ECX] = c;
  c = 0;
  __get_cpuid(0x80000001, &a, &b, &c, &d);
  words[CCM_CPUID_80000001_ECX] = c;
}

#endif
