// Eigenvalues of symmetric matrices and singular values, in float64. Vectors are kept as rows while they are rotated,
// so that every inner loop runs along memory.
#include "kernel.h"
#include "linear.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Rows of the largest matrix: it would have 8 GiB. */
constexpr int64_t kLargest = 32768;
constexpr double kEpsilon = 2.220446049250313e-16;

/** (x, y) becomes (c · x - s · y, s · x + c · y), row by row. */
void rotate(double* x, double* y, double c, double s, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const double a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/**
 * Householder's reduction of a symmetric matrix to diagonal d and off-diagonal e. a becomes the rows of Qᵀ.
 * work: 2 n.
 */
void tridiagonalize(double* a, double* d, double* e, double* work, int64_t n) {
  double* p = work;
  double* taus = work + n;
  for (int64_t k = 0; k + 1 < n; k++) {
    double* v = a + k * n;  // row k, from column k + 1 on
    d[k] = v[k];
    const double alpha = v[k + 1];
    double square = 0.0;
    for (int64_t j = k + 2; j < n; j++) square += v[j] * v[j];
    if (square == 0.0) {
      e[k] = alpha;
      taus[k] = 0.0;
      continue;
    }
    const double norm = squareRoot(alpha * alpha + square);
    const double beta = alpha >= 0.0 ? -norm : norm;
    const double tau = (beta - alpha) / beta;
    const double inverse = 1.0 / (alpha - beta);
    for (int64_t j = k + 2; j < n; j++) v[j] *= inverse;
    v[k + 1] = 1.0;
    const int64_t from = k + 1, width = n - from;
    for (int64_t i = from; i < n; i++) p[i] = tau * dot(a + i * n + from, v + from, width);
    addScaled(p + from, v + from, -0.5 * tau * dot(p + from, v + from, width), width);
    for (int64_t i = from; i < n; i++) {
      addScaled(a + i * n + from, p + from, -v[i], width);
      addScaled(a + i * n + from, v + from, -p[i], width);
    }
    e[k] = beta;
    taus[k] = tau;
  }
  d[n - 1] = a[n * n - 1];
  // Q = H₀ · H₁ ⋯, gathered from the last reflection back; rows k + 1 … hold what is done.
  a[n * n - 1] = 1.0;
  for (int64_t k = n - 1; k-- > 0;) {
    const double tau = taus[k];
    const double* v = a + k * n;
    reflect(v, 1, tau, a + k + 1, p, k + 1, n, n - k - 1, n);
    double* row = a + k * n;
    for (int64_t j = k + 1; j < n; j++) row[j] = 0.0;
    row[k] = 1.0;
    for (int64_t i = k + 1; i < n; i++) a[i * n + k] = 0.0;
  }
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < i; j++) {
      const double t = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = t;
    }
  }
}

