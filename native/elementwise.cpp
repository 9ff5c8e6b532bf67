// Arithmetic and comparison.
#include "elementwise.h"

#include "vmath.h"

namespace ng {
namespace NG_ISA {

inline Complex64 quotient(Complex64 x, Complex64 y) {
  // In double: no overflow or underflow on the way.
  const double a = x.re, b = x.im, c = y.re, d = y.im, norm = c * c + d * d;
  return {static_cast<float>((a * c + b * d) / norm), static_cast<float>((b * c - a * d) / norm)};
}
template <class T>
inline T quotient(T x, T y) {
  return x / y;
}

template <template <class, class> class L, class Op>
inline Loop allLoop(int32_t dtype) {
  return dtype == kBool ? L<Op, Bool>::run : dtype == kComplex64 ? L<Op, Complex64>::run : numberLoop<L, Op>(dtype);
}
template <template <class, class> class L, class Op>
inline Loop fractionLoop(int32_t dtype) {
  return dtype == kComplex64 ? L<Op, Complex64>::run : floatLoop<L, Op>(dtype);
}

BINARY_ALL(add, plus(x, y))
BINARY_ALL(sub, minus(x, y))
BINARY_ALL(mul, times(x, y))
NG_BINARY_OP(div, T, quotient(x, y))
NG_KERNEL(div, 3, 0, (fractionLoop<BinaryLoop, Op_div>(dtype)), kLight, true)

NG_UNARY_OP(neg, negative(x))
NG_KERNEL(neg, 2, 0,
          (dtype == kComplex64 ? UnaryLoop<Op_neg, Complex64>::run : numberLoop<UnaryLoop, Op_neg>(dtype)), kLight,
          false)
UNARY_FLOAT(exp, kMedium, exp(x))

COMPARE(eq, x == y)
COMPARE(lt, x < y)
COMPARE(le, x <= y)

}  // namespace NG_ISA
}  // namespace ng
