// The way to a general matrix's eigenvalues, first part: balancing and the reduction to Hessenberg form, as LAPACK does
// them. The transformations are kept transposed: every long loop runs along a row.
#pragma once

#include "linear.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr double kPrecision = 2.220446049250313e-16;
constexpr double kSmallest = 2.2250738585072014e-308;

inline double larger(double x, double y) { return x > y ? x : y; }
inline double smaller(double x, double y) { return x < y ? x : y; }
inline double withSign(double x, double sign) { return (sign < 0.0) != (x < 0.0) ? -x : x; }

/** A matrix under way to its Schur form: h = Zᵀ · A · Z, with Z's columns as rows of z (or null). */
struct Reduction {
  double* h;
  double* z;
  int64_t n;
  /** The rows and columns that are not triangular already. */
  int64_t low, high;
  double* row(int64_t i) const { return h + i * n; }
  double& at(int64_t i, int64_t j) const { return h[i * n + j]; }
};

/** (x, y) becomes (c · x + s · y, c · y - s · x), element by element. */
inline void turn(double* x, double* y, int64_t step, int64_t count, double c, double s) {
  const double minus = -s;  // GCC 12 would fuse alternating sums and differences, whatever -ffp-contract says
  for (int64_t i = 0; i < count; i++) {
    const double a = x[i * step], b = y[i * step];
    x[i * step] = c * a + s * b;
    y[i * step] = c * b + minus * a;
  }
}

/**
 * The reflection I - tau · (1, v) · (1, v)ᵀ that makes (alpha, x) a multiple of the first unit vector: x becomes v,
 * alpha that multiple.
 */
inline double reflection(double& alpha, double* x, int64_t count) {
  double square = 0.0;
  for (int64_t i = 0; i < count; i++) square += x[i] * x[i];
  if (square == 0.0) return 0.0;
  const double beta = -withSign(squareRoot(alpha * alpha + square), alpha);
  const double tau = (beta - alpha) / beta;
  const double factor = 1.0 / (alpha - beta);
  for (int64_t i = 0; i < count; i++) x[i] *= factor;
  alpha = beta;
  return tau;
}

/** Exchanges rows and columns i and j of what is not triangular yet. */
void exchange(const Reduction& a, int64_t i, int64_t j) {
  if (i == j) return;
  for (int64_t k = 0; k <= a.high; k++) {
    const double t = a.at(k, i);
    a.at(k, i) = a.at(k, j);
    a.at(k, j) = t;
  }
  swapRows(a.row(i) + a.low, a.row(j) + a.low, a.n - a.low);
}

/** Whether row (or column) i has nothing beside its diagonal between low and high. */
bool isolated(const Reduction& a, int64_t i, bool column) {
  for (int64_t k = a.low; k <= a.high; k++) {
    if (k != i && (column ? a.at(k, i) : a.at(i, k)) != 0.0) return false;
  }
  return true;
}

/** One round of scaling rows and columns by powers of 2 to like norms. Whether something changed. */
bool scaleOnce(const Reduction& a, double* scales) {
  constexpr double kLeast = kSmallest / kPrecision, kMost = 1.0 / kLeast;
  bool changed = false;
  for (int64_t i = a.low; i <= a.high; i++) {
    double c = 0.0, r = 0.0, most = 0.0, mostRow = 0.0;
    for (int64_t k = a.low; k <= a.high; k++) {
      c += a.at(k, i) * a.at(k, i);
      r += a.at(i, k) * a.at(i, k);
    }
    for (int64_t k = 0; k <= a.high; k++) most = larger(most, magnitude(a.at(k, i)));
    for (int64_t k = a.low; k < a.n; k++) mostRow = larger(mostRow, magnitude(a.at(i, k)));
    c = squareRoot(c);
    r = squareRoot(r);
    if (!(c > 0.0 && r > 0.0) || c > kMost || r > kMost) continue;
    const double sum = c + r;
    double f = 1.0;
    for (double g = r / 2.0;
         c < g && larger(larger(f, c), most) < kMost / 2.0 && smaller(smaller(r, g), mostRow) > kLeast * 2.0;) {
      f *= 2.0, c *= 2.0, most *= 2.0;
      r /= 2.0, g /= 2.0, mostRow /= 2.0;
    }
    for (double g = c / 2.0;
         g >= r && larger(r, mostRow) < kMost / 2.0 && smaller(smaller(f, c), smaller(g, most)) > kLeast * 2.0;) {
      f /= 2.0, c /= 2.0, g /= 2.0, most /= 2.0;
      r *= 2.0, mostRow *= 2.0;
    }
    if (c + r >= 0.95 * sum) continue;
    if (f < 1.0 && scales[i] < 1.0 && f * scales[i] <= kLeast) continue;
    if (f > 1.0 && scales[i] > 1.0 && scales[i] >= kMost / f) continue;
    scales[i] *= f;
    changed = true;
    scale(a.row(i) + a.low, 1.0 / f, a.n - a.low);
    for (int64_t k = 0; k <= a.high; k++) a.at(k, i) *= f;
  }
  return changed;
}

/** Moves isolated eigenvalues to the ends and scales the rest; scales: the factors, and the rows exchanged. */
void balance(Reduction& a, double* scales) {
  for (bool found = true; found;) {
    found = false;
    for (int64_t i = a.high; i >= 0 && a.high >= 0; i--) {
      if (i > a.high || !isolated(a, i, false)) continue;
      scales[a.high] = static_cast<double>(i);
      exchange(a, i, a.high);
      a.high--;
      found = a.high >= 0;
    }
  }
  for (bool found = a.high >= 0; found;) {
    found = false;
    for (int64_t j = a.low; j <= a.high; j++) {
      if (!isolated(a, j, true)) continue;
      scales[a.low] = static_cast<double>(j);
      exchange(a, j, a.low);
      a.low++;
      found = true;
    }
  }
  for (int64_t i = a.low; i <= a.high; i++) scales[i] = 1.0;
  while (scaleOnce(a, scales)) continue;
}

/** Householder's reduction to Hessenberg form. v, work: n each; taus: n. */
void toHessenberg(const Reduction& a, double* taus, double* v, double* work) {
  for (int64_t i = a.low; i < a.high; i++) {
    const int64_t count = a.high - i;  // v's length; it stands in rows and columns i + 1 … high
    for (int64_t k = 0; k < count; k++) v[k] = a.at(i + 1 + k, i);
    double first = v[0];
    taus[i] = reflection(first, v + 1, count - 1);
    v[0] = 1.0;
    if (taus[i] != 0.0) {
      for (int64_t r = 0; r <= a.high; r++)
        addScaled(a.row(r) + i + 1, v, -taus[i] * dot(a.row(r) + i + 1, v, count), count);
      reflect(v, 1, taus[i], a.row(i + 1) + i + 1, work, 0, count, a.n - i - 1, a.n);
    }
    a.at(i + 1, i) = first;
    for (int64_t k = 1; k < count; k++) a.at(i + 1 + k, i) = v[k];
  }
  if (a.z == nullptr) return;
  for (int64_t i = 0; i < a.n * a.n; i++) a.z[i] = i % (a.n + 1) == 0 ? 1.0 : 0.0;
  for (int64_t i = a.high - 1; i >= a.low; i--) {
    const int64_t count = a.high - i;
    v[0] = 1.0;
    for (int64_t k = 1; k < count; k++) v[k] = a.at(i + 1 + k, i);
    for (int64_t r = i + 1; r <= a.high; r++) {
      double* row = a.z + r * a.n + i + 1;
      addScaled(row, v, -taus[i] * dot(row, v, count), count);
    }
  }
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
