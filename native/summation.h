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

// Unrolled, the loop would be reordered, and memory is fastest read from front to back.
#if defined(__clang__)
#define NG_ROLLED _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__)
#define NG_ROLLED _Pragma("GCC unroll 1")
#else
#define NG_ROLLED
#endif

/** What is added before a cascade comes in: four chains. */
template <class T>
constexpr int64_t kGroup = 4 * VectorOf<T>::lanes * kChain;

template <class T>
inline typename VectorOf<T>::type groupSum(const T* x) {
  typedef typename VectorOf<T>::type V;
  constexpr int64_t W = VectorOf<T>::lanes;
  V a = load(x), b = load(x + W), c = load(x + 2 * W), d = load(x + 3 * W);
  NG_ROLLED
  for (int64_t j = 4 * W; j < kGroup<T>; j += 4 * W) {
    a = a + load(x + j);
    b = b + load(x + j + W);
    c = c + load(x + j + 2 * W);
    d = d + load(x + j + 3 * W);
  }
  return (a + b) + (c + d);
}

template <class T>
T segmentSum(const T* x, int64_t n) {
  typedef typename VectorOf<T>::type V;
  constexpr int64_t W = VectorOf<T>::lanes;
  Cascade<V> cascade;
  int64_t i = 0;
  for (; i + kGroup<T> <= n; i += kGroup<T>) cascade.push(groupSum(x + i));
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

/** Segments that are read side by side: memory answers several streams faster than one. */
constexpr int64_t kStreams = 2;

/** The segmentSum of each of kStreams segments, which are whole groups, one after the other in x. */
template <class T>
void streamSums(T* out, const T* x, int64_t length) {
  typedef typename VectorOf<T>::type V;
  Cascade<V> cascade[kStreams];
  for (int64_t i = 0; i < length; i += kGroup<T>) {
    for (int64_t s = 0; s < kStreams; s++) cascade[s].push(groupSum(x + s * length + i));
  }
  for (int64_t s = 0; s < kStreams; s++) out[s] = reduceAdd(cascade[s].total(V(T(0))));
}
template <class T>
inline void wrappingSums(T* out, const T* x, int64_t length) {
  for (int64_t s = 0; s < kStreams; s++) out[s] = wrappingSum(x + s * length, length);
}
inline void streamSums(int64_t* out, const int64_t* x, int64_t length) { wrappingSums(out, x, length); }
inline void streamSums(int32_t* out, const int32_t* x, int64_t length) { wrappingSums(out, x, length); }

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

/** The sums of segments [begin, end) of a row of n. */
template <class T>
void segmentSums(T* out, const T* x, int64_t n, int64_t length, int64_t begin, int64_t end) {
  static_assert(kSegment % kGroup<float> == 0 && kSegment % kGroup<double> == 0, "a segment is whole groups");
  int64_t s = begin;
  for (; s + kStreams <= end && (s + kStreams) * length <= n; s += kStreams) {
    streamSums(out + s - begin, x + s * length, length);
  }
  for (; s < end; s++) out[s - begin] = segmentSum(x + s * length, least(length, n - s * length));
}

template <class T>
T rowSum(const T* x, int64_t n) {
  const Cut cut = cutRow(n);
  if (cut.count == 1) return segmentSum(x, n);
  T parts[kSegments];
  segmentSums(parts, x, n, cut.length, 0, cut.count);
  Cascade<T> cascade;
  for (int64_t s = 0; s < cut.count; s++) cascade.push(parts[s]);
  return cascade.total(T(0));
}

}  // namespace NG_ISA
}  // namespace ng
