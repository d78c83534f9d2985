// SPDX-License-Identifier: Apache-2.0
// SHA-256: by the processor's own instructions where it has them, else in plain C++.
#include "runtime/Sha256.h"

#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace ccm {

static constexpr std::array<uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t bigEndian(const unsigned char *bytes) {
  return uint32_t(bytes[0]) << 24 | uint32_t(bytes[1]) << 16 | uint32_t(bytes[2]) << 8 | bytes[3];
}

/// The 64 words that one block of 16 words stands for.
static std::array<uint32_t, 64> expand(const unsigned char *block) {
  std::array<uint32_t, 64> words;
  for (int i = 0; i < 16; ++i)
    words[i] = bigEndian(block + 4 * i);
  for (int i = 16; i < 64; ++i) {
    uint32_t a = words[i - 15], b = words[i - 2];
    uint32_t low = std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3);
    uint32_t high = std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10);
    words[i] = words[i - 16] + low + words[i - 7] + high;
  }
  return words;
}

static void compressPlainly(std::array<uint32_t, 8> &state, const unsigned char *block) {
  std::array<uint32_t, 64> words = expand(block);
  auto [a, b, c, d, e, f, g, h] = state;
  for (int i = 0; i < 64; ++i) {
    uint32_t sumE = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    uint32_t sumA = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    uint32_t first = h + sumE + ((e & f) ^ (~e & g)) + kRound[i] + words[i];
    uint32_t second = sumA + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first;
    d = c, c = b, b = a, a = first + second;
  }
  std::array<uint32_t, 8> change = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i)
    state[i] += change[i];
}

#define CCM_SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

/// Whether the processor has the instructions: leaf 7 of cpuid says so in bit 29 of EBX.
static bool hasShaInstructions() {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx >> 29 & 1) &&
         __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

/// Words 4i to 4i + 3 of the message schedule, from the 16 before them.
CCM_SHA_TARGET static inline __m128i nextWords(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
  __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
  return _mm_sha256msg2_epu32(sum, w3);
}

/// The instructions keep the state as the words a, b, e, f and c, d, g, h, the highest first.
CCM_SHA_TARGET static void compressByInstructions(std::array<uint32_t, 8> &state,
                                                  const unsigned char *blocks, size_t count) {
  const __m128i kSwap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto load = [](const void *from) { return _mm_loadu_si128(static_cast<const __m128i *>(from)); };
  __m128i abcd = _mm_shuffle_epi32(load(&state[0]), 0xb1);
  __m128i efgh = _mm_shuffle_epi32(load(&state[4]), 0x1b);
  __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
  for (; count > 0; --count, blocks += 64) {
    const __m128i before[2] = {abef, cdgh};
    __m128i words[4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      words[i % 4] = i < 4 ? _mm_shuffle_epi8(load(blocks + 16 * i), kSwap)
                           : nextWords(words[i % 4], words[(i + 1) % 4], words[(i + 2) % 4],
                                       words[(i + 3) % 4]);
      __m128i round = _mm_add_epi32(words[i % 4], load(&kRound[4 * i]));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, round);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(round, 0x0e));
    }
    abef = _mm_add_epi32(abef, before[0]);
    cdgh = _mm_add_epi32(cdgh, before[1]);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  auto store = [](void *to, __m128i value) { _mm_storeu_si128(static_cast<__m128i *>(to), value); };
  store(&state[0], _mm_blend_epi16(feba, dchg, 0xf0));
  store(&state[4], _mm_alignr_epi8(dchg, feba, 8));
}

void Sha256::compress(const unsigned char *blocks, size_t count) {
  static const bool kInstructions = hasShaInstructions();
  if (kInstructions && !plain)
    return compressByInstructions(state, blocks, count);
  for (size_t i = 0; i < count; ++i)
    compressPlainly(state, blocks + 64 * i);
}

void Sha256::add(std::string_view bytes) {
  size_t used = total % 64;
  total += bytes.size();
  if (used != 0) {
    size_t taken = std::min(bytes.size(), 64 - used);
    std::memcpy(&pending[used], bytes.data(), taken);
    bytes.remove_prefix(taken);
    if (used + taken < 64)
      return;
    compress(pending.data(), 1);
  }
  size_t blocks = bytes.size() / 64;
  compress(reinterpret_cast<const unsigned char *>(bytes.data()), blocks);
  bytes.remove_prefix(64 * blocks);
  if (!bytes.empty())
    std::memcpy(pending.data(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
  uint64_t bits = total * 8;
  std::string ending(1, '\x80');
  ending.append((119 - total % 64) % 64, '\0');
  for (int shift = 56; shift >= 0; shift -= 8)
    ending.push_back(static_cast<char>(bits >> shift));
  add(ending);
  std::string digits;
  for (uint32_t word : state)
    for (int shift = 28; shift >= 0; shift -= 4)
      digits.push_back("0123456789abcdef"[word >> shift & 15]);
  return digits;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.finish();
}

} // namespace ccm