/** Implicit QL on a tridiagonal matrix; z's rows are rotated along. False where it does not converge. */
bool diagonalize(double* z, double* d, double* e, int64_t n) {
  for (int64_t low = 0; low < n; low++) {
    for (int rounds = 0;; rounds++) {
      int64_t high = low;
      while (high + 1 < n && magnitude(e[high]) > kEpsilon * (magnitude(d[high]) + magnitude(d[high + 1]))) high++;
      if (high == low) break;
      if (rounds == 60) return false;
      double g = (d[low + 1] - d[low]) / (2.0 * e[low]);
      double r = squareRoot(g * g + 1.0);
      g = d[high] - d[low] + e[low] / (g + (g >= 0.0 ? r : -r));
      double s = 1.0, c = 1.0, shift = 0.0;
      int64_t i = high - 1;
      for (; i >= low; i--) {
        const double f = s * e[i], b = c * e[i];
        r = length(f, g);
        e[i + 1] = r;
        if (r == 0.0) {
          d[i + 1] -= shift;
          e[high] = 0.0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        r = (d[i] - g) * s + 2.0 * c * b;
        shift = s * r;
        d[i + 1] = g + shift;
        g = c * r - b;
        rotate(z + i * n, z + (i + 1) * n, c, s, n);
      }
      if (i >= low) continue;
      d[low] -= shift;
      e[low] = g;
      e[high] = 0.0;
    }
  }
  return true;
}

/** Puts d in rising (or falling) order, and the rows of z and w with it. */
void sortRows(double* d, double* z, int64_t zWidth, double* w, int64_t wWidth, int64_t n, bool falling) {
  for (int64_t i = 0; i + 1 < n; i++) {
    int64_t best = i;
    for (int64_t j = i + 1; j < n; j++) {
      if (falling ? d[j] > d[best] : d[j] < d[best]) best = j;
    }
    if (best == i) continue;
    const double t = d[i];
    d[i] = d[best];
    d[best] = t;
    swapRows(z + i * zWidth, z + best * zWidth, zWidth);
    if (w != nullptr) swapRows(w + i * wWidth, w + best * wWidth, wWidth);
  }
}

/** Turns the rows of x (n of length m) so that each is orthogonal to the others; v's rows turn along. */
bool orthogonalize(double* x, double* v, int64_t m, int64_t n) {
  for (int sweep = 0; sweep < 60; sweep++) {
    bool turned = false;
    for (int64_t p = 0; p + 1 < n; p++) {
      for (int64_t q = p + 1; q < n; q++) {
        double* a = x + p * m;
        double* b = x + q * m;
        const double aa = dot(a, a, m), bb = dot(b, b, m), ab = dot(a, b, m);
        if (ab == 0.0 || magnitude(ab) <= 4.0 * kEpsilon * squareRoot(aa) * squareRoot(bb)) continue;
        turned = true;
        const double zeta = (bb - aa) / (2.0 * ab);
        const double t = (zeta >= 0.0 ? 1.0 : -1.0) / (magnitude(zeta) + squareRoot(1.0 + zeta * zeta));
        const double c = 1.0 / squareRoot(1.0 + t * t), s = c * t;
        rotate(a, b, c, s, m);
        rotate(v + p * n, v + q * n, c, s, n);
      }
    }
    if (!turned) return true;
  }
  return false;
}

/** Makes row `i` of u a unit vector orthogonal to the rows before it. */
void completeRow(double* u, int64_t i, int64_t m) {
  double* row = u + i * m;
  for (int64_t axis = 0; axis < m; axis++) {
    for (int64_t j = 0; j < m; j++) row[j] = j == axis ? 1.0 : 0.0;
    for (int pass = 0; pass < 2; pass++) {
      for (int64_t k = 0; k < i; k++) addScaled(row, u + k * m, -dot(row, u + k * m, m), m);
    }
    const double norm = squareRoot(dot(row, row, m));
    if (norm * norm * static_cast<double>(m) < 0.5 * static_cast<double>(m - i)) continue;
    scale(row, 1.0 / norm, m);
    return;
  }
}

}  // namespace

void kernel_symmetricEigen(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1];
  if (n < 0 || n > kLargest) return c.badSize(1);
  for (int i = 0; i < 3; i++) {
    if (!isDouble(c, i)) return;
  }
  if (!c.need(0, batch * n * n) || !c.need(1, batch * n) || !c.need(2, 3 * n)) return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* d = static_cast<double*>(c.x[1].data);
  auto* e = static_cast<double*>(c.x[2].data);
  for (int64_t b = 0; b < batch && n > 0; b++, a += n * n, d += n) {
    e[n - 1] = 0.0;
    tridiagonalize(a, d, e, e + n, n);
    if (!diagonalize(a, d, e, n)) return c.fail(3, b, static_cast<int32_t>(batch));
    sortRows(d, a, n, nullptr, 0, n, false);
  }
}

void kernel_svdFactor(Call& c) {
  const int64_t batch = c.ints[0], m = c.ints[1], n = c.ints[2], rows = c.ints[3];
  for (int i = 0; i < 3; i++) {
    if (!isDouble(c, i)) return;
  }
  if (n < 0 || n > m || rows < n || rows > m || m > kLargest) return c.badSize(3);
  if (!c.need(0, batch * rows * m) || !c.need(1, batch * n) || !c.need(2, batch * n * n)) return;
  auto* x = static_cast<double*>(c.x[0].data);
  auto* s = static_cast<double*>(c.x[1].data);
  auto* v = static_cast<double*>(c.x[2].data);
  for (int64_t b = 0; b < batch; b++, x += rows * m, s += n, v += n * n) {
    for (int64_t i = 0; i < n * n; i++) v[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    if (!orthogonalize(x, v, m, n)) return c.fail(3, b, static_cast<int32_t>(batch));
    for (int64_t i = 0; i < n; i++) s[i] = squareRoot(dot(x + i * m, x + i * m, m));
    sortRows(s, x, m, v, n, n, true);
    const double least = n > 0 ? s[0] * kEpsilon * static_cast<double>(m) : 0.0;
    for (int64_t i = 0; i < rows; i++) {
      if (i < n && s[i] > least)
        scale(x + i * m, 1.0 / s[i], m);
      else
        completeRow(x, i, m);
    }
  }
}

}  // namespace NG_ISA
}  // namespace ng
