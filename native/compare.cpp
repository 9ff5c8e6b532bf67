// Comparisons, predicates and bits.
#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
inline bool unequal(T x, T y) {
  return !(x == y);
}
template <class T>
inline bool falsy(T x) {
  return x == T(0);
}
inline bool falsy(Bool x) { return x.value == 0; }
inline bool falsy(Complex64 x) { return x.re == 0 && x.im == 0; }

// An exponent of all ones is infinity or NaN.
template <class T>
inline bool finite(T) {
  return true;
}
inline bool finite(float x) { return __builtin_fabsf(x) <= 3.402823466e38f; }
inline bool finite(double x) { return __builtin_fabs(x) <= 1.7976931348623157e308; }
inline bool finite(Complex64 x) { return finite(x.re) && finite(x.im); }
template <class T>
inline bool notNumber(T) {
  return false;
}
inline bool notNumber(float x) { return x != x; }
inline bool notNumber(double x) { return x != x; }
inline bool notNumber(Complex64 x) { return x.re != x.re || x.im != x.im; }
template <class T>
inline bool infinite(T x) {
  return !finite(x) && !notNumber(x);
}
inline bool infinite(Complex64 x) { return infinite(x.re) || infinite(x.im); }

}  // namespace

COMPARE(any, eq, x == y)
COMPARE(any, ne, unequal(x, y))
COMPARE(real, lt, x < y)
COMPARE(real, le, x <= y)
COMPARE(real, gt, y < x)
COMPARE(real, ge, y <= x)

PREDICATE(any, logicalNot, falsy(x))
PREDICATE(any, isnan, notNumber(x))
PREDICATE(any, isinf, infinite(x))
PREDICATE(any, isfinite, finite(x))

UNARY(bits, bitwiseNot, kLight, bitNot(x))
BINARY(bits, bitwiseAnd, kLight, bitAnd(x, y))
BINARY(bits, bitwiseOr, kLight, bitOr(x, y))
BINARY(bits, bitwiseXor, kLight, bitXor(x, y))
BINARY(integer, bitwiseLeftShift, kLight, shiftedLeft(x, y))
BINARY(integer, bitwiseRightShift, kLight, shiftedRight(x, y))

}  // namespace NG_ISA
}  // namespace ng
