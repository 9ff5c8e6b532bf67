// Loops over rows of float64 that the decompositions share.
#pragma once

#include <math.h>

#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

inline double magnitude(double x) { return x < 0.0 ? -x : x; }
inline double squareRoot(double x) { return ::sqrt(x); }

inline bool isDouble(Call& c, int i) {
  if (c.x[i].dtype == kFloat64) return true;
  c.badDType(i);
  return false;
}

/** Pivots and the like are int32. */
inline bool isWord(Call& c, int i) {
  if (c.x[i].dtype == kInt32) return true;
  c.badDType(i);
  return false;
}

inline void addScaled(double* y, const double* x, double factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += factor * x[i];
}

inline void scale(double* x, double factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

/** Σ x · y by four sums, in the order that the WebAssembly lanes have, so that both backends give the same bits. */
inline double dot(const double* x, const double* y, int64_t n) {
  double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    a += x[i] * y[i];
    b += x[i + 1] * y[i + 1];
    c += x[i + 2] * y[i + 2];
    d += x[i + 3] * y[i + 3];
  }
  double sum = (a + c) + (b + d);
  for (; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/** √(x² + y²) without overflow. */
inline double length(double x, double y) {
  x = magnitude(x);
  y = magnitude(y);
  const double large = x > y ? x : y, small = x > y ? y : x;
  if (large == 0.0) return 0.0;
  const double ratio = small / large;
  return large * squareRoot(1.0 + ratio * ratio);
}

inline void swapRows(double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const double t = x[i];
    x[i] = y[i];
    y[i] = t;
  }
}

/**
 * x = (I - tau · v · vᵀ) · x on rows begin … end: v is a column (stride `vStride`), x has `width` columns (stride
 * `xStride`). Both are given at row 0. work: width.
 */
inline void reflect(const double* v, int64_t vStride, double tau, double* x, double* work, int64_t begin, int64_t end,
                    int64_t width, int64_t xStride) {
  if (tau == 0.0 || width <= 0) return;
  for (int64_t j = 0; j < width; j++) work[j] = 0.0;
  for (int64_t i = begin; i < end; i++) addScaled(work, x + i * xStride, v[i * vStride], width);
  for (int64_t i = begin; i < end; i++) addScaled(x + i * xStride, work, -tau * v[i * vStride], width);
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
