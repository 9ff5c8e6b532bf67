// Vectors of float32 (F32), int32 (I32), float64 (F64) and masks (M32) for the instruction set this file is compiled
// for. Structs, intrinsics and free functions only, so g++, clang and MSVC all take it. Comparisons are ordered (false
// for NaN) except !=. min and max return the second operand when either is NaN; NaN-aware ones stand in vmath.h.
#pragma once

#include <stdint.h>
#include <string.h>

#include "kernel.h"

#if defined(__AVX512F__)
#include "simd_avx512.h"
#elif defined(__AVX2__)
#include "simd_avx2.h"
#elif defined(__aarch64__) || defined(_M_ARM64)
#include "simd_neon.h"
#else
#include "simd_sse2.h"
#endif

namespace ng {
namespace NG_ISA {

// What follows is the same for every instruction set.

inline F32 operator-(F32 x) { return fromBits(bits(x) ^ I32(INT32_MIN)); }
inline F32 abs(F32 x) { return fromBits(bits(x) & I32(INT32_MAX)); }
/** |x| with the sign of y. */
inline F32 copysign(F32 x, F32 y) { return fromBits((bits(x) & I32(INT32_MAX)) | (bits(y) & I32(INT32_MIN))); }
inline M32 isNan(F32 x) { return x != x; }

inline F64 operator-(F64 x) { return fromBits(bits(x) ^ I64(INT64_MIN)); }
inline F64 abs(F64 x) { return fromBits(bits(x) & I64(INT64_MAX)); }
inline F64 copysign(F64 x, F64 y) { return fromBits((bits(x) & I64(INT64_MAX)) | (bits(y) & I64(INT64_MIN))); }
/** To the nearest integer, halves to even, for |x| < 2⁵¹. */
inline F64 roundSmall(F64 x) {
  const F64 shift(6755399441055744.0);  // 1.5 · 2⁵²: the sum has no room for a fraction
  return (x + shift) - shift;
}

/** The vector of an element type. */
template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef F32 type;
  typedef Lanes lanesType;
  static constexpr int lanes = kLanes;
};
template <>
struct VectorOf<double> {
  typedef F64 type;
  typedef Lanes64 lanesType;
  static constexpr int lanes = kLanes64;
};

}  // namespace NG_ISA
}  // namespace ng
