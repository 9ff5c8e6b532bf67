// Elementary functions on vectors of float64, right to about 1e-12: they serve float32 elements, whose results are
// rounded once more, so nothing here has to care for float64's own subnormals or overflow.
#pragma once

#include <math.h>

#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace wide {

constexpr double kInfinity = __builtin_inf();
constexpr double kPi = 3.141592653589793;

/** Σ c[i] · xⁱ. */
template <int N>
inline F64 polynomial(F64 x, const double (&c)[N]) {
  F64 p(c[N - 1]);
  for (int i = N - 2; i >= 0; i--) p = fma(p, x, F64(c[i]));
  return p;
}

/** Calls f lane by lane: for the rare arguments a vector path cannot take. */
template <class F>
inline F64 lanewise(F64 x, F64 y, F f) {
  alignas(64) double a[kLanes64], b[kLanes64];
  store(a, x);
  store(b, y);
  for (int i = 0; i < kLanes64; i++) a[i] = f(a[i], b[i]);
  return load(a);
}

/** eˣ for x in [−700, 700]; elsewhere the nearer end's. */
inline F64 exp(F64 x) {
  static const double c[] = {0.4999999999966326,     0.1666666666726711,    0.041666666962941294,
                             0.00833333309452141,    0.0013888811021617983, 0.00019841539520049596,
                             2.4880872724644104e-05, 2.749301307812447e-06};
  const F64 kept = max(min(x, F64(700.0)), F64(-700.0));
  const F64 shift(6755399441055744.0);
  const F64 shifted = fma(kept, F64(1.4426950408889634), shift), n = shifted - shift;
  F64 r = fma(n, F64(-0.693147180369123816490), kept);
  r = fma(n, F64(-1.90821492927058770002e-10), r);
  const F64 p = fma(polynomial(r, c) * r, r, r) + F64(1.0);
  // The sum with 1.5 · 2⁵² holds n in its lowest bits.
  return select(x != x, x, fromBits(bits(p) + shiftLeft<52>(bits(shifted))));
}

/** ln x + tail / x for normal x > 0; −∞ for 0, NaN below. */
inline F64 log(F64 x, F64 tail) {
  static const double c[] = {0.6666666667584644, 0.3999999560464727, 0.2857211114700573, 0.22176099129253896,
                             0.19585528069332095};
  const I64 root(0x3fe6a09e667f3bcd);  // √½
  const I64 word = bits(x) - root;
  // The exponent field, moved up by 2048 to be positive, as a number: its bits below those of 2⁵².
  const F64 biased = fromBits(shiftRight<52>(word + I64(int64_t{1} << 62)) | I64(0x4330000000000000));
  const F64 e = biased - F64(4503599627370496.0 + 1024.0);
  const F64 f = fromBits((word & I64(0x000fffffffffffff)) + root) - F64(1.0);
  const F64 s = f / (f + F64(2.0)), t = s * s;
  F64 result = fma(s * t, polynomial(t, c), s + s) + tail / x;
  result = fma(e, F64(0.6931471805599453), result);
  const F64 infinity(kInfinity);
  const F64 edge = select(x == F64(0.0), -infinity, select(x == infinity, infinity, F64(__builtin_nan(""))));
  return select((x > F64(0.0)) & (x < infinity), result, edge);
}
inline F64 log(F64 x) { return log(x, F64(0.0)); }
inline F64 log2(F64 x) {
  // Whole powers of two come out whole.
  const F64 e = roundSmall(log(x) * F64(1.4426950408889634));
  const F64 result = log(x) * F64(1.4426950408889634);
  return select(abs(result - e) < F64(1e-11), e, result);
}
inline F64 log10(F64 x) { return log(x) * F64(0.4342944819032518); }

/** ln(1 + x): what the sum loses comes in again as a tail. */
inline F64 log1p(F64 x) {
  const F64 one(1.0), sum = one + x;
  const F64 result = log(sum, x - (sum - one));
  const F64 small = fma(x * x, F64(-0.5), x);
  return select(x == F64(kInfinity), x, select(abs(x) < F64(1e-8), small, result));
}

