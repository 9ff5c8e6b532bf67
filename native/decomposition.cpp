// Decompositions of matrices, in float64: LU, Cholesky, QR, triangular solves. Row-major; the inner loops run along
// rows.
#include "kernel.h"
#include "linear.h"

namespace ng {
namespace NG_ISA {
namespace {

/** a = P · L · U in place, by rows with the largest pivot; the first zero pivot's place (1-based) or 0. */
int32_t luOne(double* a, int32_t* pivots, int64_t m, int64_t n) {
  int32_t info = 0;
  const int64_t steps = m < n ? m : n;
  for (int64_t k = 0; k < steps; k++) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < m; i++) {
      if (magnitude(a[i * n + k]) > magnitude(a[pivot * n + k])) pivot = i;
    }
    pivots[k] = static_cast<int32_t>(pivot + 1);
    if (a[pivot * n + k] == 0.0) {
      if (info == 0) info = static_cast<int32_t>(k + 1);
      continue;
    }
    if (pivot != k) swapRows(a + k * n, a + pivot * n, n);
    const double* row = a + k * n;
    for (int64_t i = k + 1; i < m; i++) {
      double* target = a + i * n;
      const double factor = target[k] / row[k];
      target[k] = factor;
      if (factor != 0.0) addScaled(target + k + 1, row + k + 1, -factor, n - k - 1);
    }
  }
  return info;
}

/** a = L · Lᵀ, L in the lower part, zeros above; the first minor that is not positive (1-based) or 0. */
int32_t choleskyOne(double* a, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double* row = a + i * n;
    for (int64_t j = 0; j < i; j++) {
      const double* other = a + j * n;
      row[j] = (row[j] - dot(row, other, j)) / other[j];
    }
    const double square = row[i] - dot(row, row, i);
    if (!(square > 0.0)) return static_cast<int32_t>(i + 1);
    row[i] = squareRoot(square);
    for (int64_t j = i + 1; j < n; j++) row[j] = 0.0;
  }
  return 0;
}

/** b = a⁻¹ · b (or with aᵀ), a triangular [m, m], b [m, n]. */
void triangularOne(double* b, const double* a, int64_t m, int64_t n, bool upper, bool transposed, bool unit) {
  const bool backward = upper != transposed;
  for (int64_t step = 0; step < m; step++) {
    const int64_t i = backward ? m - 1 - step : step;
    double* row = b + i * n;
    const int64_t begin = backward ? i + 1 : 0, end = backward ? m : i;
    for (int64_t j = begin; j < end; j++) {
      const double factor = transposed ? a[j * m + i] : a[i * m + j];
      if (factor != 0.0) addScaled(row, b + j * n, -factor, n);
    }
    if (!unit) scale(row, 1.0 / a[i * m + i], n);
  }
}

/** LAPACK's geqrf: R in the upper part, the Householder vectors below, their factors in tau. work: n. */
void qrOne(double* a, double* tau, double* work, int64_t m, int64_t n) {
  const int64_t steps = m < n ? m : n;
  for (int64_t k = 0; k < steps; k++) {
    double square = 0.0;
    for (int64_t i = k + 1; i < m; i++) square += a[i * n + k] * a[i * n + k];
    const double alpha = a[k * n + k];
    if (square == 0.0) {
      tau[k] = 0.0;
      continue;
    }
    const double norm = squareRoot(alpha * alpha + square);
    const double beta = alpha >= 0.0 ? -norm : norm;
    tau[k] = (beta - alpha) / beta;
    for (int64_t i = k + 1; i < m; i++) a[i * n + k] /= alpha - beta;
    a[k * n + k] = 1.0;
    reflect(a + k, n, tau[k], a + k + 1, work, k, m, n - k - 1, n);
    a[k * n + k] = beta;
  }
}

/** LAPACK's orgqr: the first n columns of the product of k Householder reflections, over their vectors. */
void householderOne(double* a, const double* tau, double* work, int64_t m, int64_t n, int64_t k) {
  for (int64_t j = k; j < n; j++) {
    for (int64_t i = 0; i < m; i++) a[i * n + j] = i == j ? 1.0 : 0.0;
  }
  for (int64_t step = k - 1; step >= 0; step--) {
    a[step * n + step] = 1.0;
    reflect(a + step, n, tau[step], a + step + 1, work, step, m, n - step - 1, n);
    for (int64_t i = step + 1; i < m; i++) a[i * n + step] *= -tau[step];
    a[step * n + step] = 1.0 - tau[step];
    for (int64_t i = 0; i < step; i++) a[i * n + step] = 0.0;
  }
}

}  // namespace

void kernel_luFactor(Call& c) {
  const int64_t batch = c.ints[0], m = c.ints[1], n = c.ints[2], steps = m < n ? m : n;
  if (!isDouble(c, 0) || !isWord(c, 1) || !isWord(c, 2)) return;
  if (!c.need(0, batch * m * n) || !c.need(1, batch * steps) || !c.need(2, batch)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* pivots = static_cast<int32_t*>(c.x[1].data);
  auto* info = static_cast<int32_t*>(c.x[2].data);
  for (int64_t b = 0; b < batch; b++) info[b] = luOne(a + b * m * n, pivots + b * steps, m, n);
}

void kernel_choleskyFactor(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1];
  if (!isDouble(c, 0) || !isWord(c, 1) || !c.need(0, batch * n * n) || !c.need(1, batch)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* info = static_cast<int32_t*>(c.x[1].data);
  for (int64_t b = 0; b < batch; b++) info[b] = choleskyOne(a + b * n * n, n);
}

void kernel_triangularSolve(Call& c) {
  const int64_t batch = c.ints[0], m = c.ints[1], n = c.ints[2];
  if (!isDouble(c, 0) || !isDouble(c, 1) || !c.need(0, batch * m * n) || !c.need(1, batch * m * m)) return;
  auto* b = static_cast<double*>(c.x[0].data);
  const auto* a = static_cast<const double*>(c.x[1].data);
  for (int64_t i = 0; i < batch; i++) {
    triangularOne(b + i * m * n, a + i * m * m, m, n, c.ints[3] != 0, c.ints[4] != 0, c.ints[5] != 0);
  }
}

void kernel_qrFactor(Call& c) {
  const int64_t batch = c.ints[0], m = c.ints[1], n = c.ints[2], steps = m < n ? m : n;
  if (!isDouble(c, 0) || !isDouble(c, 1) || !isDouble(c, 2)) return;
  if (!c.need(0, batch * m * n) || !c.need(1, batch * steps) || !c.need(2, n)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* tau = static_cast<double*>(c.x[1].data);
  auto* work = static_cast<double*>(c.x[2].data);
  for (int64_t b = 0; b < batch; b++) qrOne(a + b * m * n, tau + b * steps, work, m, n);
}

void kernel_householderProduct(Call& c) {
  const int64_t batch = c.ints[0], m = c.ints[1], n = c.ints[2], k = c.ints[3];
  if (!isDouble(c, 0) || !isDouble(c, 1) || !isDouble(c, 2)) return;
  if (n > m || k > n) return c.badSize(2);
  if (!c.need(0, batch * m * n) || !c.need(1, batch * k) || !c.need(2, n)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  const auto* tau = static_cast<const double*>(c.x[1].data);
  auto* work = static_cast<double*>(c.x[2].data);
  for (int64_t b = 0; b < batch; b++) householderOne(a + b * m * n, tau + b * k, work, m, n, k);
}

}  // namespace NG_ISA
}  // namespace ng
