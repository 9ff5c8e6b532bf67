// The normal distribution's functions and the error functions' kin.
#include "doubles.h"

namespace ng {
namespace NG_ISA {
namespace {

/** (1 + 2x) erfcx(x), in (x - 3.75) / (x + 3.75) on [-1, 1]. */
constexpr double kErfcx[] = {
    1.1775789345674017,     -0.004590054580646478,  -0.08424913336651792,    0.05920993999819189,
    -0.026658668435305753,  0.009074997670705265,   -0.002413163540417608,   0.0004907758365258086,
    -6.916973302501207e-05, 4.13902798607301e-06,   7.74038306619849e-07,    -2.1886401049234397e-07,
    1.076499946567091e-08,  4.521959811218287e-09,  -7.754400208831351e-10,  -6.318088340886684e-11,
    2.86879501093067e-11,   1.9455868545777347e-13, -9.65469674843344e-13,   3.25254814814874e-14,
    3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17,
    5.068148904796111e-17,
};

/** A rational start, then two steps of Newton's method; near ±1 on erfc, where erf has lost its digits. */
inline double inverseErf(double y) {
  const double a = __builtin_fabs(y);
  if (!(a < 1)) return a == 1 ? y * kInfinity : kNaN;
  const double slope = 1.1283791670955125739;  // 2 / √π
  double x;
  if (a <= 0.7) {
    const double z = a * a;
    x = a * (((-0.140543331 * z + 0.914624893) * z - 1.645349621) * z + 0.886226899) /
        ((((0.012229801 * z - 0.329097515) * z + 1.442710462) * z - 2.118377725) * z + 1);
    for (int i = 0; i < 2; i++) x -= (::erf(x) - a) / (slope * ::exp(-x * x));
  } else {
    const double z = ::sqrt(-::log((1 - a) / 2));
    x = (((1.641345311 * z + 3.429567803) * z - 1.624906493) * z - 1.970840454) /
        ((1.637067800 * z + 3.543889200) * z + 1);
    for (int i = 0; i < 2; i++) x += (::erfc(x) - (1 - a)) / (slope * ::exp(-x * x));
  }
  return __builtin_copysign(x, y);
}

/** e^(x²) erfc x. */
inline double scaledErfc(double x) {
  if (x >= 0) return x == kInfinity ? 0 : chebyshev(kErfcx, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
  if (!(x >= -27)) return x < 0 ? kInfinity : x;
  // x² in two parts: the first has so few digits that it is exact.
  const double high = ::floor(x * 65536) / 65536;
  return 2 * (::exp(high * high) * ::exp((x - high) * (x + high))) - scaledErfc(-x);
}

/** log of the normal distribution's integral to x. */
inline double logNormal(double x) {
  const double t = x * 0.70710678118654752440;
  return x < -1 ? ::log(scaledErfc(-t) / 2) - t * t : ::log1p(-::erfc(t) / 2);
}

/** Where log Φ is log p, p ≤ 0.16: Hastings's start, then Newton's method. */
inline double normalTail(double p) {
  const double goal = ::log(p), t = ::sqrt(-2 * goal);
  double x = (2.30753 + 0.27061 * t) / (1 + (0.99229 + 0.04481 * t) * t) - t;
  for (int i = 0; i < 4; i++) {
    const double ratio = scaledErfc(-x * 0.70710678118654752440);
    x -= (::log(ratio / 2) - 0.5 * x * x - goal) * ratio * 1.2533141373155002512;  // √(π / 2)
  }
  return x;
}

/** The x whose normal distribution is p. */
inline double inverseNormal(double p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -kInfinity : p == 1 ? kInfinity : kNaN;
  if (p < 0.16) return normalTail(p);
  if (p > 0.84) return -normalTail(1 - p);
  return 1.4142135623730950488 * inverseErf(2 * p - 1);
}

inline double entropy(double x) { return x > 0 ? -x * ::log(x) : x == 0 ? 0 : x < 0 ? -kInfinity : x; }
inline double xLog1pY(double x, double y) { return y != y ? y : x == 0 ? 0 : x * ::log1p(y); }

}  // namespace

DOUBLE1(erfinv, inverseErf)
DOUBLE1(erfcx, scaledErfc)
DOUBLE1(logNdtr, logNormal)
DOUBLE1(ndtri, inverseNormal)
DOUBLE1(entr, entropy)
DOUBLE2(xlog1py, xLog1pY)

}  // namespace NG_ISA
}  // namespace ng