/** x − n · π/2 with n the nearest integer; n's lowest bits are those of `quadrant`. For |x| < 2²⁷. */
inline F64 reduceAngle(F64 x, I64& quadrant) {
  const F64 shift(6755399441055744.0);
  const F64 shifted = fma(x, F64(0.6366197723675814), shift), n = shifted - shift;
  quadrant = bits(shifted);
  // π/2 in parts of 25 and 26 bits, so that n times each is exact, and the rest.
  F64 r = fma(n, F64(-1.5707963109016418), x);
  r = fma(n, F64(-1.5893254712295857e-08), r);
  return fma(n, F64(-6.123233995736766e-17), r);
}
inline F64 sinReduced(F64 r) {
  static const double c[] = {-0.1666666666663145, 0.008333333325244987, -0.00019841263807852976, 2.7555354452541512e-06,
                             -2.4761407091749527e-08};
  const F64 t = r * r;
  return fma(polynomial(t, c) * t, r, r);
}
inline F64 cosReduced(F64 r) {
  static const double c[] = {0.04166666666660194, -0.001388888887823194, 2.480158095272933e-05, -2.755556364014173e-07,
                             2.064751022209477e-09};
  const F64 t = r * r;
  return fma(polynomial(t, c), t * t, fma(t, F64(-0.5), F64(1.0)));
}
/** Mask of the lanes whose quadrant has this bit set. */
template <int BIT>
inline M64 quadrantBit(I64 quadrant) {
  return fromBits((shiftLeft<63 - BIT>(quadrant) & I64(INT64_MIN)) | I64(0x3ff0000000000000)) < F64(0.0);
}
constexpr double kLargeAngle = 134217728.0;  // 2²⁷

inline F64 sin(F64 x) {
  if (any(abs(x) >= F64(kLargeAngle))) return lanewise(x, x, [](double a, double) { return ::sin(a); });
  I64 quadrant;
  const F64 r = reduceAngle(x, quadrant);
  const F64 value = select(quadrantBit<0>(quadrant), cosReduced(r), sinReduced(r));
  return select(x == F64(0.0), x, select(quadrantBit<1>(quadrant), -value, value));
}
inline F64 cos(F64 x) {
  if (any(abs(x) >= F64(kLargeAngle))) return lanewise(x, x, [](double a, double) { return ::cos(a); });
  I64 quadrant;
  const F64 r = reduceAngle(x, quadrant);
  const F64 value = select(quadrantBit<0>(quadrant), sinReduced(r), cosReduced(r));
  return select(quadrantBit<1>(quadrant + I64(1)), -value, value);
}
inline F64 tan(F64 x) {
  if (any(abs(x) >= F64(kLargeAngle))) return lanewise(x, x, [](double a, double) { return ::tan(a); });
  I64 quadrant;
  const F64 r = reduceAngle(x, quadrant), s = sinReduced(r), c = cosReduced(r);
  const M64 odd = quadrantBit<0>(quadrant);
  return select(x == F64(0.0), x, select(odd, -c, s) / select(odd, s, c));
}

/** atan of a ≥ 0: about 0, 1 or ∞, whichever is near. */
inline F64 atanPositive(F64 a) {
  static const double c[] = {-0.3333333333168524,  0.19999999683638717, -0.14285693485919904,  0.11110447113063807,
                             -0.09079097911331262, 0.07568240263844,    -0.058898916626058784, 0.03087639465513806};
  const M64 far = a > F64(2.414213562373095), middle = a > F64(0.41421356237309503);
  const F64 one(1.0);
  const F64 top = select(far, F64(-1.0), select(middle, a - one, a));
  const F64 bottom = select(far, a, select(middle, a + one, one));
  const F64 start = select(far, F64(kPi / 2), select(middle, F64(kPi / 4), F64(0.0)));
  const F64 t = top / bottom, square = t * t;
  return start + fma(polynomial(square, c) * square, t, t);
}
inline F64 atan(F64 x) { return copysign(atanPositive(abs(x)), x); }
inline F64 atan2(F64 y, F64 x) {
  const F64 a = abs(y), b = abs(x), infinity(kInfinity), zero(0.0);
  F64 ratio = a / b;
  ratio = select((a == zero) & (b == zero), zero, select((a == infinity) & (b == infinity), F64(1.0), ratio));
  const F64 angle = atanPositive(ratio);
  const F64 turned = select(copysign(F64(1.0), x) < zero, F64(kPi) - angle, angle);
  return select((x != x) | (y != y), x + y, copysign(turned, y));
}

/** asin of a in [0, ½]. */
inline F64 asinSmall(F64 a) {
  static const double c[] = {0.16666666669708502,  0.07499999523802317,    0.0446431133282454,
                             0.030375213451723115, 0.022471553532897943,   0.016475951332380584,
                             0.01863792915649308,  -0.0028753480325483046, 0.03197539508098281};
  const F64 t = a * a;
  return fma(polynomial(t, c) * t, a, a);
}
inline F64 asin(F64 x) {
  const F64 a = abs(x);
  const M64 large = a > F64(0.5);
  // asin a = π/2 − 2 asin √((1 − a) / 2)
  const F64 z = asinSmall(select(large, sqrt((F64(1.0) - a) * F64(0.5)), a));
  return copysign(select(large, F64(kPi / 2) - (z + z), z), x);
}
inline F64 acos(F64 x) {
  const F64 a = abs(x);
  const M64 large = a > F64(0.5);
  const F64 z = asinSmall(select(large, sqrt((F64(1.0) - a) * F64(0.5)), a));
  const F64 nearOne = select(x < F64(0.0), F64(kPi) - (z + z), z + z);
  return select(large, nearOne, F64(kPi / 2) - copysign(z, x));
}

