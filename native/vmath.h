// Elementary functions on vectors of float32. Those that training spends its time on (exp, log, tanh, erf …) work in
// float32, ≤ 1 ULP (tanh ≤ 2, exp 1.2 without fused instructions); the others in float64 (vmath_wide.h) and round once.
// Polynomials are minimax fits.
#pragma once

#include <math.h>

#include "simd.h"
#include "vmath_wide.h"

namespace ng {
namespace NG_ISA {

/** x · 2ⁿ for whole n in [−252, 254], right also where the result is subnormal. */
inline F32 scale(F32 x, F32 n) {
#if defined(__AVX512F__)
  return _mm512_scalef_ps(x.v, n.v);
#else
  const I32 whole = toInt(n), half = shiftRight<1>(whole);
  const F32 first = fromBits(shiftLeft<23>(half + I32(127)));
  const F32 second = fromBits(shiftLeft<23>(whole - half + I32(127)));
  return x * first * second;
#endif
}

/** (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2. */
inline F32 expSeries(F32 r) {
  F32 p(1.38145406e-3f);
  p = fma(p, r, F32(8.36874545e-3f));
  p = fma(p, r, F32(4.1668389e-2f));
  p = fma(p, r, F32(1.66665211e-1f));
  return fma(p, r, F32(4.9999994e-1f));
}

/** eʳ − 1 for |r| ≤ ln 2 / 2, where r = r + tail. */
inline F32 expReduced(F32 r, F32 tail) { return r + fma(expSeries(r) * r, r, tail); }

/** n and r with x = n · ln 2 + r + tail. ln 2 is in two parts; the first has zero bits enough for n times it. */
inline void reduceExp(F32 x, F32& n, F32& r, F32& tail) {
  n = roundEven(x * F32(1.44269504f));
  const F32 high = fnma(n, F32(0.693145752f), x);
  const F32 low = n * F32(1.42860677e-6f);
  r = high - low;
  tail = (high - r) - low;
}

/** eˣ. */
inline F32 exp(F32 x) {
  // The bounds come first: so NaN stays.
  const F32 kept = max(F32(-128.0f), min(F32(128.0f), x));
  const F32 n = roundEven(kept * F32(1.44269504f));
  const F32 r = fnma(n, F32(1.42860677e-6f), fnma(n, F32(0.693145752f), kept));
  return scale(fma(r, fma(expSeries(r), r, F32(1.0f)), F32(1.0f)), n);
}

/** 2ˣ. */
inline F32 exp2(F32 x) {
  const F32 kept = max(F32(-160.0f), min(F32(160.0f), x));
  const F32 n = roundEven(kept), f = kept - n;
  const F32 r = f * F32(0.693147182f);
  // What r lost in rounding, and the rest of ln 2.
  const F32 high = fromBits(bits(f) & I32(-4096)), low = f - high;
  const F32 tail = ((high * F32(0.693115234f) - r) + low * F32(0.693115234f)) + f * F32(3.1946185e-5f);
  return scale(F32(1.0f) + expReduced(r, tail), n);
}

/** eˣ − 1. */
inline F32 expm1(F32 x) {
  F32 n, r, tail;
  reduceExp(max(min(x, F32(128.0f)), F32(-40.0f)), n, r, tail);
  const F32 s = expReduced(r, tail);
  // 2ⁿ · (s + 1) − 1; from n = 25 on the 1 is lost in rounding, and 2ⁿ may be beyond the range.
  const F32 power = fromBits(shiftLeft<23>(toInt(min(n, F32(26.0f))) + I32(127)));
  const F32 plain = fma(power, s, power - F32(1.0f));
  const F32 large = scale(F32(1.0f) + s, n);
  const F32 result = select(n > F32(25.0f), large, plain);
  return select((x == F32(0.0f)) | isNan(x), x, result);
}

/** tanh x, ≤ 2 ULP: a polynomial in x² below 0.625, 1 − 2 / (e²ˣ + 1) beyond. */
inline F32 tanh(F32 x) {
  const F32 a = min(abs(x), F32(10.0f)), t = a * a;
  F32 p(-5.70474938e-3f);
  p = fma(p, t, F32(2.06388831e-2f));
  p = fma(p, t, F32(-5.37396558e-2f));
  p = fma(p, t, F32(1.33314416e-1f));
  p = fma(p, t, F32(-3.33332807e-1f));
  const F32 near = fma(p * t, a, a);
  F32 n, r, tail;
  reduceExp(a + a, n, r, tail);
  const F32 power = fromBits(shiftLeft<23>(toInt(n) + I32(127)));
  const F32 e = fma(power, expReduced(r, tail), power);
  const F32 far = F32(1.0f) - F32(2.0f) / (e + F32(1.0f));
  return select(isNan(x), x, copysign(select(a < F32(0.625f), near, far), x));
}

/** 1 / (1 + e⁻ˣ). */
inline F32 sigmoid(F32 x) { return F32(1.0f) / (F32(1.0f) + exp(-x)); }

inline F32 rsqrt(F32 x) { return F32(1.0f) / sqrt(x); }

/** ln x + low, with x = m · 2ᵉ and m in [√½, √2). */
inline F32 logPlus(F32 x, F32 low) {
  const M32 small = x < F32(1.17549435e-38f);
  const F32 scaled = select(small, x * F32(8388608.0f), x);
  // Subtracting the bits of √½ makes the exponent field come out as e, whatever the side m lies on.
  const I32 word = bits(scaled) - I32(0x3f3504f3);
  F32 e = toFloat(shiftRight<23>(word));
  e = select(small, e - F32(23.0f), e);
  const F32 f = fromBits((word & I32(0x007fffff)) + I32(0x3f3504f3)) - F32(1.0f);
  F32 p(6.74663931e-2f);
  p = fma(p, f, F32(-1.16756506e-1f));
  p = fma(p, f, F32(1.1888162e-1f));
  p = fma(p, f, F32(-1.24055892e-1f));
  p = fma(p, f, F32(1.42195523e-1f));
  p = fma(p, f, F32(-1.66679963e-1f));
  p = fma(p, f, F32(2.00021192e-1f));
  p = fma(p, f, F32(-2.50000089e-1f));
  p = fma(p, f, F32(3.33333135e-1f));
  const F32 square = f * f;
  F32 rest = fma(p, square * f, fma(e, F32(1.42860677e-6f), low));
  rest = fma(square, F32(-0.5f), rest);
  const F32 result = fma(e, F32(0.693145752f), f + rest);
  const F32 infinity = F32(__builtin_inff());
  const F32 edge = select(x == F32(0.0f), -infinity, select(x == infinity, infinity, F32(__builtin_nanf(""))));
  return select((x > F32(0.0f)) & (x < infinity), result, edge);
}

/** ln x. */
inline F32 log(F32 x) { return logPlus(x, F32(0.0f)); }

/** ln (1 + x): what rounding takes from the sum u comes back divided by it. */
inline F32 log1p(F32 x) {
  const F32 one(1.0f), u = x + one;
  // Of 1 and x the larger is subtracted first: then both differences are exact.
  const M32 large = x > one;
  const F32 lost = select(large, one, x) - (u - select(large, x, one));
  return select(u == one, x, logPlus(u, lost / u));
}

/** erf x: a polynomial in x² below 15/16, 1 − e^q(|x|) beyond. */
inline F32 erf(F32 x) {
  const F32 a = min(abs(x), F32(4.0f)), t = a * a;
  F32 p(7.85053926e-5f);
  p = fma(p, t, F32(-8.00926995e-4f));
  p = fma(p, t, F32(5.18823182e-3f));
  p = fma(p, t, F32(-2.68537663e-2f));
  p = fma(p, t, F32(1.12835839e-1f));
  p = fma(p, t, F32(-3.7612626e-1f));
  p = fma(p, t, F32(1.28379166e-1f));
  const F32 near = fma(a, p, a);
  F32 q(0.000197181434f);
  q = fma(q, a, F32(-0.00305560487f));
  q = fma(q, a, F32(0.0222770777f));
  q = fma(q, a, F32(-0.104037344f));
  q = fma(q, a, F32(-0.637059748f));
  q = fma(q, a, F32(-1.12774956f));
  // What rounding takes from the exponent goes to e^q's tail.
  const F32 product = q * a, constant(-0.000177497161f), exponent = product + constant;
  const F32 rounding = fma(q, a, -product) + ((product - exponent) + constant);
  F32 n, r, tail;
  reduceExp(exponent, n, r, tail);
  const F32 power = fromBits(shiftLeft<23>(toInt(n) + I32(127)));
  const F32 far = fnma(power, expReduced(r, tail + rounding), F32(1.0f) - power);
  return select(isNan(x), x, copysign(select(a < F32(0.9375f), near, far), x));
}

// In float64.

#define NG_WIDE(name)                                 \
  inline F32 name(F32 x) {                            \
    F64 low, high;                                    \
    widen(x, low, high);                              \
    return narrow(wide::name(low), wide::name(high)); \
  }
#define NG_WIDE2(name)                                 \
  inline F32 name(F32 x, F32 y) {                      \
    F64 a, b, c, d;                                    \
    widen(x, a, b);                                    \
    widen(y, c, d);                                    \
    return narrow(wide::name(a, c), wide::name(b, d)); \
  }
NG_WIDE(log2)
NG_WIDE(log10)
NG_WIDE(sin)
NG_WIDE(cos)
NG_WIDE(tan)
NG_WIDE(asin)
NG_WIDE(acos)
NG_WIDE(atan)
NG_WIDE(sinh)
NG_WIDE(cosh)
NG_WIDE(asinh)
NG_WIDE(acosh)
NG_WIDE(atanh)
NG_WIDE(erfc)
NG_WIDE2(pow)
NG_WIDE2(fmod)
NG_WIDE2(atan2)
NG_WIDE2(hypot)
#undef NG_WIDE
#undef NG_WIDE2

/** The float32 next to x on the way to y. */
inline F32 nextafter(F32 x, F32 y) {
  const F32 zero(0.0f);
  // Away from 0 the bits count up, whatever the sign.
  const I32 step = select(((x < y) & (x > zero)) | ((x > y) & (x < zero)), I32(1), I32(-1));
  const F32 fromZero = copysign(fromBits(I32(1)), y);
  const F32 next = select(x == zero, fromZero, fromBits(bits(x) + step));
  return select(isNan(x) | isNan(y), x + y, select(x == y, y, next));
}

// float64 elements: the C library's functions under the same names.

#define NG_LIBRARY(name) \
  inline double name(double x) { return ::name(x); }
NG_LIBRARY(exp)
NG_LIBRARY(exp2)
NG_LIBRARY(expm1)
NG_LIBRARY(log)
NG_LIBRARY(log2)
NG_LIBRARY(log10)
NG_LIBRARY(log1p)
NG_LIBRARY(sin)
NG_LIBRARY(cos)
NG_LIBRARY(tan)
NG_LIBRARY(asin)
NG_LIBRARY(acos)
NG_LIBRARY(atan)
NG_LIBRARY(sinh)
NG_LIBRARY(cosh)
NG_LIBRARY(tanh)
NG_LIBRARY(asinh)
NG_LIBRARY(acosh)
NG_LIBRARY(atanh)
NG_LIBRARY(erf)
NG_LIBRARY(erfc)
NG_LIBRARY(sqrt)
NG_LIBRARY(floor)
NG_LIBRARY(ceil)
NG_LIBRARY(trunc)
#undef NG_LIBRARY
#define NG_LIBRARY2(name) \
  inline double name(double x, double y) { return ::name(x, y); }
NG_LIBRARY2(pow)
NG_LIBRARY2(fmod)
NG_LIBRARY2(atan2)
NG_LIBRARY2(hypot)
NG_LIBRARY2(nextafter)
#undef NG_LIBRARY2
inline double abs(double x) { return __builtin_fabs(x); }
inline double copysign(double x, double y) { return __builtin_copysign(x, y); }
inline double roundEven(double x) { return ::nearbyint(x); }
inline double rsqrt(double x) { return 1.0 / ::sqrt(x); }
inline double sigmoid(double x) { return 1.0 / (1.0 + ::exp(-x)); }
inline bool isNan(double x) { return x != x; }
inline double select(bool mask, double x, double y) { return mask ? x : y; }

}  // namespace NG_ISA
}  // namespace ng
