/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that formulas give, from + - * / alone, so that no library has a say in their bits: the
 * first values of frozen parameters that turn a wave into the powers of its bands. */
#include "codegen/artifact/artifact.h"

/* Of a normal number m * 2^e with m in [sqrt(1/2), sqrt(2)): log m = 2 atanh((m - 1) / (m + 1)) by
 * its series. */
double ccm_logarithm(double x) {
  union {
    double number;
    uint64_t bits;
  } u = {x};
  int64_t exponent = (int64_t)(u.bits >> 52) - 1023;
  u.bits = (u.bits & UINT64_C(0x000FFFFFFFFFFFFF)) | UINT64_C(0x3FF0000000000000);
  if (u.number > 1.4142135623730951) {
    u.number *= 0.5;
    ++exponent;
  }
  double z = (u.number - 1) / (u.number + 1), square = z * z, sum = 0;
  for (int n = 21; n >= 1; n -= 2)
    sum = sum * square + 1.0 / n;
  return 2 * z * sum + (double)exponent * 0.69314718055994530942;
}

/* The cosine of `part` in [0, whole) of a whole turn, where 4 divides `whole`: of an angle of at
 * most a quarter by its series. */
static double cosine(int64_t part, int64_t whole) {
  int64_t folded = part > whole / 2 ? whole - part : part;
  int64_t quarter = folded > whole / 4 ? whole / 2 - folded : folded;
  double angle = 6.283185307179586477 * (double)quarter / (double)whole;
  double square = angle * angle, sum = 1;
  for (int n = 24; n >= 2; n -= 2)
    sum = 1 - square / (n * (n - 1)) * sum;
  return folded == quarter ? sum : -sum;
}

/* Rows 2 k - 2 and 2 k - 1 are cosine and sine of k periods in n samples. The periodic Hann window
 * has a mean of 1/2, and a sine's power is in a positive and a negative frequency: four times that
 * makes the power of a sine of amplitude 1 one. */
double ccm_fourier_value(int64_t n, int64_t row, int64_t sample) {
  int64_t periods = row / 2 + 1, part = 4 * (periods * sample % n);
  double wave = row % 2 ? cosine((part + 3 * n) % (4 * n), 4 * n) : cosine(part, 4 * n);
  double window = 0.5 - 0.5 * cosine(4 * sample, 4 * n);
  return 4 / (double)n * window * wave;
}

/* Where a frequency, in periods per n samples, lies on the mel scale, from 0 at 0 to `end` at n/2:
 * mel = 2595 log10(1 + Hz / 700), as in HTK (Young et al., The HTK Book; O'Shaughnessy, 1987). A
 * declaration has no sampling rate: it is read as 16000 Hz, at which the scale's bend lies where
 * speech needs it. */
static double mel_of(double periods, int64_t n, int64_t end) {
  const double rate = 16000.0 / 700.0;
  return (double)end * ccm_logarithm(1 + rate * periods / (double)n) / ccm_logarithm(1 + rate / 2);
}

/* The area left of x under the triangle from 0 over (1, 1) to 2. */
static double area_before(double x) {
  if (x <= 0)
    return 0;
  if (x >= 2)
    return 1;
  return x < 1 ? x * x / 2 : 1 - (2 - x) * (2 - x) / 2;
}

/* Band b is a triangle of area 1 from b to b + 2, of bands + 1 in all. Columns 2 k - 2 and 2 k - 1
 * hold the power of k periods, which is that of all between k - 1/2 and k + 1/2, the first from 0
 * on: so no band is empty, however narrow. */
double ccm_mel_value(int64_t bands, int64_t n, int64_t band, int64_t column) {
  int64_t periods = column / 2 + 1;
  double low = periods == 1 ? 0 : (double)periods - 0.5;
  double high = periods == n / 2 ? (double)periods : (double)periods + 0.5;
  return area_before(mel_of(high, n, bands + 1) - (double)band) -
         area_before(mel_of(low, n, bands + 1) - (double)band);
}
