// Orthogonal polynomials of degree n, by their recurrences. n is cut off to a whole number; below 0 they are 0.
#include "doubles.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Chebyshev's polynomials of the first to the fourth kind. */
enum class Kind { t, u, v, w };

/** At x = 1; at -1 by parity: U is as T, V and W change places. */
template <Kind kind>
inline double atOne(double n) {
  return kind == Kind::u ? n + 1 : kind == Kind::w ? 2 * n + 1 : 1;
}
template <Kind kind>
inline double atMinusOne(double n) {
  const double size = kind == Kind::u ? n + 1 : kind == Kind::v ? 2 * n + 1 : 1;
  return ::fmod(n, 2) == 0 ? size : -size;
}

/** The polynomial at cos θ. */
template <Kind kind>
inline double ofAngle(double theta, double n) {
  switch (kind) {
    case Kind::t:
      return ::cos(n * theta);
    case Kind::u:
      return ::sin((n + 1) * theta) / ::sin(theta);
    case Kind::v:
      return ::cos((n + 0.5) * theta) / ::cos(theta / 2);
    default:
      return ::sin((n + 0.5) * theta) / ::sin(theta / 2);
  }
}

/** The polynomial at cosh θ, θ > 0. */
template <Kind kind>
inline double ofHyperbolicAngle(double theta, double n) {
  switch (kind) {
    case Kind::t:
      return ::cosh(n * theta);
    case Kind::u:
      return ::sinh((n + 1) * theta) / ::sinh(theta);
    case Kind::v:
      return ::cosh((n + 0.5) * theta) / ::cosh(theta / 2);
    default:
      return ::sinh((n + 0.5) * theta) / ::sinh(theta / 2);
  }
}

/** |x| > 1 and a degree that its recurrence would be long for; NaN where it overflows, as the recurrence has it. */
template <Kind kind>
inline double farChebyshev(double x, double n) {
  constexpr Kind mirrored = kind == Kind::v ? Kind::w : kind == Kind::w ? Kind::v : kind;
  const double theta = ::acosh(__builtin_fabs(x));
  const double y = x > 0 ? ofHyperbolicAngle<kind>(theta, n) : ofHyperbolicAngle<mirrored>(theta, n);
  return y < kInfinity ? (x < 0 && ::fmod(n, 2) != 0 ? -y : y) : kNaN;
}

/** A degree that a polynomial has: a whole number from 0 on. Others, NaN among them, count as none. */
inline bool isDegree(double n) { return n >= 0 && n < 9223372036854775808.0; }

template <Kind kind>
inline double chebyshevOf(double x, double degree) {
  const double n = ::trunc(degree);
  if (!isDegree(n)) return 0;
  if (n == 0) return 1;
  if (x == 1) return atOne<kind>(n);
  if (x == -1) return atMinusOne<kind>(n);
  if (n > 8 && __builtin_fabs(x) < 1) return ofAngle<kind>(::acos(x), n);
  if (n > 1000) return farChebyshev<kind>(x, n);
  double before = 1, y = kind == Kind::t ? x : kind == Kind::u ? 2 * x : kind == Kind::v ? 2 * x - 1 : 2 * x + 1;
  for (double k = 1; k < n && y == y; k++) {
    const double next = 2 * x * y - before;
    before = y;
    y = next;
  }
  return y;
}
template <Kind kind>
inline double shiftedOf(double x, double n) {
  return chebyshevOf<kind>(2 * x - 1, n);
}

/** The degree from which on a recurrence takes too long: its result is NaN. */
constexpr double kEndlessDegree = 33554432;

/** yₖ₊₁ = step(k, yₖ, yₖ₋₁) from y₀ = 1. It ends early where NaN has come. */
template <class Step>
inline double recurrence(double degree, Step step) {
  const double n = ::trunc(degree);
  if (!isDegree(n)) return 0;
  if (n >= kEndlessDegree) return kNaN;
  double before = 0, y = 1;
  for (double k = 0; k < n && y == y; k++) {
    const double next = step(k, y, before);
    before = y;
    y = next;
  }
  return y;
}

inline double hermiteH(double x, double n) {
  return recurrence(n, [x](double k, double y, double before) { return 2 * (x * y - k * before); });
}
inline double hermiteHe(double x, double n) {
  return recurrence(n, [x](double k, double y, double before) { return x * y - k * before; });
}
inline double laguerre(double x, double n) {
  return recurrence(n, [x](double k, double y, double before) { return ((2 * k + 1 - x) * y - k * before) / (k + 1); });
}
inline double legendre(double x, double n) {
  return recurrence(n, [x](double k, double y, double before) { return ((2 * k + 1) * x * y - k * before) / (k + 1); });
}

}  // namespace

DOUBLE2(chebyshevPolynomialT, chebyshevOf<Kind::t>)
DOUBLE2(chebyshevPolynomialU, chebyshevOf<Kind::u>)
DOUBLE2(chebyshevPolynomialV, chebyshevOf<Kind::v>)
DOUBLE2(chebyshevPolynomialW, chebyshevOf<Kind::w>)
DOUBLE2(shiftedChebyshevPolynomialT, shiftedOf<Kind::t>)
DOUBLE2(shiftedChebyshevPolynomialU, shiftedOf<Kind::u>)
DOUBLE2(shiftedChebyshevPolynomialV, shiftedOf<Kind::v>)
DOUBLE2(shiftedChebyshevPolynomialW, shiftedOf<Kind::w>)
DOUBLE2(hermitePolynomialH, hermiteH)
DOUBLE2(hermitePolynomialHe, hermiteHe)
DOUBLE2(laguerrePolynomialL, laguerre)
DOUBLE2(legendrePolynomialP, legendre)

}  // namespace NG_ISA
}  // namespace ng
