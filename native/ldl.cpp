// Symmetric indefinite matrices, in float64: A = L · D · Lᵀ by the pivots of Bunch and Kaufman, D in blocks of one or
// two rows, and the solution with it. As LAPACK's sytrf and sytrs of the lower triangle; columns are kept as rows.
#include "kernel.h"
#include "linear.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Element (i, j), i ≥ j, of the lower triangle. */
struct Triangle {
  double* a;
  int64_t n;
  double& at(int64_t i, int64_t j) const { return a[j * n + i]; }
  double* column(int64_t j) const { return a + j * n; }
};

/** Where the largest of count numbers is, `step` apart. */
int64_t largest(const double* x, int64_t step, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; i++) {
    if (magnitude(x[i * step]) > magnitude(x[best * step])) best = i;
  }
  return best;
}

/** Exchanges rows and columns i < j of what is left from column i on. */
void exchange(const Triangle& t, int64_t i, int64_t j) {
  swapRows(t.column(i) + j + 1, t.column(j) + j + 1, t.n - j - 1);
  for (int64_t k = i + 1; k < j; k++) swapRows(&t.at(k, i), &t.at(j, k), 1);
  swapRows(&t.at(i, i), &t.at(j, j), 1);
}

/** What step k takes as its pivot: one row (`rows` 1) or two, exchanged with row `with`. */
struct Pivot {
  int64_t with, rows;
};

Pivot choose(const Triangle& t, int64_t k) {
  constexpr double kAlpha = 0.6403882032022076;  // (1 + √17) / 8
  const double diagonal = magnitude(t.at(k, k));
  if (k + 1 >= t.n) return {k, 1};
  const int64_t row = k + 1 + largest(t.column(k) + k + 1, 1, t.n - k - 1);
  const double most = magnitude(t.at(row, k));
  if (diagonal >= kAlpha * most) return {k, 1};
  double mostOfRow = magnitude(t.at(row, k + largest(&t.at(row, k), t.n, row - k)));
  if (row + 1 < t.n) {
    const double below = magnitude(t.at(row + 1 + largest(t.column(row) + row + 1, 1, t.n - row - 1), row));
    if (below > mostOfRow) mostOfRow = below;
  }
  if (diagonal >= kAlpha * most * (most / mostOfRow)) return {k, 1};
  return {row, magnitude(t.at(row, row)) >= kAlpha * mostOfRow ? 1 : 2};
}

/** The factors over a; the pivots as LAPACK writes them: 1-based, negative for a block of two. The first zero pivot or
 * 0. */
int32_t factorOne(const Triangle& t, int32_t* pivots) {
  const int64_t n = t.n;
  int32_t info = 0;
  for (int64_t k = 0; k < n;) {
    const Pivot pivot = choose(t, k);
    double* column = t.column(k);
    if (pivot.rows == 1) {
      pivots[k] = static_cast<int32_t>(pivot.with + 1);
      if (pivot.with != k) exchange(t, k, pivot.with);
      const double diagonal = column[k];
      if (diagonal == 0.0) {
        // Nothing is larger in the column: it is zero from here on.
        if (info == 0) info = static_cast<int32_t>(k + 1);
      } else {
        const double inverse = 1.0 / diagonal;
        for (int64_t j = k + 1; j < n; j++) addScaled(t.column(j) + j, column + j, -inverse * column[j], n - j);
        scale(column + k + 1, inverse, n - k - 1);
      }
      k++;
      continue;
    }
    pivots[k] = pivots[k + 1] = static_cast<int32_t>(-(pivot.with + 1));
    if (pivot.with != k + 1) {
      exchange(t, k + 1, pivot.with);
      swapRows(&t.at(k + 1, k), &t.at(pivot.with, k), 1);
    }
    double* next = t.column(k + 1);
    const double off = column[k + 1];
    const double d11 = next[k + 1] / off, d22 = column[k] / off;
    const double factor = 1.0 / (d11 * d22 - 1.0) / off;
    for (int64_t j = k + 2; j < n; j++) {
      const double x = factor * (d11 * column[j] - next[j]), y = factor * (d22 * next[j] - column[j]);
      addScaled(t.column(j) + j, column + j, -x, n - j);
      addScaled(t.column(j) + j, next + j, -y, n - j);
      column[j] = x;
      next[j] = y;
    }
    k += 2;
  }
  for (int64_t j = 1; j < n; j++) {
    for (int64_t i = 0; i < j; i++) t.at(i, j) = 0.0;
  }
  return info;
}

