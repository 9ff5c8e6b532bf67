// The second part: QR steps with two shifts, from Hessenberg form to Schur form. Shifts and tests are LAPACK's (hseqr
// for small matrices), so that the eigenvalues come in its order.
#pragma once

#include "hessenberg.h"

namespace ng {
namespace NG_ISA {
namespace {

/** A 2 × 2 block of the diagonal and, once standardized, its eigenvalues and the rotation that was needed. */
struct Block {
  double a, b, c, d;
  double real1, imaginary1, real2, imaginary2;
  double cosine, sine;
};

/** Turns a block into a triangle, where its eigenvalues are real, or to equal diagonal elements. */
void standardize(Block& s) {
  s.cosine = 1.0;
  s.sine = 0.0;
  if (s.c != 0.0 && s.b == 0.0) {
    s.cosine = 0.0;
    s.sine = 1.0;
    const double t = s.d;
    s.d = s.a;
    s.a = t;
    s.b = -s.c;
    s.c = 0.0;
  } else if (s.c != 0.0 && (s.a != s.d || (s.b < 0.0) == (s.c < 0.0))) {
    const double difference = s.a - s.d;
    double p = 0.5 * difference;
    const double most = larger(magnitude(s.b), magnitude(s.c));
    const double least = withSign(smaller(magnitude(s.b), magnitude(s.c)), (s.b < 0.0) == (s.c < 0.0) ? 1.0 : -1.0);
    const double size = larger(magnitude(p), most);
    double z = p / size * p + most / size * least;
    if (z >= 4.0 * kPrecision) {
      z = p + withSign(squareRoot(size) * squareRoot(z), p);
      s.a = s.d + z;
      s.d -= most / z * least;
      const double tau = length(s.c, z);
      s.cosine = z / tau;
      s.sine = s.c / tau;
      s.b -= s.c;
      s.c = 0.0;
    } else {
      const double sigma = s.b + s.c;
      const double tau = length(sigma, difference);
      s.cosine = squareRoot(0.5 * (1.0 + magnitude(sigma) / tau));
      s.sine = -(p / (tau * s.cosine)) * withSign(1.0, sigma);
      const double aa = s.a * s.cosine + s.b * s.sine, bb = -s.a * s.sine + s.b * s.cosine;
      const double cc = s.c * s.cosine + s.d * s.sine, dd = -s.c * s.sine + s.d * s.cosine;
      s.a = aa * s.cosine + cc * s.sine;
      s.b = bb * s.cosine + dd * s.sine;
      s.c = -aa * s.sine + cc * s.cosine;
      s.d = -bb * s.sine + dd * s.cosine;
      const double middle = 0.5 * (s.a + s.d);
      s.a = middle;
      s.d = middle;
      if (s.c != 0.0 && s.b == 0.0) {
        s.b = -s.c;
        s.c = 0.0;
        const double t = s.cosine;
        s.cosine = -s.sine;
        s.sine = t;
      } else if (s.c != 0.0 && (s.b < 0.0) == (s.c < 0.0)) {
        const double rootB = squareRoot(magnitude(s.b)), rootC = squareRoot(magnitude(s.c));
        p = withSign(rootB * rootC, s.c);
        const double scaled = 1.0 / squareRoot(magnitude(s.b + s.c));
        s.a = middle + p;
        s.d = middle - p;
        s.b -= s.c;
        s.c = 0.0;
        const double c1 = rootB * scaled, s1 = rootC * scaled, t = s.cosine * c1 - s.sine * s1;
        s.sine = s.cosine * s1 + s.sine * c1;
        s.cosine = t;
      }
    }
  }
  s.real1 = s.a;
  s.real2 = s.d;
  s.imaginary1 = s.c == 0.0 ? 0.0 : squareRoot(magnitude(s.b)) * squareRoot(magnitude(s.c));
  s.imaginary2 = -s.imaginary1;
}

/** Where the lowest part of rows first … last that does not fall apart begins. */
int64_t splitPoint(const Reduction& a, int64_t first, int64_t last) {
  const double tiny = kSmallest * (static_cast<double>(a.high - a.low + 1) / kPrecision);
  int64_t k = last;
  for (; k > first; k--) {
    const double below = magnitude(a.at(k, k - 1));
    if (below <= tiny) break;
    double around = magnitude(a.at(k - 1, k - 1)) + magnitude(a.at(k, k));
    if (around == 0.0) {
      if (k - 2 >= a.low) around += magnitude(a.at(k - 1, k - 2));
      if (k + 1 <= a.high) around += magnitude(a.at(k + 1, k));
    }
    if (below > kPrecision * around) continue;
    const double above = magnitude(a.at(k - 1, k)), gap = magnitude(a.at(k - 1, k - 1) - a.at(k, k));
    const double corner = magnitude(a.at(k, k));
    const double ab = larger(below, above), ba = smaller(below, above);
    const double aa = larger(corner, gap), bb = smaller(corner, gap), s = aa + ab;
    if (ba * (ab / s) <= larger(tiny, kPrecision * (bb * (aa / s)))) break;
  }
  return k;
}

/** Two shifts: real and equal, or conjugate. */
struct Shifts {
  double real1, imaginary1, real2, imaginary2;
};

/** From the lowest 2 × 2 block; every tenth round something else, in case of a cycle. */
Shifts shiftsOf(const Reduction& a, int64_t first, int64_t last, int64_t rounds) {
  double h11 = a.at(last - 1, last - 1), h12 = a.at(last - 1, last), h21 = a.at(last, last - 1), h22 = a.at(last, last);
  if (rounds % 10 == 0) {
    const bool bottom = rounds % 20 == 0;
    const double s = bottom ? magnitude(a.at(last, last - 1)) + magnitude(a.at(last - 1, last - 2))
                            : magnitude(a.at(first + 1, first)) + magnitude(a.at(first + 2, first + 1));
    h11 = 0.75 * s + (bottom ? a.at(last, last) : a.at(first, first));
    h12 = -0.4375 * s;
    h21 = s;
    h22 = h11;
  }
  const double s = magnitude(h11) + magnitude(h12) + magnitude(h21) + magnitude(h22);
  if (s == 0.0) return {0.0, 0.0, 0.0, 0.0};
  h11 /= s, h12 /= s, h21 /= s, h22 /= s;
  const double middle = (h11 + h22) / 2.0;
  const double determinant = (h11 - middle) * (h22 - middle) - h12 * h21;
  const double root = squareRoot(magnitude(determinant));
  if (determinant >= 0.0) return {middle * s, root * s, middle * s, -root * s};
  const double one = middle + root, other = middle - root;
  const double shift = (magnitude(one - h22) <= magnitude(other - h22) ? one : other) * s;
  return {shift, 0.0, shift, 0.0};
}

/** x -= sum · t, for the two or three rows (elements `step` apart) of a small reflection (1, v) with factor v[0]. */
inline void reflectRows(double* x, double* y, double* w, int64_t step, int64_t count, const double* v) {
  const double t1 = v[0], t2 = v[0] * v[1], t3 = w ? v[0] * v[2] : 0.0;
  for (int64_t j = 0; j < count; j++) {
    const int64_t i = j * step;
    if (w) {
      const double sum = x[i] + v[1] * y[i] + v[2] * w[i];
      x[i] -= sum * t1;
      y[i] -= sum * t2;
      w[i] -= sum * t3;
    } else {
      const double sum = x[i] + v[1] * y[i];
      x[i] -= sum * t1;
      y[i] -= sum * t2;
    }
  }
}

/** One QR step with two shifts on rows first … last; rows and columns `from` … `to` take part. */
void doubleStep(const Reduction& a, int64_t first, int64_t last, int64_t from, int64_t to, const Shifts& shifts) {
  double v[3];
  int64_t start = last - 2;
  for (;; start--) {
    const double diagonal = a.at(start, start);
    double s = magnitude(diagonal - shifts.real2) + magnitude(shifts.imaginary2) + magnitude(a.at(start + 1, start));
    const double below = a.at(start + 1, start) / s;
    v[0] = below * a.at(start, start + 1) + (diagonal - shifts.real1) * ((diagonal - shifts.real2) / s) -
           shifts.imaginary1 * (shifts.imaginary2 / s);
    v[1] = below * (diagonal + a.at(start + 1, start + 1) - shifts.real1 - shifts.real2);
    v[2] = below * a.at(start + 2, start + 1);
    s = magnitude(v[0]) + magnitude(v[1]) + magnitude(v[2]);
    v[0] /= s, v[1] /= s, v[2] /= s;
    if (start == first) break;
    const double around =
        magnitude(a.at(start - 1, start - 1)) + magnitude(diagonal) + magnitude(a.at(start + 1, start + 1));
    if (magnitude(a.at(start, start - 1)) * (magnitude(v[1]) + magnitude(v[2])) <=
        kPrecision * magnitude(v[0]) * around)
      break;
  }
  for (int64_t k = start; k < last; k++) {
    const bool three = k + 2 <= last;
    if (k > start) {
      v[0] = a.at(k, k - 1);
      v[1] = a.at(k + 1, k - 1);
      if (three) v[2] = a.at(k + 2, k - 1);
    }
    double beta = v[0];
    v[0] = reflection(beta, v + 1, three ? 2 : 1);
    if (k > start) {
      a.at(k, k - 1) = beta;
      a.at(k + 1, k - 1) = 0.0;
      if (three) a.at(k + 2, k - 1) = 0.0;
    } else if (start > first) {
      // Not just the sign turned: v[1] and v[2] may be so small that nothing is done.
      a.at(k, k - 1) *= 1.0 - v[0];
    }
    reflectRows(a.row(k) + k, a.row(k + 1) + k, three ? a.row(k + 2) + k : nullptr, 1, to - k + 1, v);
    const int64_t end = (k + 3 < last ? k + 3 : last) + 1;
    double* column = a.row(from) + k;
    reflectRows(column, column + 1, three ? column + 2 : nullptr, a.n, end - from, v);
    if (a.z) reflectRows(a.z + k * a.n, a.z + (k + 1) * a.n, three ? a.z + (k + 2) * a.n : nullptr, 1, a.n, v);
  }
}

/** The lowest block, rows k and k + 1, is done: its eigenvalues, and the rotation of what is beside it. */
void finishPair(const Reduction& a, int64_t k, double* real, double* imaginary) {
  Block s = {a.at(k, k), a.at(k, k + 1), a.at(k + 1, k), a.at(k + 1, k + 1), 0, 0, 0, 0, 0, 0};
  standardize(s);
  a.at(k, k) = s.a;
  a.at(k, k + 1) = s.b;
  a.at(k + 1, k) = s.c;
  a.at(k + 1, k + 1) = s.d;
  real[k] = s.real1;
  real[k + 1] = s.real2;
  imaginary[k] = s.imaginary1;
  imaginary[k + 1] = s.imaginary2;
  if (a.z == nullptr) return;
  turn(a.row(k) + k + 2, a.row(k + 1) + k + 2, 1, a.n - k - 2, s.cosine, s.sine);
  turn(a.h + k, a.h + k + 1, a.n, k, s.cosine, s.sine);
  turn(a.z + k * a.n, a.z + (k + 1) * a.n, 1, a.n, s.cosine, s.sine);
}

/** The Schur form of a Hessenberg matrix, or only its eigenvalues. False: it does not converge. */
bool toSchur(const Reduction& a, double* real, double* imaginary) {
  for (int64_t i = 0; i < a.n; i++) {
    if (i >= a.low && i <= a.high) continue;
    real[i] = a.at(i, i);
    imaginary[i] = 0.0;
  }
  for (int64_t i = a.low; i <= a.high; i++) {
    for (int64_t j = a.low; j + 1 < i; j++) a.at(i, j) = 0.0;
  }
  const int64_t rows = a.high - a.low + 1, most = 30 * (rows > 10 ? rows : 10);
  int64_t last = a.high;
  while (last >= a.low) {
    int64_t first = a.low, rounds = 0;
    for (;;) {
      first = splitPoint(a, first, last);
      if (first > a.low) a.at(first, first - 1) = 0.0;
      if (first >= last - 1) break;
      if (++rounds > most) return false;
      const int64_t from = a.z ? 0 : first, to = a.z ? a.n - 1 : last;
      doubleStep(a, first, last, from, to, shiftsOf(a, first, last, rounds));
    }
    if (first == last) {
      real[last] = a.at(last, last);
      imaginary[last] = 0.0;
    } else {
      finishPair(a, first, real, imaginary);
    }
    last = first - 1;
  }
  return true;
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
