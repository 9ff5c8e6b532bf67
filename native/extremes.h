// The largest and smallest of rows and of columns. NaN beats every number; of equal elements the first counts.
#pragma once

#include "arithmetic.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Max {
  template <class T>
  static inline bool beats(T x, T y) {
    return x > y;
  }
  static inline F32 apply(F32 x, F32 y) { return max(x, y); }
};
struct Min {
  template <class T>
  static inline bool beats(T x, T y) {
    return x < y;
  }
  static inline F32 apply(F32 x, F32 y) { return min(x, y); }
};

template <class T>
inline bool isNaN(T x) {
  return x != x;
}

/** Whether x takes the place of y: NaN takes that of a number. */
template <class Op, class T>
inline bool replaces(T x, T y) {
  return Op::beats(x, y) || (isNaN(x) && !isNaN(y));
}

/** The extreme value of n ≥ 1 elements. */
template <class Op, class T>
inline T extreme(const T* x, int64_t n) {
  T best = x[0];
  for (int64_t i = 1; i < n; i++) best = replaces<Op>(x[i], best) ? x[i] : best;
  return best;
}

template <class Op>
inline float extreme(const float* x, int64_t n) {
  if (n < 2 * kLanes) return extreme<Op, float>(x, n);
  F32 best = load(x), second = load(x + kLanes);
  M32 nan = isNan(best) | isNan(second);
  int64_t i = 2 * kLanes;
  F32 third = best, fourth = second;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    const F32 a = load(x + i), b = load(x + i + kLanes), c = load(x + i + 2 * kLanes), d = load(x + i + 3 * kLanes);
    nan = nan | unordered(a, b) | unordered(c, d);
    best = Op::apply(best, a);
    second = Op::apply(second, b);
    third = Op::apply(third, c);
    fourth = Op::apply(fourth, d);
  }
  best = Op::apply(best, third);
  second = Op::apply(second, fourth);
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const F32 a = load(x + i), b = load(x + i + kLanes);
    nan = nan | unordered(a, b);
    best = Op::apply(best, a);
    second = Op::apply(second, b);
  }
  // The last vectors overlap what was seen: no harm to an extreme.
  const F32 a = load(x + n - kLanes), b = load(x + n - 2 * kLanes);
  nan = nan | unordered(a, b);
  best = Op::apply(Op::apply(best, a), Op::apply(second, b));
  if (any(nan)) {
    for (i = 0; !isNaN(x[i]); i++) {
    }
    return x[i];
  }
  float lanes[kLanes];
  store(lanes, best);
  return extreme<Op, float>(lanes, kLanes);
}

/** The first index of a value that is among the elements. */
template <class T>
inline int64_t firstOf(const T* x, int64_t, T value, int64_t i = 0) {
  if (isNaN(value)) {
    while (!isNaN(x[i])) i++;
  } else {
    while (x[i] != value) i++;
  }
  return i;
}

inline int64_t firstOf(const float* x, int64_t n, float value) {
  const F32 wanted(value);
  int64_t i = 0;
  if (isNaN(value)) {
    for (; i + kLanes <= n && !any(isNan(load(x + i))); i += kLanes) {
    }
  } else {
    for (; i + kLanes <= n && !any(load(x + i) == wanted); i += kLanes) {
    }
  }
  return firstOf<float>(x, n, value, i);
}

/** Columns at a time, at most. */
constexpr int64_t kTile = 64;

/** The extremes alone of columns 0 … width - 1 of one [n, inner]. */
template <class Op, class T>
void columnValues(const T* x, int64_t n, int64_t inner, int64_t width, T* values) {
  T best[kTile];
  for (int64_t i = 0; i < width; i++) best[i] = x[i];
  for (int64_t j = 1; j < n; j++) {
    const T* row = x + j * inner;
    for (int64_t i = 0; i < width; i++) best[i] = replaces<Op>(row[i], best[i]) ? row[i] : best[i];
  }
  for (int64_t i = 0; i < width; i++) values[i] = best[i];
}

template <class Op>
void columnValues(const float* x, int64_t n, int64_t inner, int64_t width, float* values) {
  int64_t i = 0;
  for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
    F32 best = load(x + i), second = load(x + i + kLanes);
    for (int64_t j = 1; j < n; j++) {
      const F32 a = load(x + j * inner + i), b = load(x + j * inner + i + kLanes);
      // A NaN stays: the first operand is kept only if it wins.
      best = select(isNan(best), best, select(isNan(a), a, Op::apply(a, best)));
      second = select(isNan(second), second, select(isNan(b), b, Op::apply(b, second)));
    }
    store(values + i, best);
    store(values + i + kLanes, second);
  }
  if (i < width) columnValues<Op, float>(x + i, n, inner, width - i, values + i);
}

/** Columns 0 … width - 1 of one [n, inner], and where the extremes stand. */
template <class Op, class T>
void columns(const T* x, int64_t n, int64_t inner, int64_t width, T* values, int64_t* indices) {
  T best[kTile];
  int32_t at[kTile];
  for (int64_t i = 0; i < width; i++) {
    best[i] = x[i];
    at[i] = 0;
  }
  for (int64_t j = 1; j < n; j++) {
    const T* row = x + j * inner;
    for (int64_t i = 0; i < width; i++) {
      const bool take = replaces<Op>(row[i], best[i]);
      best[i] = take ? row[i] : best[i];
      at[i] = take ? static_cast<int32_t>(j) : at[i];
    }
  }
  for (int64_t i = 0; i < width && values; i++) values[i] = best[i];
  for (int64_t i = 0; i < width; i++) indices[i] = at[i];
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
