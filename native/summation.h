// Sums of contiguous rows: floats in short chains by many lanes, the chains' sums pairwise; integers wrap.
#pragma once

#include "arithmetic.h"
#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

constexpr int kLevels = 48;
/** Vectors a chain adds one after the other. */
constexpr int64_t kChain = 8;
/** A row longer than two segments is summed segment by segment, maybe by several threads. */
constexpr int64_t kSegment = 32768;
/** Segments of one row, at most; longer rows have longer segments. */
constexpr int64_t kSegments = 1024;

inline int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }

/** Adds values pairwise as they come: level i holds the sum of 2ⁱ of them. */
template <class V>
struct Cascade {
  V level[kLevels];
  uint64_t count = 0;
  void push(V value) {
    int i = 0;
    for (uint64_t n = count; n & 1; n >>= 1) value = plus(level[i++], value);
    level[i] = value;
    count++;
  }
  /** What was pushed, and `start`. */
  V total(V start) const {
    int i = 0;
    for (uint64_t n = count; n != 0; n >>= 1, i++) {
      if (n & 1) start = plus(level[i], start);
    }
    return start;
  }
};

template <class T>
T segmentSum(const T* x, int64_t n) {
  typedef typename VectorOf<T>::type V;
  constexpr int64_t W = VectorOf<T>::lanes, kGroup = 4 * W * kChain;
  Cascade<V> cascade;
  int64_t i = 0;
  for (; i + kGroup <= n; i += kGroup) {
    V a = load(x + i), b = load(x + i + W), c = load(x + i + 2 * W), d = load(x + i + 3 * W);
    for (int64_t j = i + 4 * W; j < i + kGroup; j += 4 * W) {
      a = a + load(x + j);
      b = b + load(x + j + W);
      c = c + load(x + j + 2 * W);
      d = d + load(x + j + 3 * W);
    }
    cascade.push((a + b) + (c + d));
  }
  V a(T(0)), b(T(0));
  for (; i + 2 * W <= n; i += 2 * W) {
    a = a + load(x + i);
    b = b + load(x + i + W);
  }
  if (i + W <= n) {
    a = a + load(x + i);
    i += W;
  }
  if (i < n) b = b + load(x + i, lanesOf(x, n - i));
  return reduceAdd(cascade.total(a + b));
}

template <class T>
inline T wrappingSum(const T* x, int64_t n) {
  typename Wrapping<T>::type sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<typename Wrapping<T>::type>(x[i]);
  return static_cast<T>(sum);
}
inline int64_t segmentSum(const int64_t* x, int64_t n) { return wrappingSum(x, n); }
inline int32_t segmentSum(const int32_t* x, int64_t n) { return wrappingSum(x, n); }

/** How a row is cut: into `count` segments of `length`, the last maybe shorter. */
struct Cut {
  int64_t count, length;
};
inline Cut cutRow(int64_t n) {
  if (n <= 2 * kSegment) return {1, n};
  const int64_t length = (n + kSegments - 1) / kSegments;
  const int64_t whole = length <= kSegment ? kSegment : (length + kSegment - 1) / kSegment * kSegment;
  return {(n + whole - 1) / whole, whole};
}

template <class T>
T rowSum(const T* x, int64_t n) {
  const Cut cut = cutRow(n);
  if (cut.count == 1) return segmentSum(x, n);
  Cascade<T> cascade;
  for (int64_t i = 0; i < n; i += cut.length) cascade.push(segmentSum(x + i, least(cut.length, n - i)));
  return cascade.total(T(0));
}

}  // namespace NG_ISA
}  // namespace ng
