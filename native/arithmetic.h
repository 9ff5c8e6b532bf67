// Arithmetic that is the same for every element type: integers wrap, bool is or / and, complex numbers multiply.
#pragma once

#include "dtype.h"
#include "kernel.h"
#include "simd.h"
#include "vmath.h"

namespace ng {
namespace NG_ISA {

// The unsigned type in which a type's arithmetic wraps (at least 32 bits wide, so that nothing promotes to int).
template <class T>
struct Wrapping {
  typedef uint32_t type;
};
template <>
struct Wrapping<int64_t> {
  typedef uint64_t type;
};

#define NG_ARITHMETIC(name, op)                                    \
  template <class T>                                               \
  inline T name(T x, T y) {                                        \
    typedef typename Wrapping<T>::type U;                          \
    return static_cast<T>(static_cast<U>(x) op static_cast<U>(y)); \
  }                                                                \
  inline F32 name(F32 x, F32 y) { return x op y; }                 \
  inline F64 name(F64 x, F64 y) { return x op y; }                 \
  inline float name(float x, float y) { return x op y; }           \
  inline double name(double x, double y) { return x op y; }
NG_ARITHMETIC(plus, +)
NG_ARITHMETIC(minus, -)
NG_ARITHMETIC(times, *)
#undef NG_ARITHMETIC

// bool

inline Bool truth(bool x) { return {static_cast<uint8_t>(x)}; }
inline bool operator==(Bool x, Bool y) { return (x.value != 0) == (y.value != 0); }
inline bool operator<(Bool x, Bool y) { return x.value == 0 && y.value != 0; }
inline bool operator<=(Bool x, Bool y) { return x.value == 0 || y.value != 0; }
inline Bool plus(Bool x, Bool y) { return truth((x.value | y.value) != 0); }
inline Bool minus(Bool x, Bool y) { return truth(!(x == y)); }
inline Bool times(Bool x, Bool y) { return truth(x.value != 0 && y.value != 0); }

// complex64

inline bool operator==(Complex64 x, Complex64 y) { return x.re == y.re && x.im == y.im; }
inline Complex64 plus(Complex64 x, Complex64 y) { return {x.re + y.re, x.im + y.im}; }
inline Complex64 minus(Complex64 x, Complex64 y) { return {x.re - y.re, x.im - y.im}; }
inline Complex64 times(Complex64 x, Complex64 y) { return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}; }

template <class T>
inline T negative(T x) {
  return minus(T(0), x);
}
inline F32 negative(F32 x) { return -x; }
inline double negative(double x) { return -x; }
inline Complex64 negative(Complex64 x) { return {-x.re, -x.im}; }

template <class T>
inline T magnitude(T x) {
  return x < T(0) ? negative(x) : x;
}
inline F32 magnitude(F32 x) { return abs(x); }
inline double magnitude(double x) { return abs(x); }

/** −1, 0 or 1; 0 for NaN. */
template <class T>
inline T signOf(T x) {
  return static_cast<T>((x > T(0)) - (x < T(0)));
}
inline F32 signOf(F32 x) {
  const F32 zero(0.0f);
  return select(x > zero, F32(1.0f), select(x < zero, F32(-1.0f), zero));
}
inline Bool signOf(Bool x) { return truth(x.value != 0); }

// Division. Floats divide as IEEE 754 says. Of integers, x / 0 is 0 here (the loop reports it) and the smallest
// number / −1 wraps; plain C++ would end the process for either.

template <class T>
inline T quotient(T x, T y) {
  return x / y;
}
inline Complex64 quotient(Complex64 x, Complex64 y) {
  // In double: no overflow or underflow on the way.
  const double a = x.re, b = x.im, c = y.re, d = y.im, norm = c * c + d * d;
  return {static_cast<float>((a * c + b * d) / norm), static_cast<float>((b * c - a * d) / norm)};
}

/** Rounded towards zero. */
template <class T>
inline T truncQuotient(T x, T y) {
  if (y == 0) return 0;
  if (y == static_cast<T>(-1)) return negative(x);
  return static_cast<T>(x / y);
}
inline uint8_t truncQuotient(uint8_t x, uint8_t y) { return y == 0 ? 0 : static_cast<uint8_t>(x / y); }
inline F32 truncQuotient(F32 x, F32 y) { return trunc(x / y); }
inline double truncQuotient(double x, double y) { return trunc(x / y); }

/** x − y · truncQuotient(x, y): the sign of x. */
template <class T>
inline T truncRemainder(T x, T y) {
  if (y == 0 || y == static_cast<T>(-1)) return 0;
  return static_cast<T>(x % y);
}
inline uint8_t truncRemainder(uint8_t x, uint8_t y) { return y == 0 ? 0 : static_cast<uint8_t>(x % y); }
inline F32 truncRemainder(F32 x, F32 y) { return fmod(x, y); }
inline double truncRemainder(double x, double y) { return fmod(x, y); }

/** Rounded down. */
template <class T>
inline T floorQuotient(T x, T y) {
  const T q = truncQuotient(x, y);
  return truncRemainder(x, y) != 0 && (x < 0) != (y < 0) ? static_cast<T>(q - 1) : q;
}
template <class V>
inline V floorQuotientFloat(V x, V y) {
  // The remainder is exact, so the quotient of what it leaves is whole but for rounding.
  const V zero(0.0f), one(1.0f);
  const V mod = fmod(x, y), ratio = x / y;
  V q = (x - mod) / y;
  q = select((mod != zero) & ((mod < zero) ^ (y < zero)), q - one, q);
  V whole = floor(q);
  whole = select(q - whole > V(0.5f), whole + one, whole);
  return select(y == zero, ratio, select(q == zero, copysign(zero, ratio), whole));
}
inline F32 floorQuotient(F32 x, F32 y) { return floorQuotientFloat(x, y); }
inline double floorQuotient(double x, double y) { return floorQuotientFloat(x, y); }

/** x − y · floorQuotient(x, y): the sign of y, as in Python. */
template <class T>
inline T floorRemainder(T x, T y) {
  const T mod = truncRemainder(x, y);
  return mod != 0 && (mod < 0) != (y < 0) ? static_cast<T>(mod + y) : mod;
}
template <class V>
inline V floorRemainderFloat(V x, V y) {
  const V zero(0.0f);
  const V mod = fmod(x, y);
  return select((mod != zero) & ((mod < zero) ^ (y < zero)), mod + y, mod);
}
inline F32 floorRemainder(F32 x, F32 y) { return floorRemainderFloat(x, y); }
inline double floorRemainder(double x, double y) { return floorRemainderFloat(x, y); }

// The larger and the smaller: the first two give NaN where either is NaN, the others the number.

template <class T>
inline T larger(T x, T y) {
  return x < y ? y : x;
}
template <class T>
inline T smaller(T x, T y) {
  return y < x ? y : x;
}
inline F32 larger(F32 x, F32 y) { return select(isNan(x), x, max(x, y)); }
inline F32 smaller(F32 x, F32 y) { return select(isNan(x), x, min(x, y)); }
inline double larger(double x, double y) { return x != x || x > y ? x : y; }
inline double smaller(double x, double y) { return x != x || x < y ? x : y; }
template <class T>
inline T largerNumber(T x, T y) {
  return larger(x, y);
}
template <class T>
inline T smallerNumber(T x, T y) {
  return smaller(x, y);
}
inline F32 largerNumber(F32 x, F32 y) { return select(isNan(x), y, max(y, x)); }
inline F32 smallerNumber(F32 x, F32 y) { return select(isNan(x), y, min(y, x)); }
inline double largerNumber(double x, double y) { return y != y || x >= y ? x : y; }
inline double smallerNumber(double x, double y) { return y != y || x <= y ? x : y; }

/** xʸ; an integer to a negative power is 0 unless it is ±1. */
template <class T>
inline T power(T x, T y) {
  if (y < 0) return x == 1 ? T(1) : x == static_cast<T>(-1) ? static_cast<T>(y & 1 ? -1 : 1) : T(0);
  T result = 1;
  for (; y > 0; y = static_cast<T>(y >> 1)) {
    if (y & 1) result = times(result, x);
    x = times(x, x);
  }
  return result;
}
inline uint8_t power(uint8_t x, uint8_t y) {
  uint8_t result = 1;
  for (; y > 0; y = static_cast<uint8_t>(y >> 1)) {
    if (y & 1) result = times(result, x);
    x = times(x, x);
  }
  return result;
}
inline F32 power(F32 x, F32 y) { return pow(x, y); }
inline double power(double x, double y) { return pow(x, y); }

// Bits.

template <class T>
inline T bitNot(T x) {
  return static_cast<T>(~x);
}
inline Bool bitNot(Bool x) { return truth(x.value == 0); }
template <class T>
inline T bitAnd(T x, T y) {
  return static_cast<T>(x & y);
}
inline Bool bitAnd(Bool x, Bool y) { return times(x, y); }
template <class T>
inline T bitOr(T x, T y) {
  return static_cast<T>(x | y);
}
inline Bool bitOr(Bool x, Bool y) { return plus(x, y); }
template <class T>
inline T bitXor(T x, T y) {
  return static_cast<T>(x ^ y);
}
inline Bool bitXor(Bool x, Bool y) { return minus(x, y); }
/** Shifting by less than 0 or by the width and more moves every bit out: 0, or −1 for a negative x to the right. */
template <class T>
inline T shiftedLeft(T x, T y) {
  typedef typename Wrapping<T>::type U;
  return y >= 0 && y < static_cast<T>(8 * sizeof(T)) ? static_cast<T>(static_cast<U>(x) << y) : T(0);
}
template <class T>
inline T shiftedRight(T x, T y) {
  const T most = static_cast<T>(8 * sizeof(T) - 1);
  if (y < 0 || y > most) return static_cast<T>(x < 0 ? -1 : 0);
  return static_cast<T>(x >> y);
}
inline uint8_t shiftedRight(uint8_t x, uint8_t y) { return static_cast<uint8_t>(y > 7 ? 0 : x >> y); }

}  // namespace NG_ISA
}  // namespace ng
