// Arithmetic that is the same for every element type: integers wrap, bool is or / and, complex numbers multiply.
#pragma once

#include "dtype.h"
#include "kernel.h"
#include "simd.h"

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

#define NG_ARITHMETIC(name, op)                                                                      \
  template <class T>                                                                                 \
  inline T name(T x, T y) {                                                                          \
    typedef typename Wrapping<T>::type U;                                                            \
    return static_cast<T>(static_cast<U>(x) op static_cast<U>(y));                                   \
  }                                                                                                  \
  inline F32 name(F32 x, F32 y) { return x op y; }                                                   \
  inline float name(float x, float y) { return x op y; }                                             \
  inline double name(double x, double y) { return x op y; }
NG_ARITHMETIC(plus, +)
NG_ARITHMETIC(minus, -)
NG_ARITHMETIC(times, *)
#undef NG_ARITHMETIC

inline Bool plus(Bool x, Bool y) { return {static_cast<uint8_t>((x.value | y.value) != 0)}; }
inline Bool minus(Bool x, Bool y) { return {static_cast<uint8_t>((x.value != 0) != (y.value != 0))}; }
inline Bool times(Bool x, Bool y) { return {static_cast<uint8_t>(x.value != 0 && y.value != 0)}; }

inline Complex64 plus(Complex64 x, Complex64 y) { return {x.re + y.re, x.im + y.im}; }
inline Complex64 minus(Complex64 x, Complex64 y) { return {x.re - y.re, x.im - y.im}; }
inline Complex64 times(Complex64 x, Complex64 y) { return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}; }

template <class T>
inline T negative(T x) {
  return minus(T(0), x);
}
inline F32 negative(F32 x) { return -x; }
inline float negative(float x) { return -x; }
inline double negative(double x) { return -x; }
inline Complex64 negative(Complex64 x) { return {-x.re, -x.im}; }

}  // namespace NG_ISA
}  // namespace ng
