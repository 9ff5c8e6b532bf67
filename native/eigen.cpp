// Eigenvalues and eigenvectors of general matrices, in float64. As LAPACK's geev scales and turns them: vectors of
// length 1, complex ones with a real largest element.
#include "kernel.h"
#include "schur.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Rows of the largest matrix: it would have 8 GiB. */
constexpr int64_t kMostRows = 32768;

struct Complex {
  double re, im;
};
inline Complex operator-(Complex x, Complex y) { return {x.re - y.re, x.im - y.im}; }
inline Complex operator*(Complex x, Complex y) { return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}; }
inline double size(Complex x) { return magnitude(x.re) + magnitude(x.im); }

/** x / y without overflow on the way. */
inline Complex operator/(Complex x, Complex y) {
  if (magnitude(y.re) >= magnitude(y.im)) {
    const double ratio = y.im / y.re, scaled = y.re + y.im * ratio;
    return {(x.re + x.im * ratio) / scaled, (x.im - x.re * ratio) / scaled};
  }
  const double ratio = y.re / y.im, scaled = y.re * ratio + y.im;
  return {(x.re * ratio + x.im) / scaled, (x.im * ratio - x.re) / scaled};
}

/** A vector as two rows: the long sums run along them and along the rows of the matrix. */
struct Vector {
  double* re;
  double* im;
  void set(int64_t i, Complex x) const {
    re[i] = x.re;
    im[i] = x.im;
  }
};

/** Keeps elements first … last of a solution far from overflow. */
void hold(const Vector& x, int64_t first, int64_t last) {
  double most = 0.0;
  for (int64_t i = first; i <= last; i++) most = larger(most, larger(magnitude(x.re[i]), magnitude(x.im[i])));
  if (most < 1e140) return;
  scale(x.re + first, 1.0 / most, last - first + 1);
  scale(x.im + first, 1.0 / most, last - first + 1);
}

/** Solves (T - w) · x = 0 upwards from row k, x being known from k + 1 to last. A pivot is at least `least`. */
void substitute(const Reduction& a, const Vector& x, Complex w, int64_t k, int64_t last, double least) {
  const bool isReal = w.im == 0.0;
  while (k >= 0) {
    const int64_t count = last - k;
    const double* row = a.row(k) + k + 1;
    const Complex right = {-dot(row, x.re + k + 1, count), isReal ? 0.0 : -dot(row, x.im + k + 1, count)};
    if (k == 0 || a.at(k, k - 1) == 0.0) {
      Complex pivot = Complex{a.at(k, k), 0.0} - w;
      if (size(pivot) < least) pivot = {least, 0.0};
      x.set(k, right / pivot);
      hold(x, k, last);
      k--;
      continue;
    }
    const double* above = a.row(k - 1) + k + 1;
    const Complex upper = {-dot(above, x.re + k + 1, count), isReal ? 0.0 : -dot(above, x.im + k + 1, count)};
    const Complex p = Complex{a.at(k - 1, k - 1), 0.0} - w, s = Complex{a.at(k, k), 0.0} - w;
    const Complex q = {a.at(k - 1, k), 0.0}, r = {a.at(k, k - 1), 0.0};
    Complex determinant = p * s - q * r;
    if (size(determinant) < least * least) determinant = {least * least, 0.0};
    x.set(k - 1, (s * upper - q * right) / determinant);
    x.set(k, (p * right - r * upper) / determinant);
    hold(x, k - 1, last);
    k -= 2;
  }
}

/** Z · x, undoing the balancing: into v. */
void transformBack(const Reduction& a, const Vector& x, int64_t last, bool isReal, const double* scales,
                   const Vector& v) {
  for (int64_t i = 0; i < a.n; i++) v.set(i, {0.0, 0.0});
  for (int64_t k = 0; k <= last; k++) {
    addScaled(v.re, a.z + k * a.n, x.re[k], a.n);
    if (!isReal) addScaled(v.im, a.z + k * a.n, x.im[k], a.n);
  }
  for (int64_t i = a.low; i <= a.high; i++) {
    v.re[i] *= scales[i];
    v.im[i] *= scales[i];
  }
  for (int64_t step = 0; step < a.n; step++) {
    const int64_t i = step < a.low ? a.low - 1 - step : step;
    if (i >= a.low && i <= a.high) continue;
    const auto other = static_cast<int64_t>(scales[i]);
    swapRows(v.re + i, v.re + other, 1);
    swapRows(v.im + i, v.im + other, 1);
  }
}

