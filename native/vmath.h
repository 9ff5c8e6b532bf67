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
inline double exp(double x) { return ::exp(x); }

}  // namespace NG_ISA
}  // namespace ng
