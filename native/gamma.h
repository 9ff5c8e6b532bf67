// log Γ, its derivatives and the Hurwitz zeta function, in double.
#pragma once

#include "doubles.h"

namespace ng {
namespace NG_ISA {
namespace {

/** log Γ(1 + z) / z, in z on [-½, ½]. */
constexpr double kGammaOne[] = {
    -0.633011426275031,      0.4405675574678963,     -0.057857409449912446,   0.010513973690267811,
    -0.002163989092091715,   0.0004744402338724658,  -0.00010799644528099427, 2.5201155299530276e-05,
    -5.986014498026819e-06,  1.4410616180293054e-06, -3.5060690575761177e-07, 8.603823016763753e-08,
    -2.126510912478688e-08,  5.287778091463614e-09,  -1.3217135752166157e-09, 3.3186698554450495e-10,
    -8.365902567746219e-11,  2.116338666160694e-11,  -5.370507653794381e-12,  1.3666688100545857e-12,
    -3.486660039885161e-13,  8.915622432767707e-14,  -2.28454959350908e-14,   5.86514671522212e-15,
    -1.5084071183968602e-15, 3.885614648428306e-16,  -1.0024188186640361e-16, 2.5896418565384152e-17,
    -6.69867474095857e-18,   1.7348373407131055e-18,
};
/** log Γ(2 + z) / z, in z on [-½, 1]. */
constexpr double kGammaTwo[] = {
    0.48362763659842517,     0.22408351337696908,    -0.016061611364725618,   0.0016796351005504537,
    -0.000206207082576848,   2.7619482587698902e-05, -3.902432064395172e-06,  5.712600238782988e-07,
    -8.57232441585347e-08,   1.3098706178370361e-08, -2.0291174319191596e-09, 3.177019404112652e-10,
    -5.0168902255267044e-11, 7.977607508944761e-12,  -1.2759320707466868e-12, 2.0507506001786822e-13,
    -3.309998326505828e-14,  5.362087191185866e-15,  -8.714427500704616e-16,  1.4203170417419452e-16,
    -2.3208252786405174e-17, 3.801021892031957e-18,
};
/** ψ(x) / (x - x₀) of its zero, in x on [1, 2]. */
constexpr double kDigamma[] = {
    0.983570260441567,     -0.2270640863346444,     0.03336889902393011,    -0.005320077271596548,
    0.0008788656937820505, -0.00014773492650606044, 2.5060543468359146e-05, -4.2721034029993324e-06,
    7.302769272465923e-07, -1.2502886813559594e-07, 2.1425009322359472e-08, -3.673295918565179e-09,
    6.299717236108931e-10, -1.080593028883266e-10,  1.853735192053638e-11,  -3.18023536582553e-12,
    5.456147570322795e-13, -9.360993131036438e-14,  1.606064636295075e-14,  -2.7555431377438815e-15,
    4.727736178601912e-16, -8.11148420346509e-17,   1.391707769474154e-17,  -2.3877901082188625e-18,
};
/** B₂ₖ / (2k (2k - 1)): log Γ's asymptotic series; B₂ₖ / 2k: ψ's; B₂ₖ: ψ′'s; B₂ₖ / (2k)!: Euler and Maclaurin's. */
constexpr double kStirling[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};
constexpr double kDigammaTail[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                   1.0 / 132, -691.0 / 32760, 1.0 / 12,  -3617.0 / 8160};
constexpr double kBernoulli[] = {1.0 / 6,  -1.0 / 30,     1.0 / 42, -1.0 / 30,
                                 5.0 / 66, -691.0 / 2730, 7.0 / 6,  -3617.0 / 510};
constexpr double kMaclaurin[] = {8.333333333333333e-02,   -1.388888888888889e-03, 3.306878306878307e-05,
                                 -8.267195767195768e-07,  2.08767569878681e-08,   -5.284190138687493e-10,
                                 1.3382536530684679e-11,  -3.38968029632258e-13,  8.586062056277845e-15,
                                 -2.1748686985580619e-16, 5.509002828360229e-18,  -1.3954464685812523e-19};

/** Σ c[k] y^k. */
template <int N>
inline double polynomial(const double (&c)[N], double y) {
  double sum = 0;
  for (int k = N - 1; k >= 0; k--) sum = sum * y + c[k];
  return sum;
}

/** sin πx, exact at whole numbers. */
inline double sinPi(double x) {
  double r = __builtin_fabs(x);
  r -= 2 * ::floor(r / 2);
  const bool negative = (r >= 1) != (x < 0);
  if (r >= 1) r -= 1;
  const double y = ::sin(kPi * (r > 0.5 ? 1 - r : r));
  return negative ? -y : y;
}

/** log Γ(1 + z), |z| ≤ ½: right to the last digits where it is near 0. */
inline double logGamma1p(double z) { return z * chebyshev(kGammaOne, 2 * z); }

/** log Γ(x) - (x - ½) log x + x - ½ log 2π, x ≥ 10. */
inline double stirlingRest(double x) { return polynomial(kStirling, 1 / (x * x)) / x; }

inline double logGammaPositive(double x) {
  if (x < 0.5) return logGamma1p(x) - ::log(x);
  if (x < 1.5) return logGamma1p(x - 1);
  if (x >= 10) {
    const double halfLogTwoPi = 0.91893853320467274178;
    return (x - 0.5) * (::log(x) - 1) + (halfLogTwoPi - 0.5 + stirlingRest(x));
  }
  double product = 1;
  while (x >= 3) {
    x -= 1;
    product *= x;
  }
  const double z = x - 2;
  const double base = z * chebyshev(kGammaTwo, (z - 0.25) / 0.75);
  return product == 1 ? base : base + ::log(product);
}

/** log |Γ(x)|; ∞ at the poles and at -∞. */
inline double logGamma(double x) {
  if (x > 0 || x != x) return x > 0 ? logGammaPositive(x) : x;
  if (x == ::floor(x)) return kInfinity;
  // Γ(x) Γ(-x) = -π / (x sin πx)
  const double a = -x;
  return ::log(kPi / __builtin_fabs(sinPi(a))) - ::log(a) - logGammaPositive(a);
}

inline double digammaPositive(double x) {
  if (x >= 10) return ::log(x) - 0.5 / x - polynomial(kDigammaTail, 1 / (x * x)) / (x * x);
  double sum = 0;
  if (x < 1) {
    sum = -1 / x;
    x += 1;
  }
  while (x > 2) {
    x -= 1;
    sum += 1 / x;
  }
  // The zero in two parts, so that what is near it keeps its digits.
  return sum + (x - 1.4616321449683622 - 9.549995429965697e-17) * chebyshev(kDigamma, 2 * x - 3);
}

/** ψ(x) = Γ′(x) / Γ(x); NaN at the poles below 0. */
inline double digammaOf(double x) {
  if (x > 0 || x != x) return x > 0 ? digammaPositive(x) : x;
  if (x == 0) return __builtin_copysign(kInfinity, -x);
  if (x == ::floor(x)) return kNaN;
  double r = x - ::trunc(x);
  if (r < -0.5) r += 1;
  return digammaPositive(1 - x) - kPi / ::tan(kPi * r);
}

/** ψ′(x) = Σ 1 / (x + k)²; ∞ at the poles. */
inline double trigammaOf(double x) {
  if (x <= 0) {
    if (x == -kInfinity) return kNaN;
    if (x == ::floor(x)) return kInfinity;
    const double ratio = kPi / sinPi(x);
    return ratio * ratio - trigammaOf(1 - x);
  }
  double sum = 0;
  for (; x < 10; x += 1) sum += 1 / (x * x);
  const double y = 1 / (x * x);
  return sum + 1 / x + 0.5 * y + polynomial(kBernoulli, y) * y / x;
}

/** ζ(s, q), q > -1000: the first terms, and Euler and Maclaurin's formula for the rest. */
inline double zetaSum(double s, double q) {
  double sum = 0, w = q, term = ::pow(w, -s);
  for (int i = 0; i < 9 || w <= 10; i++) {
    sum += term;
    w += 1;
    term = ::pow(w, -s);
    if (w > 0 && term <= 1e-17 * __builtin_fabs(sum)) return sum + term;
  }
  sum += term * w / (s - 1) + 0.5 * term;
  double factor = term * s / w;
  for (int k = 0; k < 12; k++) {
    const double part = kMaclaurin[k] * factor;
    sum += part;
    if (__builtin_fabs(part) < 1e-17 * __builtin_fabs(sum)) break;
    factor *= (s + 2 * k + 1) / w * ((s + 2 * k + 2) / w);
  }
  return sum;
}

/** Σ (q + k)^-s over k ≥ 0: ∞ for s = 1 and at poles, NaN for s < 1 and for the roots of negative numbers. */
inline double zetaOf(double s, double q) {
  if (s == 1) return kInfinity;
  if (s < 1 || q != q) return kNaN;
  if (q <= 0) {
    if (q == ::floor(q)) return kInfinity;
    if (s != ::floor(s)) return kNaN;
    if (s == kInfinity) return kInfinity;
    if (q < -1000) {
      // The terms below 0 are, but for their sign, those of two zeta functions above it.
      const double f = q - ::floor(q);
      const double below = zetaSum(s, 1 - f) - zetaSum(s, 1 - q);
      return zetaSum(s, f) + (::fmod(s, 2) == 0 ? below : -below);
    }
  }
  if (s != s) return s;
  if (s == kInfinity) return q > 1 ? kNaN : q == 1 ? 1 : kInfinity;
  return q == kInfinity ? kNaN : zetaSum(s, q);
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