/** Length 1, and the largest element real. */
void normalize(const Vector& v, int64_t n, bool isReal) {
  double most = 0.0;
  for (int64_t i = 0; i < n; i++) most = larger(most, larger(magnitude(v.re[i]), magnitude(v.im[i])));
  if (most == 0.0) return;
  scale(v.re, 1.0 / most, n);
  scale(v.im, 1.0 / most, n);
  const double norm = squareRoot(dot(v.re, v.re, n) + (isReal ? 0.0 : dot(v.im, v.im, n)));
  scale(v.re, 1.0 / norm, n);
  if (isReal) return;
  scale(v.im, 1.0 / norm, n);
  int64_t best = 0;
  double bestSquare = -1.0;
  for (int64_t i = 0; i < n; i++) {
    const double square = v.re[i] * v.re[i] + v.im[i] * v.im[i];
    if (square <= bestSquare) continue;
    bestSquare = square;
    best = i;
  }
  const double radius = withSign(length(v.re[best], v.im[best]), v.re[best]);
  turn(v.re, v.im, 1, n, v.re[best] / radius, v.im[best] / radius);
  v.im[best] = 0.0;
}

/** Writes v as column j of n × n complex numbers, or its conjugate. */
void writeColumn(double* out, int64_t n, int64_t j, const Vector& v, double sign) {
  for (int64_t i = 0; i < n; i++) {
    out[2 * (i * n + j)] = v.re[i];
    out[2 * (i * n + j) + 1] = sign * v.im[i];
  }
}

/** All eigenvectors of the Schur form, as columns of the original matrix's. work: 4 n. */
void eigenvectors(const Reduction& a, const double* real, const double* imaginary, const double* scales, double* out,
                  double* work) {
  const int64_t n = a.n;
  const Vector x = {work, work + n}, v = {work + 2 * n, work + 3 * n};
  const double tiny = kSmallest * (static_cast<double>(n) / kPrecision);
  for (int64_t j = n - 1; j >= 0; j--) {
    const double wi = imaginary[j] < 0.0 ? -imaginary[j] : imaginary[j];
    const double least = larger(kPrecision * (magnitude(real[j]) + wi), tiny);
    for (int64_t i = 0; i < n; i++) x.set(i, {0.0, 0.0});
    int64_t k = j - 1;
    if (wi == 0.0) {
      x.re[j] = 1.0;
    } else {
      // Of a pair j - 1, j; the vector is that of the value with the positive imaginary part.
      k = j - 2;
      if (magnitude(a.at(j - 1, j)) >= magnitude(a.at(j, j - 1))) {
        x.re[j - 1] = 1.0;
        x.im[j] = wi / a.at(j - 1, j);
      } else {
        x.re[j - 1] = -wi / a.at(j, j - 1);
        x.im[j] = 1.0;
      }
    }
    substitute(a, x, {real[j], wi}, k, j, least);
    transformBack(a, x, j, wi == 0.0, scales, v);
    normalize(v, n, wi == 0.0);
    if (wi == 0.0) {
      writeColumn(out, n, j, v, 1.0);
    } else {
      writeColumn(out, n, j - 1, v, 1.0);
      writeColumn(out, n, j, v, -1.0);
      j--;
    }
  }
}

}  // namespace

void kernel_generalEigen(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1];
  if (n < 0 || n > kMostRows) return c.badSize(1);
  const bool wantsVectors = c.x[2].data != nullptr;
  for (int i = 0; i < 4; i++) {
    if ((i != 2 || wantsVectors) && !isDouble(c, i)) return;
  }
  const int64_t square = n * n;
  if (!c.need(0, batch * square) || !c.need(1, batch * 2 * n)) return;
  if (wantsVectors && !c.need(2, batch * 2 * square)) return;
  if (!c.need(3, (wantsVectors ? square : 0) + 7 * n)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* values = static_cast<double*>(c.x[1].data);
  auto* vectors = static_cast<double*>(c.x[2].data);
  auto* real = static_cast<double*>(c.x[3].data);
  double *imaginary = real + n, *scales = real + 2 * n, *rest = real + 3 * n,
         *z = wantsVectors ? real + 7 * n : nullptr;
  for (int64_t b = 0; b < batch && n > 0; b++, a += square, values += 2 * n) {
    Reduction reduction = {a, z, n, 0, n - 1};
    balance(reduction, scales);
    toHessenberg(reduction, rest, rest + n, rest + 2 * n);
    if (!toSchur(reduction, real, imaginary)) return c.fail(3, b, static_cast<int32_t>(batch));
    for (int64_t i = 0; i < n; i++) {
      values[2 * i] = real[i];
      values[2 * i + 1] = imaginary[i];
    }
    if (wantsVectors) eigenvectors(reduction, real, imaginary, scales, vectors + b * 2 * square, rest);
  }
}

}  // namespace NG_ISA
}  // namespace ng
