// Functions of one operand.
#include "elementwise.h"

namespace ng {
namespace NG_ISA {

UNARY(signed, neg, kLight, negative(x))
UNARY(real, sign, kLight, signOf(x))
UNARY(any, square, kLight, times(x, x))
UNARY(float, cube, kLight, x* x* x)
UNARY(float, floor, kLight, floor(x))
UNARY(float, ceil, kLight, ceil(x))
UNARY(float, trunc, kLight, trunc(x))
UNARY(float, round, kLight, roundEven(x))
UNARY(float, frac, kLight, x - trunc(x))
UNARY(float, sqrt, kLight, sqrt(x))
UNARY(float, rsqrt, kLight, rsqrt(x))
UNARY(float, reciprocal, kLight, T(1.0f) / x)
UNARY(float, exp, kMedium, exp(x))
UNARY(float, exp2, kMedium, exp2(x))
UNARY(float, expm1, kMedium, expm1(x))
UNARY(float, log, kMedium, log(x))
UNARY(float, log2, kMedium, log2(x))
UNARY(float, log10, kMedium, log10(x))
UNARY(float, log1p, kMedium, log1p(x))
UNARY(float, sin, kMedium, sin(x))
UNARY(float, cos, kMedium, cos(x))
UNARY(float, tan, kMedium, tan(x))
UNARY(float, asin, kMedium, asin(x))
UNARY(float, acos, kMedium, acos(x))
UNARY(float, atan, kMedium, atan(x))
UNARY(float, sinh, kMedium, sinh(x))
UNARY(float, cosh, kMedium, cosh(x))
UNARY(float, tanh, kMedium, tanh(x))
UNARY(float, asinh, kMedium, asinh(x))
UNARY(float, acosh, kMedium, acosh(x))
UNARY(float, atanh, kMedium, atanh(x))
UNARY(float, sigmoid, kMedium, sigmoid(x))
UNARY(float, erf, kMedium, erf(x))
UNARY(float, erfc, kMedium, erfc(x))

namespace {

NG_OP(abs, T, (T x), magnitude(x))

/** |x + iy| as float32. */
void complexAbs(char* const* p, int64_t n, uint32_t, const Call&) {
  float* out = reinterpret_cast<float*>(p[0]);
  const Complex64* x = reinterpret_cast<const Complex64*>(p[1]);
  for (int64_t i = 0; i < n; i++) {
    out[i] = static_cast<float>(::hypot(static_cast<double>(x[i].re), static_cast<double>(x[i].im)));
  }
}

}  // namespace

void kernel_abs(Call& call) {
  if (call.x[1].dtype == kComplex64) {
    if (call.x[0].dtype != kFloat32) return call.badDType(0);
    return elementwise(call, 2, complexAbs, kMedium, 0);
  }
  if (!sameDType(call, 0, 2)) return;
  runLoop(call, 2, numberLoop<UnaryLoop, Op_abs>(call.x[1].dtype), kLight, 0);
}

}  // namespace NG_ISA
}  // namespace ng