inline F64 sinh(F64 x) {
  static const double c[] = {0.16666666666666666,    0.008333333333333333,  0.0001984126984126984,
                             2.7557319223985893e-06, 2.505210838544172e-08, 1.6059043836821613e-10};
  const F64 t = x * x, e = exp(abs(x));
  const F64 small = fma(polynomial(t, c) * t, x, x);
  const F64 large = copysign((e - F64(1.0) / e) * F64(0.5), x);
  return select(abs(x) < F64(1.0), small, large);
}
inline F64 cosh(F64 x) {
  const F64 e = exp(abs(x));
  return (e + F64(1.0) / e) * F64(0.5);
}
inline F64 asinh(F64 x) {
  const F64 a = abs(x), square = a * a;
  const F64 result = log1p(a + square / (F64(1.0) + sqrt(square + F64(1.0))));
  return select(a == F64(kInfinity), x, copysign(result, x));
}
inline F64 acosh(F64 x) {
  const F64 t = x - F64(1.0);
  const F64 result = log1p(t + sqrt(t * (x + F64(1.0))));
  return select(x < F64(1.0), F64(__builtin_nan("")), result);
}
inline F64 atanh(F64 x) {
  const F64 a = abs(x);
  return copysign(log1p((a + a) / (F64(1.0) - a)) * F64(0.5), x);
}

/** erfc x = e^(−x²) · a polynomial in (x − 3) / (x + 3) for x ≥ 0. */
inline F64 erfc(F64 x) {
  static const double c[] = {0.17900115118104767,   -0.32623356014729793,  0.24560380193516415,
                             -0.15011593097420387,  0.07166582931867167,   -0.02439258434252486,
                             0.004269210404371136,  0.000708326623603879,  -0.0005972753012513884,
                             4.327278333404491e-05, 6.393432276159348e-05, -9.577844592941456e-06,
                             -6.705794830608365e-06};
  const F64 a = min(abs(x), F64(10.3));
  const F64 tail = exp(-(a * a)) * polynomial((a - F64(3.0)) / (a + F64(3.0)), c);
  const F64 result = select(x < F64(0.0), F64(2.0) - tail, select(x > F64(10.2), F64(0.0), tail));
  return select(x != x, x, result);
}

inline F64 hypot(F64 x, F64 y) {
  const F64 infinity(kInfinity);
  return select((abs(x) == infinity) | (abs(y) == infinity), infinity, sqrt(x * x + y * y));
}

/** x − y · trunc(x / y), exactly. */
inline F64 fmod(F64 x, F64 y) {
  const F64 b = abs(y), ratio = abs(x) / b;
  // A quotient of up to 29 bits times 24 of y is exact; and for the others, infinity and NaN:
  if (any(!(ratio < F64(536870912.0)))) return lanewise(x, y, [](double p, double q) { return ::fmod(p, q); });
  F64 quotient = roundSmall(ratio);
  quotient = select(quotient > ratio, quotient - F64(1.0), quotient);
  F64 rest = abs(x) - quotient * b;
  rest = select(rest < F64(0.0), rest + b, rest);
  return copysign(select(b == F64(kInfinity), abs(x), rest), x);
}

/** xʸ as C defines it. */
inline F64 pow(F64 x, F64 y) {
  const F64 zero(0.0), one(1.0), infinity(kInfinity), a = abs(x), b = abs(y);
  const F64 result = exp(y * log(a));
  // Whole numbers below 2⁵¹ keep their last bit in a sum with 1.5 · 2⁵²; all larger float32 are even.
  const F64 shift(6755399441055744.0), shifted = b + shift;
  const M64 huge = b >= F64(1125899906842624.0);
  const M64 whole = (shifted - shift == b) | huge;
  const M64 odd = quadrantBit<0>(bits(select(huge, shift, shifted)));
  const M64 negative = copysign(one, x) < zero;
  F64 value = select((a == zero) | (a == infinity), select((a == zero) == (y > zero), zero, infinity), result);
  value = select(negative & whole & odd, -value, value);
  value = select((x < zero) & (a < infinity) & !whole, F64(__builtin_nan("")), value);
  const F64 atInfinity = select(a == one, one, select((a > one) == (y > zero), infinity, zero));
  value = select(b == infinity, atInfinity, value);
  value = select((x != x) | (y != y), x + y, value);
  return select((y == zero) | (x == one), one, value);
}

}  // namespace wide
}  // namespace NG_ISA
}  // namespace ng
