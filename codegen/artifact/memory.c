/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's memory functions, so that an artifact needs no library. Compiled so that
 * the loops here do not become calls of the functions they implement. */
#include "codegen/artifact/artifact.h"

/* The string instructions are the processor's fastest copy for large blocks and take some 30 cycles
 * to start, so short blocks are copied by words. */
#define CCM_LONG_BLOCK 512

typedef uint64_t __attribute__((may_alias, aligned(1))) word;

static void copy_long(void *into, const void *from, uint64_t bytes) {
  __asm__ volatile("rep movsb" : "+D"(into), "+S"(from), "+c"(bytes) : : "memory");
}

static void fill_long(void *into, int value, uint64_t bytes) {
  __asm__ volatile("rep stosb" : "+D"(into), "+c"(bytes) : "a"(value) : "memory");
}

static void copy_up(char *to, const char *from, uint64_t bytes) {
  for (; bytes >= 8; to += 8, from += 8, bytes -= 8)
    *(word *)to = *(const word *)from;
  for (; bytes; --bytes)
    *to++ = *from++;
}

static void copy_down(char *to, const char *from, uint64_t bytes) {
  for (; bytes >= 8; bytes -= 8)
    *(word *)(to + bytes - 8) = *(const word *)(from + bytes - 8);
  for (; bytes; --bytes)
    to[bytes - 1] = from[bytes - 1];
}

void *memcpy(void *restrict into, const void *restrict from, __SIZE_TYPE__ bytes) {
  if (bytes >= CCM_LONG_BLOCK)
    copy_long(into, from, bytes);
  else
    copy_up(into, from, bytes);
  return into;
}

void *memmove(void *into, const void *from, __SIZE_TYPE__ bytes) {
  uint64_t distance = (uint64_t)into - (uint64_t)from; /* wraps: large when `into` comes first */
  if (distance >= bytes)
    copy_up(into, from, bytes);
  else
    copy_down(into, from, bytes);
  return into;
}

void *memset(void *into, int value, __SIZE_TYPE__ bytes) {
  if (bytes >= CCM_LONG_BLOCK) {
    fill_long(into, value, bytes);
    return into;
  }
  char *to = into;
  uint64_t pattern = (unsigned char)value * UINT64_C(0x0101010101010101);
  for (; bytes >= 8; to += 8, bytes -= 8)
    *(word *)to = pattern;
  for (; bytes; --bytes)
    *to++ = (char)value;
  return into;
}
