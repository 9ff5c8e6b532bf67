// Elementary functions on vectors of float32, and their scalar float64 counterparts under the same names.
#pragma once

#include <math.h>

#include "simd.h"

namespace ng {
namespace NG_ISA {

/** x · 2ⁿ for n in [−252, 254], right also where the result is subnormal. */
inline F32 scale(F32 x, I32 n) {
  const I32 half = shiftRight<1>(n);
  const F32 first = fromBits(shiftLeft<23>(half + I32(127)));
  const F32 second = fromBits(shiftLeft<23>(n - half + I32(127)));
  return x * first * second;
}

/** eˣ, ≤ 1 ULP: x = n·ln 2 + r, a polynomial in r (|r| ≤ 0.347), times 2ⁿ. */
inline F32 exp(F32 x) {
  const F32 kept = max(min(x, F32(128.0f)), F32(-128.0f));
  const F32 n = roundEven(kept * F32(1.44269504f));
  F32 r = fnma(n, F32(0.693145752f), kept);  // ln 2 in two parts, the first with 12 zero bits at its end
  r = fnma(n, F32(1.42860677e-6f), r);
  F32 p = F32(1.38888890e-3f);
  p = fma(p, r, F32(8.33333377e-3f));
  p = fma(p, r, F32(4.16666642e-2f));
  p = fma(p, r, F32(1.66666657e-1f));
  p = fma(p, r, F32(0.5f));
  p = fma(p * r, r, r) + F32(1.0f);
  return select(isNan(x), x, scale(p, toInt(n)));
}

// float64, and what float32 takes from it lane by lane.
#define NG_DOUBLE(name) \
  inline double name(double x) { return ::name(x); }
#define NG_LANEWISE(name)                                                                               \
  inline double name(double x) { return ::name(x); }                                                    \
  inline F32 name(F32 x) {                                                                              \
    alignas(64) float lane[kLanes];                                                                     \
    store(lane, x);                                                                                     \
    for (int i = 0; i < kLanes; i++) lane[i] = static_cast<float>(::name(static_cast<double>(lane[i]))); \
    return load(lane);                                                                                  \
  }
NG_DOUBLE(exp)
NG_DOUBLE(sqrt)
NG_DOUBLE(floor)
NG_DOUBLE(ceil)
NG_DOUBLE(trunc)
NG_LANEWISE(log)
NG_LANEWISE(log2)
NG_LANEWISE(log10)
NG_LANEWISE(log1p)
NG_LANEWISE(expm1)
NG_LANEWISE(exp2)
NG_LANEWISE(sin)
NG_LANEWISE(cos)
NG_LANEWISE(tan)
NG_LANEWISE(asin)
NG_LANEWISE(acos)
NG_LANEWISE(atan)
NG_LANEWISE(sinh)
NG_LANEWISE(cosh)
NG_LANEWISE(tanh)
NG_LANEWISE(asinh)
NG_LANEWISE(acosh)
NG_LANEWISE(atanh)
NG_LANEWISE(erf)
NG_LANEWISE(erfc)

#define NG_LANEWISE2(name)                                                                         \
  inline double name(double x, double y) { return ::name(x, y); }                                  \
  inline F32 name(F32 x, F32 y) {                                                                  \
    alignas(64) float a[kLanes], b[kLanes];                                                        \
    store(a, x);                                                                                   \
    store(b, y);                                                                                   \
    for (int i = 0; i < kLanes; i++) {                                                             \
      a[i] = static_cast<float>(::name(static_cast<double>(a[i]), static_cast<double>(b[i])));     \
    }                                                                                              \
    return load(a);                                                                                \
  }
NG_LANEWISE2(pow)
NG_LANEWISE2(fmod)
NG_LANEWISE2(atan2)
NG_LANEWISE2(hypot)

inline double abs(double x) { return __builtin_fabs(x); }
inline double copysign(double x, double y) { return __builtin_copysign(x, y); }
inline double roundEven(double x) { return ::nearbyint(x); }
inline bool isNan(double x) { return x != x; }
inline double select(bool mask, double x, double y) { return mask ? x : y; }
inline bool any(bool mask) { return mask; }

template <class T>
inline T sigmoid(T x) {
  return T(1.0f) / (T(1.0f) + exp(-x));
}

inline double nextafter(double x, double y) { return ::nextafter(x, y); }
inline F32 nextafter(F32 x, F32 y) {
  alignas(64) float a[kLanes], b[kLanes];
  store(a, x);
  store(b, y);
  for (int i = 0; i < kLanes; i++) a[i] = ::nextafterf(a[i], b[i]);
  return load(a);
}

}  // namespace NG_ISA
}  // namespace ng