/** Solves for the rows of b [n, m]. The pivots are within 1 … n, and two of a block alike. */
void solveOne(const Triangle& t, const int32_t* pivots, double* b, int64_t m) {
  const int64_t n = t.n;
  for (int64_t k = 0; k < n;) {
    const bool pair = pivots[k] < 0;
    const int64_t with = (pair ? -pivots[k] : pivots[k]) - 1, last = pair ? k + 1 : k;
    if (with != last) swapRows(b + last * m, b + with * m, m);
    for (int64_t i = last + 1; i < n; i++) {
      addScaled(b + i * m, b + k * m, -t.at(i, k), m);
      if (pair) addScaled(b + i * m, b + last * m, -t.at(i, last), m);
    }
    if (pair) {
      const double off = t.at(k + 1, k), upper = t.at(k, k) / off, lower = t.at(k + 1, k + 1) / off;
      const double denominator = upper * lower - 1.0;
      for (int64_t j = 0; j < m; j++) {
        const double x = b[k * m + j] / off, y = b[last * m + j] / off;
        b[k * m + j] = (lower * x - y) / denominator;
        b[last * m + j] = (upper * y - x) / denominator;
      }
    } else {
      const double diagonal = t.at(k, k);
      for (int64_t j = 0; j < m; j++) b[k * m + j] /= diagonal;
    }
    k = last + 1;
  }
  for (int64_t last = n - 1; last >= 0;) {
    const bool pair = pivots[last] < 0;
    const int64_t with = (pair ? -pivots[last] : pivots[last]) - 1, k = pair ? last - 1 : last;
    for (int64_t i = last + 1; i < n; i++) {
      addScaled(b + k * m, b + i * m, -t.at(i, k), m);
      if (pair) addScaled(b + last * m, b + i * m, -t.at(i, last), m);
    }
    if (with != last) swapRows(b + last * m, b + with * m, m);
    last = k - 1;
  }
}

/** Whether every pivot is a row not above its own, and negative ones come in equal pairs. The first bad one, or -1. */
int64_t badPivot(const int32_t* pivots, int64_t n) {
  for (int64_t k = 0; k < n; k++) {
    const int64_t row = pivots[k] < 0 ? -static_cast<int64_t>(pivots[k]) : pivots[k];
    if (row < 1 || row > n) return k;
    if (pivots[k] > 0) continue;
    if (k + 1 >= n || pivots[k + 1] != pivots[k]) return k;
    k++;
  }
  return -1;
}

}  // namespace

void kernel_ldlFactor(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1];
  if (!isDouble(c, 0) || !isWord(c, 1) || !isWord(c, 2) || !c.need(0, batch * n * n) || !c.need(1, batch * n) ||
      !c.need(2, batch))
    return;
  auto* a = static_cast<double*>(c.x[0].data);
  auto* pivots = static_cast<int32_t*>(c.x[1].data);
  auto* info = static_cast<int32_t*>(c.x[2].data);
  for (int64_t b = 0; b < batch; b++) info[b] = factorOne({a + b * n * n, n}, pivots + b * n);
}

void kernel_ldlSolve(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1], m = c.ints[2];
  if (!isDouble(c, 0) || !isDouble(c, 1) || !isWord(c, 2)) return;
  if (!c.need(0, batch * n * m) || !c.need(1, batch * n * n) || !c.need(2, batch * n)) return;
  auto* b = static_cast<double*>(c.x[0].data);
  auto* a = static_cast<double*>(c.x[1].data);
  const auto* pivots = static_cast<const int32_t*>(c.x[2].data);
  for (int64_t i = 0; i < batch; i++, pivots += n) {
    const int64_t bad = badPivot(pivots, n);
    if (bad >= 0) return c.fail(1, pivots[bad], static_cast<int32_t>(n));
    solveOne({a + i * n * n, n}, pivots, b + i * n * m, m);
  }
}

}  // namespace NG_ISA
}  // namespace ng
