// The functions behind the random streams. Their results are part of the streams, so they are written out here, in
// the same operations as wasm/random_math.ts, and owe nothing to the platform's libm.
#pragma once

#include <math.h>
#include <string.h>

#include "random_tables.h"

namespace ng {
namespace NG_ISA {

/**
 * log(u) for u = k / 2^24 in (0, 1], as glibc's logf gives it: the published method with its constants, in double.
 * All 2^24 arguments give glibc's bits.
 */
inline float logOfUniform(float u) {
  uint32_t bits;
  memcpy(&bits, &u, 4);
  const uint32_t offset = bits - 0x3f330000u;
  const int row = static_cast<int>(offset >> 19 & 15);
  const int exponent = static_cast<int32_t>(offset) >> 23;
  const uint32_t mantissa = bits - (offset & 0xff800000u);
  float z;
  memcpy(&z, &mantissa, 4);
  const double r = static_cast<double>(z) * kLogFloat[2 * row] - 1.0;
  const double base = kLogFloat[2 * row + 1] + exponent * 0.6931471805599453;
  const double r2 = r * r;
  double y = 0.333456765744066 * r + -0.4999997485802103;
  y = -0.25089342214237154 * r2 + y;
  return static_cast<float>(y * r2 + (base + r));
}

/**
 * Sine and cosine of t = float(2 pi u), u = k / 2^24 in [0, 1), as glibc's sinf and cosf give them. All 2^24 arguments
 * give glibc's bits.
 */
inline void sineCosineOfUniform(float t, float* sine, float* cosine) {
  const double angle = t;
  const int quarter = static_cast<int>(angle * 0.6366197723675814 + 0.5);
  const double x = angle - quarter * 1.5707963267948966;
  const double x2 = x * x, x3 = x * x2, x4 = x2 * x2;
  const double c1 = 1.0 + x2 * -0.49999999725108224;
  const double c2 = -0.001388676379437604 + x2 * 2.4390450703564542e-05;
  const double c = (c1 + x4 * 0.041666623324344516) + (x4 * x2) * c2;
  const double s1 = 0.008332178146138854 + x2 * -0.00019517298981385725;
  const double s = (x + x3 * -0.16666654943701084) + (x3 * x2) * s1;
  // Odd quarters swap the two and some change sign; by bits, since a branch would be foreseen half of the time.
  uint64_t cBits, sBits;
  memcpy(&cBits, &c, 8);
  memcpy(&sBits, &s, 8);
  const uint64_t swap = (cBits ^ sBits) & (0 - static_cast<uint64_t>(quarter & 1));
  sBits ^= swap ^ static_cast<uint64_t>(quarter & 2) << 62;
  cBits ^= swap ^ static_cast<uint64_t>((quarter + 1) & 2) << 62;
  double p, q;
  memcpy(&p, &sBits, 8);
  memcpy(&q, &cBits, 8);
  *sine = static_cast<float>(p);
  *cosine = static_cast<float>(q);
}

/** A number as the sum of two, the second below the first's last place. */
struct Pair {
  double high, low;
};

/** a + b without error. */
inline Pair addExactly(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/** a * b without error (no overflow here). */
inline Pair multiplyExactly(double a, double b) {
  const double product = a * b;
  double t = a * 134217729.0;
  const double a1 = t - (t - a), a2 = a - a1;
  t = b * 134217729.0;
  const double b1 = t - (t - b), b2 = b - b1;
  return {product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

/** log(x) of a normal x > 0, or -inf of 0; the last bit is wrong for one argument in some thousands. */
inline double accurateLog(double x) {
  if (x <= 0.0) return -HUGE_VAL;
  uint64_t bits;
  memcpy(&bits, &x, 8);
  const uint64_t offset = bits - 0x3fe6000000000000u;
  const int row = static_cast<int>(offset >> 46 & 63);
  const double exponent = static_cast<double>(static_cast<int64_t>(offset) >> 52);
  const uint64_t mantissa = bits - (offset & 0xfff0000000000000u);
  const uint64_t upper = mantissa & 0xffffffff00000000u;
  double z, zUpper;
  memcpy(&z, &mantissa, 8);
  memcpy(&zUpper, &upper, 8);
  const double inverse = kLog[3 * row];
  // r = z / c - 1; both products are exact.
  const Pair r = addExactly(zUpper * inverse - 1.0, (z - zUpper) * inverse);
  const double base = exponent * 0.6931471805598903 + kLog[3 * row + 1];
  const Pair square = multiplyExactly(r.high, r.high);
  const Pair first = addExactly(base, r.high);
  const Pair second = addExactly(first.high, -0.5 * square.high);
  const double h = r.high;
  double series = 1.0 / 11;
  series = series * h - 1.0 / 10;
  series = series * h + 1.0 / 9;
  series = series * h - 1.0 / 8;
  series = series * h + 1.0 / 7;
  series = series * h - 1.0 / 6;
  series = series * h + 1.0 / 5;
  series = series * h - 1.0 / 4;
  series = series * h + 1.0 / 3;
  double rest = exponent * 5.497923018708371e-14 + kLog[3 * row + 2];
  rest += first.low + second.low - 0.5 * square.low;
  rest += r.low - h * r.low;
  rest += h * square.high * series;
  return second.high + rest;
}

/** Sine and cosine of an angle in [0, 2 pi]; the low parts are rounded. */
inline void sineCosinePairs(double angle, Pair* sine, Pair* cosine) {
  const int step = static_cast<int>(angle * 20.371832715762604 + 0.5);
  const Pair y = addExactly(angle - step * 0.049087385212338575, -(step * 1.9448038037175816e-15));
  const double yLow = y.low - step * 1.10048745786975e-28;
  const int row = step & 31;
  const double s = kSine[2 * row], sLow = kSine[2 * row + 1];
  const double c = kSine[64 - 2 * row], cLow = kSine[65 - 2 * row];
  const double y2 = y.high * y.high;
  // sin y - y and cos y - 1
  double sineRest = 1.0 / 362880;
  sineRest = sineRest * y2 - 1.0 / 5040;
  sineRest = sineRest * y2 + 1.0 / 120;
  sineRest = sineRest * y2 - 1.0 / 6;
  sineRest = sineRest * y2 * y.high;
  double cosineRest = 1.0 / 40320;
  cosineRest = cosineRest * y2 - 1.0 / 720;
  cosineRest = cosineRest * y2 + 1.0 / 24;
  cosineRest = cosineRest * y2 - 0.5;
  cosineRest = cosineRest * y2;
  const Pair cy = multiplyExactly(c, y.high);
  const Pair sum = addExactly(s, cy.high);
  const Pair p =
      addExactly(sum.high, cy.low + sum.low + sLow + cLow * y.high + c * yLow + s * cosineRest + c * sineRest);
  const Pair sy = multiplyExactly(s, y.high);
  const Pair difference = addExactly(c, -sy.high);
  const Pair q = addExactly(difference.high,
                            difference.low - sy.low + cLow - sLow * y.high - s * yLow + c * cosineRest - s * sineRest);
  const int quarter = step >> 5;
  const Pair u = quarter & 1 ? q : p;
  const Pair v = quarter & 1 ? p : q;
  const double uSign = quarter & 2 ? -1.0 : 1.0;
  const double vSign = (quarter + 1) & 2 ? -1.0 : 1.0;
  *sine = {uSign * u.high, uSign * u.low};
  *cosine = {vSign * v.high, vSign * v.low};
}

inline void accurateSineCosine(double angle, double* sine, double* cosine) {
  Pair s, c;
  sineCosinePairs(angle, &s, &c);
  *sine = s.high;
  *cosine = c.high;
}

/** tan(x) of an x in [-pi/2, pi/2]. */
inline double accurateTangent(double x) {
  Pair s, c;
  sineCosinePairs(x < 0.0 ? -x : x, &s, &c);
  const double quotient = s.high / c.high;
  const Pair back = multiplyExactly(quotient, c.high);
  const double result = quotient + ((s.high - back.high) - back.low + s.low - quotient * c.low) / c.high;
  return x < 0.0 ? -result : result;
}

/** exp(x); NaN gives NaN. */
inline double accurateExp(double x) {
  if (!(x < 709.79)) return x != x ? x : HUGE_VAL;
  if (x < -745.2) return 0.0;
  const double scaled = x * 46.16624130844683;
  const int step = static_cast<int>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
  const double high = x - step * 0.021660849392446835;
  const double r = high - step * 5.145609244655338e-14;
  const double rLow = (high - r) - step * 5.145609244655338e-14;
  double series = 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 0.5;
  const double rest = r + (rLow + series * r * r);
  const int row = step & 31;
  const double value = kPower[2 * row] + (kPower[2 * row + 1] + kPower[2 * row] * rest);
  // Two factors, so that neither leaves the normal numbers.
  const int exponent = step >> 5;
  const int half = exponent >> 1;
  const uint64_t one = static_cast<uint64_t>(1023 + half) << 52;
  const uint64_t other = static_cast<uint64_t>(1023 + exponent - half) << 52;
  double factor, second;
  memcpy(&factor, &one, 8);
  memcpy(&second, &other, 8);
  return value * factor * second;
}

}  // namespace NG_ISA
}  // namespace ng
