// Bessel functions of order 0 and 1, and Airy's. Near 0 they are Chebyshev series of what is smooth in them; far from
// it an amplitude and a phase, or a power times an exponential.
#include "bessel_tables.h"
#include "doubles.h"

namespace ng {
namespace NG_ISA {
namespace {

/** √(2/πx) times P cos w - Q sin w (J), P sin w + Q cos w (Y), x > 8; w = x - π/4, and less π/2 of order 1. */
struct Wave {
  double j, y;
};

inline Wave wave(double p, double q, double along, double across, double x) {
  const double scale = 1 / ::sqrt(kPi * x), shifted = q * (8 / x);
  return {scale * (p * along - shifted * across), scale * (p * across + shifted * along)};
}
inline Wave wave0(double x) {
  const double t = 128 / x / x - 1, s = ::sin(x), c = ::cos(x);
  return wave(chebyshev(kP0, t), chebyshev(kQ0, t), c + s, s - c, x);
}
inline Wave wave1(double x) {
  const double t = 128 / x / x - 1, s = ::sin(x), c = ::cos(x);
  return wave(chebyshev(kP1, t), chebyshev(kQ1, t), s - c, -s - c, x);
}

/** x² - r², the root in two parts. */
inline double aroundRoot(double x, double root, double rest) { return (x - root - rest) * (x + root); }

inline double besselJ0(double x) {
  const double a = __builtin_fabs(x);
  if (a > 8) return wave0(a).j;
  const double roots = aroundRoot(a, 2.404825557695773, -1.176691651530894e-16) *
                       aroundRoot(a, 5.520078110286311, 8.088597146146722e-17);
  return roots * chebyshev(kJ0, x * x / 32 - 1);
}

inline double besselJ1(double x) {
  const double a = __builtin_fabs(x);
  if (a > 8) return __builtin_copysign(1.0, x) * wave1(a).j;
  const double roots = aroundRoot(a, 3.8317059702075125, -1.5269184090088067e-16) *
                       aroundRoot(a, 7.015586669815619, -9.414165653410389e-17);
  return x * roots * chebyshev(kJ1, x * x / 32 - 1);
}

inline double besselY0(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNaN;
  if (x > 8) return wave0(x).y;
  return chebyshev(kY0, x * x / 32 - 1) + 2 / kPi * ::log(x) * besselJ0(x);
}

inline double besselY1(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNaN;
  if (x > 8) return wave1(x).y;
  return x * chebyshev(kY1, x * x / 32 - 1) + 2 / kPi * (::log(x) * besselJ1(x) - 1 / x);
}

/** e^-|x| I₀(x). */
inline double scaledI0(double x) {
  const double a = __builtin_fabs(x);
  return a <= 8 ? chebyshev(kI0Near, a / 4 - 1) : chebyshev(kI0Far, 16 / a - 1) / ::sqrt(a);
}

/** e^-|x| I₁(x). */
inline double scaledI1(double x) {
  const double a = __builtin_fabs(x);
  const double y = a <= 8 ? a * chebyshev(kI1Near, a / 4 - 1) : chebyshev(kI1Far, 16 / a - 1) / ::sqrt(a);
  return x < 0 ? -y : y;
}

/** y e^|x|, in two steps: the exponential alone may overflow where the product does not. */
inline double unscaled(double y, double x) {
  const double half = ::exp(__builtin_fabs(x) / 2);
  return y * half * half;
}
inline double besselI0(double x) { return unscaled(scaledI0(x), x); }
inline double besselI1(double x) { return unscaled(scaledI1(x), x); }

/** K₀ and K₁ for 0 < x ≤ 2, and times √x eˣ beyond. */
inline double nearK0(double x) { return chebyshev(kK0Near, x * x / 2 - 1) - ::log(x / 2) * besselI0(x); }
inline double nearK1(double x) { return chebyshev(kK1Near, x * x / 2 - 1) / x + ::log(x / 2) * besselI1(x); }
inline double farK0(double x) { return chebyshev(kK0Far, 4 / x - 1); }
inline double farK1(double x) { return chebyshev(kK1Far, 4 / x - 1); }

inline double besselK0(double x) {
  if (x <= 2) return x > 0 ? nearK0(x) : x == 0 ? kInfinity : kNaN;
  return ::exp(-x) * farK0(x) / ::sqrt(x);
}
inline double besselK1(double x) {
  if (x <= 2) return x > 0 ? nearK1(x) : x == 0 ? kInfinity : kNaN;
  return ::exp(-x) * farK1(x) / ::sqrt(x);
}
inline double scaledK0(double x) {
  if (x <= 2) return x > 0 ? ::exp(x) * nearK0(x) : x == 0 ? kInfinity : kNaN;
  return farK0(x) / ::sqrt(x);
}
inline double scaledK1(double x) {
  if (x <= 2) return x > 0 ? ::exp(x) * nearK1(x) : x == 0 ? kInfinity : kNaN;
  return farK1(x) / ::sqrt(x);
}

/** sin x / x. */
inline double sphericalJ0(double x) { return x == 0 ? 1 : __builtin_fabs(x) == kInfinity ? 0 : ::sin(x) / x; }

/** ⅔ x^(3/2) at 2 and at 4. */
constexpr double kZeta2 = 1.8856180831641267317, kZeta4 = 5.3333333333333333333;

inline double airy(double x) {
  if (!(__builtin_fabs(x) < kInfinity)) return kNaN;
  if (x < -4) {
    const double a = -x, zeta = a * ::sqrt(a) * (2.0 / 3), ratio = kZeta4 / zeta, t = 2 * ratio * ratio - 1;
    const double s = ::sin(zeta), c = ::cos(zeta);
    const double sum = (s + c) * chebyshev(kAiryF, t) - (c - s) * ratio * chebyshev(kAiryG, t);
    return sum / (::sqrt(2 * kPi) * ::sqrt(::sqrt(a)));
  }
  // The first zero in two parts.
  if (x < 2) return (x + 2.338107410459767 + 3.912260409818305e-17) * chebyshev(kAiryNear, (x + 1) / 3);
  const double zeta = x * ::sqrt(x) * (2.0 / 3);
  return ::exp(-zeta) * chebyshev(kAiryRight, 2 * kZeta2 / zeta - 1) / ::sqrt(::sqrt(x));
}

}  // namespace

DOUBLE1(besselJ0, besselJ0)
DOUBLE1(besselJ1, besselJ1)
DOUBLE1(besselY0, besselY0)
DOUBLE1(besselY1, besselY1)
DOUBLE1(i0, besselI0)
DOUBLE1(i0e, scaledI0)
DOUBLE1(i1, besselI1)
DOUBLE1(i1e, scaledI1)
DOUBLE1(modifiedBesselK0, besselK0)
DOUBLE1(modifiedBesselK1, besselK1)
DOUBLE1(scaledModifiedBesselK0, scaledK0)
DOUBLE1(scaledModifiedBesselK1, scaledK1)
DOUBLE1(sphericalBesselJ0, sphericalJ0)
DOUBLE1(airyAi, airy)

}  // namespace NG_ISA
}  // namespace ng
